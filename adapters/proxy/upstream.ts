/** The way from a proxy to COS: signed with a real key, tried again, and never further than the caller's time allows. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { defaultTimeoutSeconds } from "../../core/policy/mod.ts"
import type { ConfigError } from "../../core/errors.ts"
import { type Credential, Credentials, type Hashes, Hashing, type Send, Transport } from "../../core/ports.ts"
import * as Fetch from "../fetch.ts"
import type { Notify } from "../notify.ts"
import { Underway } from "../policy/underway.ts"
import * as Retry from "../retry.ts"
import * as Signed from "../signed.ts"
import { rotating } from "./rotating.ts"

export interface UpstreamOptions {
  readonly hashes: Hashes
  /** The real keys; another one is tried where COS refuses the first. */
  readonly credentials: RealKeys
  /** Takes a line for whoever runs the proxy. */
  readonly notice?: Notify
  /** Around each attempt. */
  readonly around?: (inner: Send) => Send
  /** In place of the network. */
  readonly base?: Layer.Layer<Transport>
}

/** One, or two while they are rotated; each is asked for when a request is signed. */
export type RealKeys = readonly [RealKey, ...ReadonlyArray<RealKey>]
type RealKey = Effect.Effect<Credential, ConfigError>

/** What is sent ends with the request of its caller, which is interrupted when its time is over. */
export const makeUpstream = (
  { hashes, credentials: [first, ...others], notice, around = (inner) => inner, base }: UpstreamOptions,
): Effect.Effect<Send> =>
  Effect.gen(function* () {
    const fetch = around(
      yield* Transport.pipe(
        Effect.provide(base ?? Fetch.layer({ timeout: "Infinity" })),
      ),
    )
    const signed = (key: RealKey) =>
      Transport.pipe(Effect.provide(
        Signed.layer.pipe(
          Layer.provide(Layer.succeed(Transport, fetch)),
          Layer.provide(Layer.succeed(Hashing, hashes)),
          Layer.provide(Layer.succeed(Credentials, key)),
        ),
      ))
    return timed(rotating([yield* signed(first), ...(yield* Effect.forEach(others, signed))], notice))
  })

/** A wait for another attempt that would outlast the caller's time is not begun: the last answer stands. */
const timed = (inner: Send): Send => {
  const within = Retry.makeWithin(inner)
  return {
    send: (request) =>
      Effect.flatMap(
        Underway,
        (underway) =>
          underway === undefined
            ? within(request, defaultTimeoutSeconds * 1000)
            : Effect.flatMap(Clock.currentTimeMillis, (now) => within(request, Math.max(0, underway.until - now))),
      ),
  }
}
