/** A failure as a short paragraph: what failed, where, why, what to do; or as one JSON object. */
import { codeOf } from "../../core/codes.ts"
import { counted } from "../../core/counted.ts"
import type { CosError, TransportError } from "../../core/errors.ts"
import { type Finding, isError, placeOf } from "../../core/lint/mod.ts"
import { escapeSteering, quotedLine, redactFields, redactValue } from "../../core/redact.ts"
import { documentVersion } from "../../core/wire/document.ts"
import { exitOf } from "../exit.ts"
import type { Failing } from "../failure.ts"
import { bucketsText, severityWords } from "./findings.ts"
import { withAddress } from "./pages.ts"

/** `action` names what was tried, such as `get "list1" from examplebucket-1250000000 (ap-guangzhou)`. */
export const paragraph = (action: string, error: Failing, advice = adviceOf(error)): string =>
  lines(action, error, advice).filter((line) => line !== "").map(quotedLine).join("\n")

export const problemDocument = (action: string, error: Failing, advice?: string): string =>
  spokenDocument({ version: documentVersion, error: problemOf(action, error, advice) })

/** The one object that standard error holds under `-o json`. */
export const spokenDocument = (document: object): string => escapeSteering(JSON.stringify(redactValue(document)))

/** A failure as data without secrets, for a document of its own or for a place in one. */
export const problemOf = (action: string, error: Failing, advice = adviceOf(error)): Record<string, unknown> =>
  redactFields({
    type: error._tag,
    action,
    ...facts(error),
    advice,
    exitCode: exitOf(error),
  })

const lines = (action: string, error: Failing, advice: string): ReadonlyArray<string> => {
  const first = `Cannot ${action}: `
  switch (error._tag) {
    case "InvalidInput": {
      const problems = error.findings.filter(isError)
      const told = toldOf(error.findings)
      return [
        `${first}${problems.length === 1 ? "1 problem" : `${problems.length} problems`}`,
        ...told.slice(0, mostShown).flatMap(findingLines),
        told.length <= mostShown ? "" : `  and ${told.length - mostShown} more`,
      ]
    }
    case "Refusal":
      return [`${first}${error.problem}`, `  fix:    ${error.fix}`]
    case "ConfigError":
      return [`${first}${lowerFirst(error.problem)}`, `  where:  ${error.source}`, `  fix:    ${error.fix}`]
    case "TransportError":
      return [`${first}no answer from ${error.host}`, `  why:    ${error.detail}`, `  fix:    ${advice}`]
    case "UnexpectedAnswer":
      return [
        `${first}${lowerFirst(error.problem)}`,
        `  status: ${error.status}`,
        error.excerpt === "" ? "" : `  answer: ${error.excerpt}`,
        `  fix:    ${advice}`,
        requestLine(error.requestId),
      ]
    case "CosError":
      return [
        `${first}${error.code}`,
        `  why:    ${
          error.serverMessage === "" ? "COS gives no message" : error.serverMessage
        } (status ${error.status})`,
        ...(error.resource === undefined ? [] : [`  where:  ${error.resource}`]),
        ...signatureLines(error),
        `  fix:    ${advice}`,
        requestLine(error.requestId),
      ]
  }
}

/** More than anybody mends in one go; -o json has them all. */
const mostShown = 100

/** What a refusal tells: no notes, and of too many findings first the reason for it. */
const toldOf = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const told = findings.filter(({ severity }) => severity !== "info")
  return told.length <= mostShown ? told : told.toSorted((a, b) => Number(isError(b)) - Number(isError(a)))
}

/** One finding, as `validate` prints it too. */
export const findingText = (finding: Finding): string => findingLines(finding).map(quotedLine).join("\n")

const findingLines = (finding: Finding): ReadonlyArray<string> => {
  const place = placeOf(finding)
  const head = place === "" ? finding.message : `${place}: ${finding.message}`
  return [
    `  ${finding.severity === "error" ? "" : `${severityWords[finding.severity]}: `}${head} [${finding.code}]`,
    finding.found === undefined ? "" : `    found:   ${finding.found === "" ? "nothing" : finding.found}`,
    bucketsText(finding) === undefined ? "" : `    buckets: ${bucketsText(finding)}`,
    `    allowed: ${finding.allowed}`,
    `    fix:     ${finding.fix}`,
    `    source:  ${withAddress(finding.source)}`,
  ].filter((line) => line !== "")
}

const signatureLines = ({ signature, reason }: CosError): ReadonlyArray<string> => {
  const { difference } = signature ?? {}
  if (signature?.serverFormatString === undefined || reason !== "signature") return []
  if (difference === undefined) {
    return ["  signed: both sides signed the same text, so the secret key is not the one of this secret id"]
  }
  return [
    `  signed: line ${difference.line} (${difference.subject}) differs`,
    `    ours:     ${difference.ours ?? "(nothing)"}`,
    `    server's: ${difference.servers ?? "(nothing)"}`,
  ]
}

const requestLine = (requestId: string | undefined): string =>
  requestId === undefined ? "" : `  request id: ${requestId}`

const adviceOf = (error: Failing): string => {
  switch (error._tag) {
    case "InvalidInput":
      return "Correct the problems listed"
    case "ConfigError":
    case "Refusal":
      return error.fix
    case "TransportError":
      return transportAdvice[error.kind] + (error.sent === "maybe" ? "; the request may have arrived" : "")
    case "UnexpectedAnswer":
      return error.reason === "redirect" || error.status < 300
        ? "Check --endpoint: something else than COS answered"
        : codeOf("", error.status).advice
    case "CosError":
      return error.reason === "throttled" && (error.retryAfterSeconds ?? 0) > longWaitSeconds
        ? `Try again in ${durationText(error.retryAfterSeconds!)}: the limit does not end sooner`
        : codeOf(error.code, error.status, error.serverMessage).advice
  }
}

/** What no rate explains: a limit of a day, as that of one-time inventories at a proxy. */
const longWaitSeconds = 60

const durationText = (seconds: number): string =>
  seconds >= 5400 ? counted(Math.ceil(seconds / 3600), "hour") : counted(Math.ceil(seconds / 60), "minute")

/** What a proxy refuses by its own policy, and not COS by the bucket's. */
export const proxyAdvice = (error: Failing): string | undefined =>
  error._tag === "CosError" && error.code === "AccessDenied" && error.reason === "denied"
    ? "Ask whoever runs the proxy: its policy does not know the token, or denies it this; `policy check` explains it"
    : undefined

const transportAdvice: Readonly<Record<TransportError["kind"], string>> = {
  dns: "Check the bucket, the region and the endpoint",
  refused: "Check the endpoint's host and port, and that it is running",
  tls: "Check the endpoint's certificate, or whether it speaks http",
  timeout: "Try again, or give more time with --timeout",
  reset: "Try again",
  cut: "Try again",
  "too-large": "Check --endpoint: COS answers with less",
  other: "Check --endpoint and the network",
}

/** The exit code and the advice of all failures stand beside them, so a refusal's own are left out. */
const facts = (error: Failing): Record<string, unknown> => {
  if (error._tag === "Refusal") {
    return { message: error.problem, ...(error.done === undefined ? {} : { done: error.done }) }
  }
  const { _tag, name: _name, cause: _cause, stack: _stack, ...rest } = error as
    & Failing
    & Record<string, unknown>
  return { message: error.message, ...rest }
}

const lowerFirst = (text: string): string => /^[A-Z][a-z ]/u.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text
