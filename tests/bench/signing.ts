/** Sign and verify against the SDK's `getAuthorization`, for one and the same PUT request. */
import { strict as assert } from "node:assert"
import * as Result from "effect/Result"
import { keyCache } from "../../adapters/hashes/keys.ts"
import { hashes } from "../../adapters/hashes/node.ts"
import type { HttpRequest } from "../../core/http.ts"
import { keyTimeAt, sign, verify, writeKeyTime } from "../../core/signing/mod.ts"
import { timeCalls } from "./measure.ts"
import type { Row } from "./row.ts"
import { getAuthorization } from "./sdk.ts"

const secretId = "AKIDexample"
const secretKey = "example"
const host = "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com"
const headers = [
  ["content-type", "application/xml"],
  ["content-length", "1024"],
  ["content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="],
] as const

const request: HttpRequest = {
  method: "PUT",
  origin: `https://${host}`,
  target: "/?inventory&id=list1",
  headers,
  body: new Uint8Array(1024),
}

/** As the adapters do it: key time from the clock, signing key from the cache. */
const signNow = (): string => {
  const keyTime = keyTimeAt(Math.floor(Date.now() / 1000))
  return sign(request, { secretId, keyTime, hashes, signKey: signKeyOf(secretId, secretKey, writeKeyTime(keyTime)) })
}
const signKeyOf = keyCache(hashes)

const verifyNow = (signed: HttpRequest) =>
  Result.getOrThrow(
    verify(signed, { secretKeyOf: () => ({ secretKey }), now: Math.floor(Date.now() / 1000), hashes, signKeyOf }),
  )

const sdkSign = (): string => getAuthorization(sdkInput)
const sdkInput = {
  SecretId: secretId,
  SecretKey: secretKey,
  Method: request.method,
  Pathname: "/",
  Query: { inventory: "", id: "list1" },
  Headers: { ...Object.fromEntries(headers), host },
}

export const signingRows = (): ReadonlyArray<Row> => {
  const authorization = signNow()
  const keyTime = /q-key-time=([^&]*)/u.exec(authorization)![1]!
  assert.equal(authorization, getAuthorization({ ...sdkInput, KeyTime: keyTime }))
  const signed: HttpRequest = { ...request, headers: [...headers, ["host", host], ["authorization", authorization]] }
  return [
    { name: "sign", pair: timeCalls(signNow, sdkSign), unit: "seconds", aim: { timesFaster: 2 } },
    { name: "verify", pair: timeCalls(() => verifyNow(signed), sdkSign), unit: "seconds", aim: { timesFaster: 2 } },
  ]
}
