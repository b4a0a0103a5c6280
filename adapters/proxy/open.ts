/** A proxy as an app, with all that lies between its door and COS. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Policy } from "../../core/policy/mod.ts"
import type { ConfigError } from "../../core/errors.ts"
import { type Credential, Credentials, type Hashes, type Transport } from "../../core/ports.ts"
import { type App, wire } from "../hono/wire.ts"
import * as Issuing from "../policy/issuing.ts"
import { makeProxy } from "./serve.ts"
import { makeUpstream } from "./upstream.ts"

export interface OpenOptions {
  readonly policy: () => Policy
  readonly hashes: Hashes
  /** The real key. */
  readonly credential: Effect.Effect<Credential, ConfigError>
  /** What virtual keys are derived from; without it there are none. */
  readonly secret?: Redacted.Redacted<string>
  /** Takes the lines of the audit log. */
  readonly audit: (line: string) => void
  /** In place of the network. */
  readonly base?: Layer.Layer<Transport>
}

export const openProxy = ({ policy, hashes, credential, secret, audit, base }: OpenOptions): Effect.Effect<App> =>
  Effect.gen(function* () {
    const { timeoutSeconds } = policy()
    const send = yield* makeUpstream({ hashes, timeoutSeconds, ...(base === undefined ? {} : { base }) }).pipe(
      Effect.provide(Layer.succeed(Credentials, credential)),
    )
    const issuing = secret === undefined ? {} : { issuing: Issuing.make(secret) }
    return yield* wire(makeProxy({ policy, send, hashes, audit, ...issuing }))
  })
