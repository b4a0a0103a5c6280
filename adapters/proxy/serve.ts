/** The signing proxy as what answers requests: several doors to the same operations, under one policy. */
import * as Effect from "effect/Effect"
import { header, type HttpRequest, type HttpResponse } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Body, Hashes, Send, Serve } from "../../core/ports.ts"
import { keyCache } from "../hashes/keys.ts"
import * as Audit from "../policy/audit.ts"
import * as Authenticate from "../policy/authenticate.ts"
import * as Authorise from "../policy/authorise.ts"
import type { Performing, Refused } from "../policy/call.ts"
import { type Issuing, sha256Hex } from "../policy/issuing.ts"
import * as Limit from "../policy/limit.ts"
import * as Perform from "../policy/perform.ts"
import * as SingleFlight from "../policy/single-flight.ts"
import type { Telling } from "../record.ts"
import type { Door } from "./door.ts"
import { healthDoor } from "./health.ts"
import { jsonDoor } from "./json/mod.ts"
import { placeOf } from "./place.ts"
import type { Told } from "./told.ts"
import { wireDoor } from "./wire.ts"

export interface ServeOptions {
  /** Looked at once a request, so that it may change between two of them. */
  readonly policy: () => Policy
  /** Signs with the real key, and tries again. */
  readonly send: Send
  readonly hashes: Hashes
  readonly issuing?: Issuing
  /** Takes the lines of the audit log. */
  readonly audit: (line: string) => void
}

export const makeProxy = ({ policy, send, hashes, issuing, audit }: ServeOptions): Serve => {
  const { authenticate } = Authenticate.make({
    hashes,
    signKeyOf: keyCache(hashes),
    sha256Hex,
    ...(issuing === undefined ? {} : { issuing }),
  })
  const performing = Authorise.make(
    Limit.make(SingleFlight.make(Audit.make(Perform.make(send, hashes), { write: audit }))),
  )
  const reserved: ReadonlyArray<Door> = [healthDoor(), jsonDoor({ authenticate })]
  const wire = wireDoor({ hashes, authenticate })
  return {
    answer: (request) =>
      Effect.suspend(() => {
        const told: Told = { callId: callIdOf(request) }
        const now = policy()
        const { isHosts, path } = placeOf(request, now)
        const door = isHosts ? wire : reserved.find(({ isMine }) => isMine(path)) ?? wire
        return door.answer({ request, policy: now, told, perform: telling(performing, told) }).pipe(
          Effect.tap(() => Effect.sync(() => told.outcome ??= "allowed")),
          Effect.catchTags({
            Refused: (error) => Effect.sync(() => refused(door, error, told)),
            ConfigError: (error) => Effect.sync(() => failed(door, "InternalError", error.message, told)),
            TransportError: (error) => Effect.sync(() => failed(door, "ServiceUnavailable", error.message, told)),
          }),
          Effect.map((response): Telling<Uint8Array> => ({
            ...response,
            headers: [...response.headers, ["x-request-id", told.callId], ["X-Content-Type-Options", "nosniff"]],
            about: told,
          })),
        )
      }),
  }
}

/** The status of COS's last answer is told. */
const telling = ({ perform }: Performing, told: Told): Performing["perform"] => (call) =>
  Effect.tap(perform(call), ({ status }) => Effect.sync(() => void (told.upstream = status)))

const refused = (door: Door, error: Refused, told: Told): HttpResponse => {
  told.outcome = error.outcome
  told.why = error.why
  told.code = error.refusal.code
  return door.refuse(error.refusal, error)
}

const failed = (door: Door, code: keyof typeof failures, why: string, told: Told): HttpResponse => {
  told.outcome = "allowed"
  told.why = why
  told.code = code
  return door.refuse({ code, message: failures[code] })
}
/** Words of the proxy's own, which tell nothing of what lies behind it. */
const failures = {
  InternalError: "The proxy cannot reach COS as it is set up.",
  ServiceUnavailable: "COS could not be reached.",
} as const

/** What the caller calls the request, where that may stand in a log; else one of our own. */
const callIdOf = (request: HttpRequest<Body>): string => {
  const given = header(request.headers, "x-request-id") ?? ""
  return /^[\w.:-]{1,64}$/u.test(given) ? given : crypto.randomUUID()
}
