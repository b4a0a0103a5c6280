/** The way from a proxy to COS: signed with the real key, tried again, and never further than its time allows. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type Credentials, type Hashes, Hashing, type Send, Transport } from "../../core/ports.ts"
import * as Fetch from "../fetch.ts"
import * as Retry from "../retry.ts"
import * as Signed from "../signed.ts"

export interface UpstreamOptions {
  readonly hashes: Hashes
  readonly timeoutSeconds: number
  /** In place of the network. */
  readonly base?: Layer.Layer<Transport>
}

export const makeUpstream = (
  { hashes, timeoutSeconds, base }: UpstreamOptions,
): Effect.Effect<Send, never, Credentials> =>
  Transport.pipe(Effect.provide(
    Retry.layer({ budget: `${timeoutSeconds} seconds` }).pipe(
      Layer.provide(Signed.layer),
      Layer.provide(base ?? Fetch.layer({ timeout: `${timeoutSeconds} seconds` })),
      Layer.provide(Layer.succeed(Hashing, hashes)),
    ),
  ))
