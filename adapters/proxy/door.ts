/** A door of the proxy: one way to ask for the same operations, and to be answered. */
import type * as Effect from "effect/Effect"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Body } from "../../core/ports.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import type { Performing, Refused } from "../policy/call.ts"
import type { Limiting } from "../policy/limit.ts"
import type { Told } from "./told.ts"

export interface Door {
  /** Whether a path is this door's, on a Host that names no bucket; as sent, without the query. */
  readonly isMine: (path: string) => boolean
  readonly answer: (asked: AtDoor) => Effect.Effect<HttpResponse, Refused | TransportError | ConfigError>
  /** How this door says no; `error` where the proxy itself refuses, `failure` where COS did not answer. */
  readonly refuse: (refusal: Refusal, error?: Refused, failure?: TransportError, told?: Told) => HttpResponse
}

/** One request at a door, under one policy. */
export interface AtDoor {
  readonly request: HttpRequest<Body>
  readonly policy: Policy
  /** What is learned of the request on the way, for the log. */
  readonly told: Told
  /** Behind the policy's decorators. */
  readonly perform: Performing["perform"]
  /** Counts the request against its caller's rate: once, as soon as the caller is known, whatever becomes of it. */
  readonly charge: Limiting["charge"]
}
