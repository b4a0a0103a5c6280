/** JSON documents as answers: what was asked for, or what is wrong (RFC 9457). */
import { codeOf } from "../../core/codes.ts"
import type { TransportError } from "../../core/errors.ts"
import type { Headers, HttpResponse } from "../../core/http.ts"
import { type Finding, isError, plainFields } from "../../core/lint/mod.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import { internalError } from "../hono/refusal.ts"
import type { Refused } from "../policy/call.ts"
import { againSeconds, isProblemName, problemKinds, type ProblemName } from "./problems.ts"

export const json = (status: number, value: unknown, headers: Headers = []): HttpResponse =>
  textAnswer(status, "application/json", JSON.stringify(value), [...fresh(headers), ...headers])

export interface Problem {
  readonly kind: ProblemName
  /** What it is this time. */
  readonly detail?: string
  /** Instead of its kind's. */
  readonly status?: number
  /** COS's, where it has one. */
  readonly code?: string
  readonly findings?: ReadonlyArray<Finding>
  readonly requestId?: string
  readonly cosRequestId?: string
  readonly traceId?: string
}

export const problemAnswer = (
  { kind, detail, status, code, findings, ...ids }: Problem,
  headers: Headers = [],
): HttpResponse => {
  const { status: usual, title, about } = problemKinds[kind]
  const body = {
    type: `/docs#${kind}`,
    title,
    status: status ?? usual,
    detail: detail ?? about,
    code: code ?? kind,
    ...ids,
    ...(findings === undefined ? {} : firstOf(findings)),
  }
  // RFC 6750, 3.1
  const own: Headers = body.status === 401
    ? [["WWW-Authenticate", kind === "token-unknown" ? 'Bearer error="invalid_token"' : "Bearer"]]
    : []
  return textAnswer(body.status, "application/problem+json", JSON.stringify(body), [...never, ...own, ...headers])
}

/** A body of many faults would have an answer of many times its size: the worst of them will do. */
export const firstOf = (findings: ReadonlyArray<Finding>) => {
  if (findings.length <= maxFindings) return { findings: findings.map(plainFields) }
  const worst = [...findings.filter(isError), ...findings.filter((finding) => !isError(finding))]
  return { findings: worst.slice(0, maxFindings).map(plainFields), more: findings.length - maxFindings }
}
/** This project's own: as many as anybody mends before asking again. */
const maxFindings = 100

/** What the proxy itself refuses, or what kept it from asking COS. */
export const problem = (
  refusal: Refusal,
  error?: Refused,
  failure?: TransportError,
  told?: { readonly callId: string },
): HttpResponse => {
  const said: Problem = error === undefined ? { kind: lostBy(refusal, failure) } : saidOf(refusal, error)
  const retry = error?.retryAfterSeconds ?? (problemKinds[said.kind].status === 503 ? againSeconds : undefined)
  return problemAnswer(
    {
      ...said,
      ...(told === undefined ? {} : { requestId: told.callId }),
      ...(error?.findings === undefined ? {} : { findings: error.findings }),
    },
    retry === undefined ? [] : [["Retry-After", String(retry)]],
  )
}

const saidOf = ({ code, message }: Refusal, { outcome }: Refused): Problem => {
  if (isProblemName(code)) return { kind: code, detail: message }
  return outcome === "invalid"
    ? { kind: "request-invalid", status: codeOf(code, 400).status, code, detail: message }
    : { kind: outcome, code, detail: `${message} ${problemKinds[outcome].about}` }
}

/** An answer that is none of COS's is told apart from none at all. */
const lostBy = (refusal: Refusal, failure: TransportError | undefined): ProblemName => {
  if (refusal === internalError) return "proxy-failed"
  if (refusal.code === "InternalError") return "proxy-misconfigured"
  if (failure?.kind === "timeout") return "cos-timeout"
  if (failure?.kind === "other" || failure?.kind === "too-large") return "cos-unexpected"
  return failure?.sent === "maybe" ? "cos-unanswered" : "cos-unreachable"
}

export const textAnswer = (status: number, type: string, text: string, own: Headers): HttpResponse => {
  const body = new TextEncoder().encode(text)
  return { status, headers: [["Content-Type", type], ["Content-Length", String(body.byteLength)], ...own], body }
}

/** What has an ETag may be kept by the caller, who asks with it; nothing else is kept by anybody. */
const fresh = (headers: Headers): Headers =>
  headers.some(([name]) => name === "ETag") ? [["Cache-Control", "private, no-cache"]] : never
const never: Headers = [["Cache-Control", "no-store"]]
