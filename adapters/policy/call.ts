/** What passes through the policy's decorators: an operation that somebody known asks for, and why it is refused. */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { BucketAt } from "../../core/endpoint.ts"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import type { HttpResponse } from "../../core/http.ts"
import type { Finding } from "../../core/lint/finding.ts"
import type { Policy, Principal } from "../../core/policy/mod.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import type { Operation } from "../../core/wire/operations.ts"

export interface Call {
  /** The one policy that all of a request sees, whatever is read again meanwhile. */
  readonly policy: Policy
  readonly principal: Principal
  /** Built from the policy alone. */
  readonly at: BucketAt
  readonly operation: Exclude<Operation, { readonly _tag: "GetService" }>
  /** `x-request-id`, as it came or as it was made. */
  readonly requestId: string
  /** For the audit. */
  readonly shown?: Shown
}

/** By what a caller was known, which tells the holders of one principal apart. None of it opens anything. */
export interface Shown {
  readonly by: "key" | "token" | "jwt"
  /** The secret id of a virtual key; of a token, how its hash in the policy begins. */
  readonly credential?: string
  /** `sub` of a JSON Web Token, and its other claims that name somebody. */
  readonly subject?: string
  readonly email?: string
  readonly jti?: string
}

/** How far a request got. */
export type Outcome =
  /** Performed: whatever COS said to it. */
  | "allowed"
  | "unauthenticated"
  /** What was sent is no request of inventory, or not as the proxy takes it. */
  | "invalid"
  | "denied"
  /** By a rate, a quota or a limit. */
  | "limited"

/** The proxy itself says no; COS was not asked. */
export class Refused extends Data.TaggedError("Refused")<{
  readonly outcome: Exclude<Outcome, "allowed">
  /** COS's code, and words that tell the caller nothing of the policy. */
  readonly refusal: Refusal
  /** For the log alone. */
  readonly why: string
  readonly retryAfterSeconds?: number
  readonly findings?: ReadonlyArray<Finding>
}> {
  override get message(): string {
    return `${this.refusal.code}: ${this.why}`
  }
}

/** Answers as COS does, under COS's own statuses, and with no header but those that are known to be harmless. */
export interface Performing {
  readonly perform: (call: Call) => Effect.Effect<HttpResponse, Refused | TransportError | ConfigError>
}
