/** A proxy as an app, with all that lies between its door and COS. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Transport } from "../../core/ports.ts"
import { type App, wire } from "../hono/wire.ts"
import type { AuditOptions } from "../policy/audit.ts"
import * as Issuing from "../policy/issuing.ts"
import { makeProxy, type Serving } from "./serve.ts"
import { makeTelemetry, type Telemetry } from "./telemetry.ts"
import { makeUpstream, type RealKeys } from "./upstream.ts"

export interface OpenOptions extends Serving {
  readonly credentials: RealKeys
  /** What virtual keys are derived from; without it there are none. */
  readonly secret?: Redacted.Redacted<string>
  /** Takes the lines of the audit log; a promise that fails is a line that is lost. */
  readonly audit: AuditOptions["write"]
  /** Given what counts a file that could not be read again. */
  readonly onOpen?: (reloadFailed: Telemetry["reloadFailure"]) => void
  /** In place of the network. */
  readonly base?: Layer.Layer<Transport>
}

export const openProxy = (options: OpenOptions): Effect.Effect<App> =>
  Effect.gen(function* () {
    const { secret, audit, onOpen } = options
    const telemetry = yield* makeTelemetry({ audit })
    onOpen?.(telemetry.reloadFailure)
    const send = yield* makeUpstream({ ...options, around: telemetry.upstream })
    const issuing = secret === undefined ? {} : { issuing: Issuing.make(secret) }
    return yield* wire(makeProxy({ ...options, ...issuing, send, telemetry })).pipe(telemetry.watched)
  })
