/** The line that a request to a proxy leaves: made of fields that are known, and of nothing else that came. */
import { parseBucket } from "../../core/bucket.ts"
import { isSignatureParameter } from "../../core/signing/mod.ts"
import { quotedLine } from "../../core/redact.ts"
import { readTarget } from "../../core/wire/target.ts"
import { jsonLine, short, textLine } from "../log-line.ts"
import type { Outcome, Shown } from "../policy/call.ts"
import type { Recorded } from "../record.ts"
import { type OperationName, operationName } from "./operation.ts"

export interface ProxyLog {
  /** Takes a line without its end. */
  readonly write: (line: string) => void
  readonly form: "json" | "text"
}

/**
 * Writes a line when the answer is there, or when there will be none.
 *
 * **Details**
 *
 * Secrets stay out by what a field is, not by what it looks like: no header is copied, the target is written anew with
 * the words it is known by (see {@link shapeOf}), and every value is short. A value that a caller chose (bucket, id,
 * `x-request-id`, Host) is in the line as itself, whatever the caller chose for it. The id of a virtual key is no
 * secret: it stands in the policy, which holds none.
 *
 * **Example**
 *
 *     {"time":"2026-11-21T12:00:00.123Z","level":"info","kind":"request","requestId":"ci-7","method":"PUT",...}
 *     12:00:00.123Z writer PutBucketInventory examplebucket-1250000000 ci-daily allowed 200 31ms ci-7
 *     12:00:01.456Z reader DeleteBucketInventory examplebucket-1250000000 list1 denied 403 1ms 8b0c... AccessDenied: no ...
 */
export const proxyLog = ({ write, form }: ProxyLog) => (recorded: Recorded): void => {
  const line = lineOf(recorded)
  write(form === "json" ? jsonLine(line) : textOf(line))
}

/** How a request ended: as far as it got with the policy, or what kept it from a word of the policy's. */
type Ending =
  | Outcome
  /** A client that did not wait. */
  | "left"
  /** A fault of the program's own. */
  | "failed"

export const endingOf = ({ outcome, status, broken }: Recorded): Ending => {
  const told = outcomes.find((known) => known === outcome)
  if (told !== undefined) return told
  if (status === undefined) return broken === "InternalError" ? "failed" : "left"
  return status >= 500 ? "failed" : "invalid"
}
const outcomes: ReadonlyArray<Outcome> = ["allowed", "unauthenticated", "invalid", "denied", "limited"]

/** One request, in the order in which it is written. */
interface Line extends Partial<Shown> {
  readonly time: string
  readonly level: "info" | "warn" | "error"
  readonly kind: "request"
  /** `x-request-id`. */
  readonly requestId: string | undefined
  readonly traceId: string | undefined
  readonly method: string | undefined
  readonly host: string | undefined
  readonly target: string
  readonly operation: OperationName
  readonly principal: string | undefined
  readonly bucket: string | undefined
  readonly id: string | undefined
  readonly outcome: Ending
  readonly code: string | undefined
  readonly why: string | undefined
  readonly status: number | undefined
  /** Of COS's own answer. */
  readonly upstreamStatus: number | undefined
  /** `x-cos-request-id` of the answer: COS's own where there is an `upstreamStatus`, else one of the proxy's. */
  readonly cosRequestId: string | undefined
  readonly millis: number
}

const lineOf = (recorded: Recorded): Line => {
  const { at, method, host, target, principal, shown, bucket, id, code, why, status, upstream, millis } = recorded
  const outcome = endingOf(recorded)
  return {
    time: new Date(at).toISOString(),
    level: levelOf(outcome, status),
    kind: "request",
    requestId: short(recorded.callId),
    traceId: recorded.traceId,
    method: method === "" ? undefined : methods.has(method) ? method : "other",
    host: /^[A-Za-z0-9._:[\]-]{1,255}$/u.test(host) ? host : undefined,
    target: shapeOf(target),
    operation: operationName(recorded.operation),
    principal: short(principal),
    ...shown,
    bucket: short(bucket),
    id: short(id),
    outcome,
    code: short(code),
    why: short(why === undefined ? undefined : quotedLine(why), 300),
    status,
    upstreamStatus: upstream,
    cosRequestId: short(recorded.requestId),
    millis,
  }
}

const levelOf = (outcome: Ending, status: number | undefined): Line["level"] =>
  outcome === "failed" || (status ?? 0) >= 500 && outcome === "allowed"
    ? "error"
    : outcome === "allowed"
    ? "info"
    : "warn"

const methods: ReadonlySet<string> = new Set([
  "GET",
  "PUT",
  "POST",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "CONNECT",
  "TRACE",
])

/**
 * A target by the words it is known by: what else stands in it is a star, once in a row, such as `/v1/buckets/*` or
 * `/examplebucket-1250000000/?inventory&id&*`. Values are left out; those that are known have fields of their own.
 */
const shapeOf = (target: string): string => {
  if (target === "") return ""
  const { path, parameters } = readTarget(target)
  const segments = path.split("/").map((segment) =>
    segment === "" || words.has(segment) || (segment.length <= 64 && parseBucket(segment) !== undefined) ? segment : "*"
  ).filter((segment, at, all) => segment !== "*" || all[at - 1] !== "*")
  const names = new Set(
    parameters.map(([name, value]) =>
      isSignatureParameter(name, value) ? "signature" : knownNames.has(name) ? name : "*"
    ),
  )
  return segments.slice(0, 8).join("/") + (names.size === 0 ? "" : `?${[...names].join("&")}`)
}

const words: ReadonlySet<string> = new Set([
  "v1",
  "buckets",
  "inventories",
  "run",
  "lint",
  "plan",
  "docs",
  "openapi.json",
  "healthz",
  "readyz",
  "metrics",
])
const knownNames: ReadonlySet<string> = new Set(["inventory", "id", "Id", "continuation-token"])

/** What a caller chose stands in quotes where it could be taken for more than one part. */
const textOf = (line: Line): string => {
  const said = [line.code, line.why].filter((part) => part !== undefined).join(": ")
  return textLine([
    line.time.slice(11),
    line.principal,
    line.operation === "other" ? `${line.method}:${line.target}` : line.operation,
    ...[line.bucket, line.id].map(word),
    line.outcome,
    line.status,
    `${line.millis}ms`,
    word(line.requestId),
    ...(said === "" ? [] : [said]),
  ])
}

const word = (text: string | undefined): string | undefined =>
  text === undefined || /^[^\s"]*$/u.test(text) ? text : JSON.stringify(text)
