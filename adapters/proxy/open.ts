/** A proxy as an app, with all that lies between its door and COS. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type { Policy } from "../../core/policy/mod.ts"
import type { Hashes, Transport } from "../../core/ports.ts"
import { type App, wire } from "../hono/wire.ts"
import type { Notify } from "../notify.ts"
import type { AuditOptions } from "../policy/audit.ts"
import * as Issuing from "../policy/issuing.ts"
import type { FetchKeys } from "../policy/jwt.ts"
import type { Limiter } from "../policy/limiter.ts"
import { makeProxy } from "./serve.ts"
import { makeTelemetry, type Telemetry } from "./telemetry.ts"
import { makeUpstream, type RealKeys } from "./upstream.ts"

export interface OpenOptions {
  readonly policy: () => Policy
  readonly hashes: Hashes
  readonly credentials: RealKeys
  /** What virtual keys are derived from; without it there are none. */
  readonly secret?: Redacted.Redacted<string>
  /** How the key sets of issuers are read, in place of the platform's own `fetch`. */
  readonly fetchKeys?: FetchKeys
  /** Takes the lines of the audit log; a promise that fails is a line that is lost. */
  readonly audit: AuditOptions["write"]
  readonly limiter?: Limiter
  /** Takes a line for whoever runs the proxy, such as that another key is used. */
  readonly notice?: Notify
  /** Given what counts a file that could not be read again. */
  readonly onOpen?: (reloadFailed: Telemetry["reloadFailure"]) => void
  readonly isDraining?: () => boolean
  /** False on Workers, where no request may wait for what another one asks. */
  readonly isShared?: boolean
  /** In place of the network. */
  readonly base?: Layer.Layer<Transport>
}

export const openProxy = (
  { policy, hashes, credentials, secret, fetchKeys, audit, limiter, notice, onOpen, isDraining, isShared, base }:
    OpenOptions,
): Effect.Effect<App> =>
  Effect.gen(function* () {
    const telemetry = yield* makeTelemetry({ audit })
    onOpen?.(telemetry.reloadFailure)
    const send = yield* makeUpstream({
      hashes,
      credentials,
      ...(notice === undefined ? {} : { notice }),
      around: telemetry.upstream,
      ...(base === undefined ? {} : { base }),
    })
    const options = {
      ...(secret === undefined ? {} : { issuing: Issuing.make(secret) }),
      ...(fetchKeys === undefined ? {} : { fetchKeys }),
      ...(limiter === undefined ? {} : { limiter }),
      ...(notice === undefined ? {} : { notice }),
      ...(isDraining === undefined ? {} : { isDraining }),
      ...(isShared === undefined ? {} : { isShared }),
    }
    return yield* wire(makeProxy({ policy, send, hashes, audit, telemetry, ...options })).pipe(telemetry.watched)
  })
