/** Keys that are given, as by a test, the demo, or a program that has its own source. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { type Credential, Credentials } from "../../core/ports.ts"

export const credential = (secretId: string, secretKey: string, sessionToken?: string): Credential => ({
  secretId,
  secretKey: Redacted.make(secretKey),
  ...(sessionToken === undefined ? {} : { sessionToken: Redacted.make(sessionToken) }),
})

export const layerFixed = (given: Credential): Layer.Layer<Credentials> =>
  Layer.succeed(Credentials, Effect.succeed(given))
