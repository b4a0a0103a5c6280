/** JSON documents as answers: what was asked for, or what is wrong (RFC 9457). */
import { codeOf } from "../../core/codes.ts"
import type { TransportError } from "../../core/errors.ts"
import type { Headers, HttpResponse } from "../../core/http.ts"
import { type Finding, plainFields } from "../../core/lint/mod.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import type { Refused } from "../policy/call.ts"
import { isProblemName, problemKinds, type ProblemName } from "./problems.ts"

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
  readonly traceId?: string
}

export const problemAnswer = (
  { kind, detail, status, code, findings, requestId, traceId }: Problem,
  headers: Headers = [],
): HttpResponse => {
  const { status: usual, title } = problemKinds[kind]
  const body = {
    type: `/docs#${kind}`,
    title,
    status: status ?? usual,
    ...(detail === undefined ? {} : { detail }),
    code: code ?? kind,
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(findings === undefined ? {} : { findings: findings.map(plainFields) }),
  }
  const own: Headers = kind === "unauthenticated" ? [["WWW-Authenticate", "Bearer"]] : []
  return textAnswer(body.status, "application/problem+json", JSON.stringify(body), [...never, ...own, ...headers])
}

/** What the proxy itself refuses, or what kept it from asking COS. */
export const problem = (refusal: Refusal, error?: Refused, failure?: TransportError): HttpResponse => {
  const retry = error?.retryAfterSeconds
  return problemAnswer(
    {
      ...(error === undefined ? { kind: lostBy(refusal, failure) } : saidOf(refusal, error)),
      ...(error?.findings === undefined ? {} : { findings: error.findings }),
    },
    retry === undefined ? [] : [["Retry-After", String(retry)]],
  )
}

const saidOf = ({ code, message }: Refusal, { outcome }: Refused): Problem => {
  if (isProblemName(code)) return { kind: code, detail: message }
  return outcome === "invalid"
    ? { kind: "request-invalid", status: codeOf(code, 400).status, code, detail: message }
    : { kind: outcome, code, detail: message }
}

/** An answer that is none of COS's is told apart from none at all. */
const lostBy = ({ code }: Refusal, failure: TransportError | undefined): ProblemName => {
  if (code === "InternalError") return "proxy-misconfigured"
  if (failure?.kind === "timeout") return "cos-timeout"
  return failure?.kind === "other" || failure?.kind === "too-large" ? "cos-unexpected" : "cos-unreachable"
}

export const textAnswer = (status: number, type: string, text: string, own: Headers): HttpResponse => {
  const body = new TextEncoder().encode(text)
  return { status, headers: [["Content-Type", type], ["Content-Length", String(body.byteLength)], ...own], body }
}

/** What has an ETag may be kept by the caller, who asks with it; nothing else is kept by anybody. */
const fresh = (headers: Headers): Headers =>
  headers.some(([name]) => name === "ETag") ? [["Cache-Control", "private, no-cache"]] : never
const never: Headers = [["Cache-Control", "no-store"]]
