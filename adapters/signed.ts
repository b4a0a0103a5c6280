/** Signing as a decorator: what passes through is signed at the moment it is sent, so every retry is signed anew. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { header, type HttpRequest, type HttpResponse } from "../core/http.ts"
import { type Credential, Credentials, Hashing, Transport } from "../core/ports.ts"
import { keyTimeAt, type KeyTimeOptions, sign, tokenName, writeKeyTime } from "../core/signing/mod.ts"
import { readError } from "../core/wire/error-document.ts"
import { keyCache } from "./hashes/keys.ts"

/**
 * A Transport that adds `Authorization`, and `x-cos-security-token` for temporary keys.
 *
 * When COS refuses a request for its time and its `Date` header shows that the clocks differ, the difference is kept
 * for all later requests, and this one is signed and sent once more.
 */
export const layerWith = (
  options: KeyTimeOptions = {},
): Layer.Layer<Transport, never, Transport | Credentials | Hashing> =>
  Layer.effect(
    Transport,
    Effect.gen(function* () {
      const inner = yield* Transport
      const credentials = yield* Credentials
      const hashes = yield* Hashing
      const signKeyOf = keyCache(hashes)
      let offset = 0

      const signed = (request: HttpRequest, credential: Credential, now: number): HttpRequest => {
        const { secretId } = credential
        const keyTime = keyTimeAt(Math.floor(now / 1000), options)
        const signKey = signKeyOf(secretId, Redacted.value(credential.secretKey), writeKeyTime(keyTime))
        const carrying = withToken(request, credential)
        const authorization = sign(carrying, { secretId, signKey, keyTime, hashes })
        return { ...carrying, headers: [...carrying.headers, ["authorization", authorization]] }
      }

      const attempt = (request: HttpRequest, offset: number) =>
        Effect.flatMap(
          credentials,
          (credential) =>
            Effect.flatMap(Clock.currentTimeMillis, (now) => inner.send(signed(request, credential, now + offset))),
        )

      const again = (request: HttpRequest, before: number, refused: HttpResponse) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const measured = Date.parse(header(refused.headers, "date") ?? "") - now
          if (!(Math.abs(measured - before) >= leastSkewMillis)) return Effect.succeed(refused)
          offset = measured
          return attempt(request, measured)
        })

      return Transport.of({
        send: (request) =>
          Effect.suspend(() => {
            const before = offset
            return Effect.flatMap(
              attempt(request, before),
              (response) => refusedForItsTime(response) ? again(request, before, response) : Effect.succeed(response),
            )
          }),
      })
    }),
  )

export const layer: Layer.Layer<Transport, never, Transport | Credentials | Hashing> = layerWith()

/** As cos-nodejs-sdk-v5 has it (`sdk/base.js`, getRetryInfo): a smaller difference cannot be why COS refused. */
const leastSkewMillis = 30_000

/** The token goes in before signing, and so is signed as every `x-cos-*` header. */
const withToken = (request: HttpRequest, { sessionToken }: Credential): HttpRequest => {
  const kept = request.headers.filter(([name]) => !replaced.has(name.toLowerCase()))
  return {
    ...request,
    headers: sessionToken === undefined ? kept : [...kept, [tokenName, Redacted.value(sessionToken)]],
  }
}
const replaced: ReadonlySet<string> = new Set(["authorization", tokenName])

const refusedForItsTime = (response: HttpResponse): boolean => {
  if (response.status !== 403) return false
  const error = readError(response)
  return error._tag === "CosError" && error.reason === "clock"
}
