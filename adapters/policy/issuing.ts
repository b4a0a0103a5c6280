/**
 * Virtual key pairs: the secret key of each follows from its secret id and the proxy's own secret, so that a policy names
 * ids alone and holds no secret. An id that leaves the policy opens nothing any more.
 */
import { hmac } from "@noble/hashes/hmac.js"
import { sha256 } from "@noble/hashes/sha2.js"
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js"
import * as Redacted from "effect/Redacted"
import type { HttpRequest, Measured } from "../../core/http.ts"
import type { Secret } from "../../core/signing/mod.ts"

export interface Issuing {
  /** The secret of an id, as the request has to prove it; `now` is in epoch seconds. */
  readonly secretOf: (secretId: string, request: HttpRequest<Measured>, now: number) => Secret | undefined
  readonly secretKeyOf: (secretId: string) => string
}

export const make = (secret: Redacted.Redacted<string>): Issuing => {
  const secretKeyOf = (secretId: string) =>
    bytesToHex(hmac(sha256, utf8ToBytes(Redacted.value(secret)), utf8ToBytes(`key ${secretId}`))).slice(0, 40)
  return { secretKeyOf, secretOf: (secretId) => ({ secretKey: secretKeyOf(secretId) }) }
}

/** Lower-case hex of the UTF-8 form. */
export const sha256Hex = (text: string): string => bytesToHex(sha256(utf8ToBytes(text)))
