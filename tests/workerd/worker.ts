/** The core as a Worker, without `nodejs_compat`: writes a rule to a COS in memory, signed, and reads it back. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import { credential, layerFixed } from "../../adapters/credentials/fixed.ts"
import { hashes, layer as layerHashes } from "../../adapters/hashes/noble.ts"
import * as Memory from "../../adapters/memory/mod.ts"
import * as Signed from "../../adapters/signed.ts"
import { getInventory, putInventory } from "../../core/client.ts"
import { type HttpRequest, noBody } from "../../core/http.ts"
import { keyTimeAt, sign, verify } from "../../core/signing/mod.ts"
import { rule } from "../bench/documents.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }
const key = { secretId: "AKIDexample", secretKey: "example" }

const transport = Signed.layer.pipe(
  Layer.provide(Memory.layer({ buckets: [{ name: at.bucket, region: at.region }], keys: [key] })),
  Layer.provide(layerFixed(credential(key.secretId, key.secretKey))),
  Layer.provideMerge(layerHashes),
)

const roundTrip = Effect.gen(function* () {
  const sent = rule("list1")
  yield* putInventory(at, sent)
  return (yield* getInventory(at, sent.id)).configuration
})

const request: HttpRequest = {
  method: "GET",
  origin: "https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com",
  target: "/?inventory&id=list1",
  headers: [],
  body: noBody,
}

const signature = (secretKey: string) => {
  const now = Math.floor(Date.now() / 1000)
  const authorization = sign(request, { ...key, keyTime: keyTimeAt(now), hashes })
  const signed = { ...request, headers: [["authorization", authorization]] as const }
  return Result.match(verify(signed, { secretKeyOf: () => ({ secretKey }), now, hashes }), {
    onSuccess: ({ secretId }) => secretId,
    onFailure: ({ _tag }) => _tag,
  })
}

export default {
  fetch: async (): Promise<Response> =>
    Response.json({
      rule: await Effect.runPromise(Effect.provide(roundTrip, transport)),
      rightKey: signature(key.secretKey),
      wrongKey: signature("other"),
      hasNode: "process" in globalThis,
    }),
}
