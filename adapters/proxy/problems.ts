/** Everything that the JSON door says no with: one table, from which answers, OpenAPI and the reference page come. */
import type { Reason } from "../../core/codes.ts"

export interface ProblemKind {
  readonly status: number
  /** The same for every problem of its kind, as RFC 9457 wants it. */
  readonly title: string
  /** When it comes, and what to do. */
  readonly about: string
}

const kind = (status: number, title: string, about: string): ProblemKind => ({ status, title, about })

export const problemKinds = {
  "path-unknown": kind(404, "There is nothing at this path", "The path is none of the table of routes."),
  "method-unknown": kind(405, "The path does not take this method", "`Allow` names the methods that it takes."),
  "request-invalid": kind(
    400,
    "The request cannot be understood",
    "A segment, a parameter or a header is malformed, unknown or repeated; `findings` says which.",
  ),
  "body-type": kind(415, "The body is not sent as application/json", "Send `Content-Type: application/json`."),
  "body-too-large": kind(
    413,
    "The body is too large",
    "A body has at most 1 MiB and 1000 rules, and so many values as they need; `defaults` count with every rule.",
  ),
  "body-unreadable": kind(
    400,
    "The body cannot be read as JSON",
    "It is not UTF-8 or not JSON, a key stands twice, it did not arrive whole, or it is not the body of `Content-MD5`.",
  ),
  "rules-invalid": kind(
    422,
    "The rules are refused",
    "Nothing was sent to COS. `findings` has what is to be said of them, warnings included: the first 100, and `more` counts the rest.",
  ),
  "unauthenticated": kind(
    401,
    "No credentials that the proxy knows",
    "Send `Authorization: Bearer` with a token of the policy, or sign with a virtual key.",
  ),
  "token-unknown": kind(
    401,
    "The token is none that the proxy knows",
    "It is unknown or has expired, or the policy names nobody who has its claims.",
  ),
  "keys-unreachable": kind(
    503,
    "The keys to check the token with could not be had",
    "COS was not asked. Try again after `Retry-After`.",
  ),
  "denied": kind(403, "The policy does not allow this", "Ask whoever keeps the proxy's policy."),
  "read-needed": kind(
    403,
    "A condition needs the rule to be read, which the policy does not allow",
    "COS has no conditional write, so that `If-Match` and `If-None-Match` need the right to get the rule.",
  ),
  "list-partial": kind(
    403,
    "A plan needs every rule of the bucket, and the policy shows some alone",
    "It would plan to create what is there. The principal needs to list with every id.",
  ),
  "changed": kind(412, "The rule is not the one that was meant", "Get it again: its `ETag` is another one now."),
  "limited": kind(429, "Too many requests", "Try again after `Retry-After`."),
  "cos-refused": kind(
    400,
    "COS refuses the request",
    "`code` is COS's own. The status follows from what the code means: 400, 403, 404, 409, 429, 502 or 503.",
  ),
  "cos-unreachable": kind(503, "COS could not be reached", "Nothing was written. Try again after `Retry-After`."),
  "cos-unanswered": kind(
    502,
    "COS gave no whole answer",
    "The connection broke after the request was sent. A write may have been made: read before trying again.",
  ),
  "cos-timeout": kind(504, "COS did not answer in time", "A write may have been made: read before trying again."),
  "cos-unexpected": kind(
    502,
    "COS gave no answer that can be trusted",
    "A write may have been made: read before trying again.",
  ),
  "proxy-failed": kind(
    500,
    "The proxy itself failed",
    "It is no fault of the request. A write may have been made: read before trying again, and tell whoever keeps the proxy.",
  ),
  "proxy-misconfigured": kind(502, "The proxy cannot work with COS as it is set up", "Tell whoever keeps the proxy."),
} as const satisfies Readonly<Record<string, ProblemKind>>

export type ProblemName = keyof typeof problemKinds

export const isProblemName = (code: string): code is ProblemName => Object.hasOwn(problemKinds, code)

/** What a refusal of COS's is answered with, by what its code means. */
export const statusOfReason: Readonly<Record<Reason, number>> = {
  "not-found": 404,
  "denied": 403,
  "invalid": 400,
  "conflict": 409,
  "full": 409,
  "throttled": 429,
  "unavailable": 503,
  // Faults between the proxy and COS, of which the caller can change nothing
  "signature": 502,
  "clock": 502,
  "redirect": 502,
  "unsupported": 502,
  "unknown": 502,
}

/** After what passes by itself, where COS says no time. Assumed. */
export const againSeconds = 5

/** COS says no time; a second is what its own limits count by (assumed). */
export const slowDownSeconds = 1
