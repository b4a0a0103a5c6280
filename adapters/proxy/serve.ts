/** The signing proxy as what answers requests: several doors to the same operations, under one policy. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { ConfigError, TransportError } from "../../core/errors.ts"
import { header, type HttpResponse } from "../../core/http.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Hashes, Send, Serve } from "../../core/ports.ts"
import { readError } from "../../core/wire/error-document.ts"
import { keyCache } from "../hashes/keys.ts"
import { internalError } from "../hono/refusal.ts"
import { tellDefect, Watch } from "../hono/watch.ts"
import type { Admitting } from "../hono/wire.ts"
import type { Notify } from "../notify.ts"
import * as Audit from "../policy/audit.ts"
import * as Authenticate from "../policy/authenticate.ts"
import * as Authorise from "../policy/authorise.ts"
import type { Performing, Refused } from "../policy/call.ts"
import { type Issuing, sha256Hex } from "../policy/issuing.ts"
import type { FetchKeys } from "../policy/jwt.ts"
import * as Limit from "../policy/limit.ts"
import type { Limiter } from "../policy/limiter.ts"
import * as Perform from "../policy/perform.ts"
import * as SingleFlight from "../policy/single-flight.ts"
import { Underway } from "../policy/underway.ts"
import type { Telling } from "../record.ts"
import { admission, type Asked } from "./admission.ts"
import { confirming } from "./confirming.ts"
import type { Door } from "./door.ts"
import { healthDoor } from "./health.ts"
import { jsonDoor } from "./json/mod.ts"
import { placeOf } from "./place.ts"
import { makeReadiness } from "./readiness.ts"
import type { Telemetry } from "./telemetry.ts"
import { CurrentTold, type Told } from "./told.ts"
import { wireDoor } from "./wire.ts"

/** What a proxy serves by, whatever lies between it and COS. */
export interface Serving {
  /** Looked at once a request, so that it may change between two of them. */
  readonly policy: () => Policy
  readonly hashes: Hashes
  /** How the key sets of issuers are read, in place of the platform's own `fetch`. */
  readonly fetchKeys?: FetchKeys
  /** One of this process's own unless told. */
  readonly limiter?: Limiter
  /** Takes a line for whoever runs the proxy, such as that another key is used. */
  readonly notice?: Notify
  /** Whether the proxy is about to end. */
  readonly isDraining?: () => boolean
  /** Whether one request may wait for what another one asks of COS; it may unless told, and on Workers it may not. */
  readonly isShared?: boolean
}

export interface ServeOptions extends Serving {
  /** Signs with the real key, and tries again. */
  readonly send: Send
  readonly issuing?: Issuing
  readonly telemetry: Telemetry
}

export const makeProxy = (options: ServeOptions): Serve & Required<Admitting> => {
  const { policy, send, hashes, telemetry, isShared = true } = options
  const { authenticate } = Authenticate.make({ ...options, signKeyOf: keyCache(hashes), sha256Hex })
  const audited = Audit.make(Perform.make(send, hashes), telemetry.audit)
  const limited = Limit.make(isShared ? SingleFlight.make(audited) : audited, options)
  const performing = Authorise.make(limited)
  const probe = makeReadiness({ send, hashes, isShared })
  const free: ReadonlyArray<Door> = [healthDoor({ ...options, probe }), ...telemetry.doors]
  const reserved: ReadonlyArray<Door> = [...free, jsonDoor({ authenticate, hashes })]
  const wire = wireDoor({ hashes, authenticate })
  const doorOf = (asked: Asked, now: Policy): Door => {
    const { isHosts, path } = placeOf(asked, now)
    return isHosts ? wire : reserved.find(({ isMine }) => isMine(path)) ?? wire
  }
  const { admit } = admission(policy)
  return {
    endIsLeaving: true,
    lazyBodies: true,
    admit: (asked, answering) =>
      Effect.suspend(() => {
        const told: Told = { callId: callIdOf(asked) }
        const door = doorOf(asked, policy())
        return Effect.catchTags(
          admit({
            asked,
            answering: Effect.provideService(answering, CurrentTold, told),
            isFree: free.includes(door),
            caller: () => told.principal,
          }),
          {
            Refused: (error) => Effect.succeed(finished(refused(door, error, told), told)),
            Late: ({ failure }) => Effect.succeed(finished(unanswered(door, failure, told), told)),
          },
        )
      }),
    answer: (request) =>
      Effect.flatMap(Underway, (underway) =>
        Effect.flatMap(CurrentTold, (current) => {
          const here = () => {
            if (underway !== undefined) underway.isHere = true
          }
          if (request.body instanceof Uint8Array) here()
          const told = current ?? { callId: callIdOf(request) }
          const now = policy()
          const door = doorOf(request, now)
          const answered = (performing: Performing) => {
            const perform = telling(performing, told, here)
            return door.answer({ request, policy: now, told, perform, charge: limited.charge })
          }
          const answering = Effect.matchCauseEffect(
            request.body instanceof Uint8Array ? answered(performing) : Effect.flatMap(
              Clock.currentTimeMillis,
              (since) => answered(confirming(performing, { request, since, policy, authenticate })),
            ),
            {
              onSuccess: (response) => {
                told.outcome ??= "allowed"
                return Effect.succeed(finished(response, told))
              },
              onFailure: (cause) => {
                const failure = cause.reasons.find(Cause.isFailReason)
                if (failure !== undefined) return Effect.succeed(finished(refusal(door, failure.error, told), told))
                if (Cause.hasInterruptsOnly(cause)) return Effect.interrupt
                return Effect.map(Watch, (watch) => {
                  tellDefect(watch, cause)
                  return finished(faulty(door, told), told)
                })
              },
            },
          )
          return telemetry.around(request.headers, told, answering)
        })),
  }
}

const refusal = (door: Door, error: Refused | ConfigError | TransportError, told: Told): HttpResponse => {
  if (error._tag !== "Refused" && error.status !== undefined) told.upstream = error.status
  switch (error._tag) {
    case "Refused":
      return refused(door, error, told)
    case "ConfigError":
      return failed(door, "InternalError", error.message, told)
    case "TransportError":
      return unanswered(door, error, told)
  }
}

const finished = (response: HttpResponse, told: Told): Telling<Uint8Array> => ({
  ...response,
  headers: [...response.headers, ["x-request-id", told.callId], ["X-Content-Type-Options", "nosniff"]],
  about: told,
})

/** What COS's last answer says of itself is told. */
const telling = ({ perform }: Performing, told: Told, here: () => void): Performing["perform"] => (call) => {
  here()
  return Effect.map(perform(told.shown === undefined ? call : { ...call, shown: told.shown }), (response) => {
    hear(told, response)
    return response
  })
}

const hear = (told: Told, response: HttpResponse): void => {
  const requestId = header(response.headers, "x-cos-request-id")
  const error = response.status < 400 ? undefined : readError(response)
  told.upstream = response.status
  if (requestId !== undefined) told.requestId = requestId
  if (error?._tag === "CosError") told.code = error.code
}

const refused = (door: Door, error: Refused, told: Told): HttpResponse => {
  told.outcome = error.outcome
  told.why = error.why
  told.code = error.refusal.code
  return door.refuse(error.refusal, error, undefined, told)
}

const unanswered = (door: Door, error: TransportError, told: Told): HttpResponse =>
  failed(door, "ServiceUnavailable", error.message, told, error)

const failed = (
  door: Door,
  code: keyof typeof failures,
  why: string,
  told: Told,
  failure?: TransportError,
): HttpResponse => {
  tellFailed(told, code, why)
  return door.refuse({ code, message: failure?.kind === "timeout" ? late : failures[code] }, undefined, failure, told)
}
/** Words of the proxy's own, which tell nothing of what lies behind it. */
const failures = {
  InternalError: "The proxy cannot reach COS as it is set up.",
  ServiceUnavailable: "What the proxy has to ask could not be reached.",
} as const

const late = "COS did not answer in time."

/** Of a fault of the program's own the caller learns that it was one, and whoever watches which. */
const faulty = (door: Door, told: Told): HttpResponse => {
  tellFailed(told, internalError.code, "a fault of the proxy")
  return door.refuse(internalError, undefined, undefined, told)
}

const tellFailed = (told: Told, code: string, why: string): void => {
  // Without the keys of its issuer nobody knows whose a token is
  told.outcome = told.principal === undefined ? "unauthenticated" : "allowed"
  told.why = why
  told.code = code
}

/** What the caller calls the request, where that may stand in a log; else one of our own. */
const callIdOf = (request: Asked): string => {
  const given = header(request.headers, "x-request-id") ?? ""
  return /^[\w.:-]{1,64}$/u.test(given) ? given : crypto.randomUUID()
}
