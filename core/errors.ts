/** The five ways a call can fail. Each carries data; sentences for people are made from it in `cli/`. */
import * as Data from "effect/Data"
import type { Reason } from "./codes.ts"
import { type Finding, placeOf } from "./lint/finding.ts"
import type { Difference } from "./signing/mod.ts"

/** The caller's own value is wrong; nothing was sent. Every problem found is listed, not only the first. */
export class InvalidInput extends Data.TaggedError("InvalidInput")<{ readonly findings: ReadonlyArray<Finding> }> {
  override get message(): string {
    return this.findings.map((f) => {
      const place = placeOf(f)
      const found = f.found === undefined ? "" : `, found "${f.found}"`
      return `${place === "" ? "" : `${place}: `}${f.message}${found}; allowed: ${f.allowed}; ${f.fix}`
    }).join("\n")
  }
}

/** A setting or a credential is missing, half-set or unreadable. `source` names the place it was read from. */
export class ConfigError extends Data.TaggedError("ConfigError")<{
  readonly source: string
  readonly problem: string
  readonly fix: string
  /** There are no keys at all, as against a setting that is wrong. */
  readonly missingCredentials?: boolean
  /** Of the answer that says so, where it is one. */
  readonly status?: number
}> {
  override get message(): string {
    return `${this.problem} (${this.source}); ${this.fix}`
  }
}

/** What kept the answer away: `cut` is one that ended early, `too-large` one beyond the limits. */
export type TransportKind = "dns" | "refused" | "tls" | "timeout" | "reset" | "cut" | "too-large" | "other"

/** No whole answer came. `sent` says whether the request can have reached the server. */
export class TransportError extends Data.TaggedError("TransportError")<{
  readonly kind: TransportKind
  readonly sent: "no" | "maybe"
  /** Host and port only, so that no query and no signature can leak. */
  readonly host: string
  readonly detail: string
  /** Of an answer that came and does not count. */
  readonly status?: number
}> {
  override get message(): string {
    return `No answer from ${this.host}: ${this.detail}`
  }
}

/** An answer came that COS does not give: HTML, cut XML, an empty body where a rule belongs, another rule. */
export class UnexpectedAnswer extends Data.TaggedError("UnexpectedAnswer")<{
  readonly status: number
  readonly problem: string
  /** What the status alone says. */
  readonly reason: Reason
  /** The start of the body, printable and at most 200 characters. */
  readonly excerpt: string
  readonly requestId?: string
}> {
  override get message(): string {
    return `${this.problem} (status ${this.status})`
  }
}

/** COS refused. Every field is as the server gave it; `reason` and `retryable` come from `codes.ts`. */
export class CosError extends Data.TaggedError("CosError")<{
  readonly code: string
  readonly status: number
  readonly reason: Reason
  readonly retryable: boolean
  readonly serverMessage: string
  readonly resource?: string
  readonly requestId?: string
  readonly traceId?: string
  /** How long the server asks to wait before the request is sent again, where it says so in seconds. */
  readonly retryAfterSeconds?: number
  /** An earlier attempt of the same request may have reached the server, so it may have been performed all the same. */
  readonly repeated?: true
  /** On SignatureDoesNotMatch: what the server computed. */
  readonly signature?: {
    readonly serverStringToSign?: string
    readonly serverFormatString?: string
    /** The first line where the server's FormatString differs from ours; absent when it is the key that differs. */
    readonly difference?: Difference
  }
}> {
  override get message(): string {
    return `${this.code}: ${this.serverMessage}`
  }
}

/** Every failure of this library, told apart by `_tag`. */
export type CosInventoryError = InvalidInput | ConfigError | TransportError | UnexpectedAnswer | CosError
