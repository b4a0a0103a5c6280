/** A small in-memory COS for tests that look at single requests and answers. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { make, type Options } from "../adapters/memory/mod.ts"
import { CosError } from "../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { readError } from "../core/wire/error-document.ts"
import { readService } from "../core/wire/service.ts"
import { rule } from "./laws-world.ts"

export const now = 1_763_700_000
export const one = { name: "one-1250000000", region: "ap-guangzhou", rules: [rule("in-one")] }
export const two = { name: "two-1250000000", region: "ap-nanjing", rules: [rule("in-two")] }

/** A COS that looks at no signature, unless told, and what it answers to a few requests in turn. */
export const asked = (requests: ReadonlyArray<Partial<HttpRequest>>, options: Partial<Options> = {}) =>
  Effect.gen(function* () {
    yield* TestClock.setTime(now * 1000)
    const cos = yield* make({ buckets: [one, two], keys: [], verifySignatures: false, ...options })
    return yield* Effect.forEach(requests, (request) => cos.send({ ...plain, ...request }))
  }).pipe(Effect.provide(layerHashes))

export const plain: HttpRequest = {
  method: "GET",
  origin: "http://127.0.0.1:9000",
  target: "/?inventory",
  headers: [],
  body: new Uint8Array(),
}
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = ({ body }: HttpResponse): string => new TextDecoder().decode(body)
export const errorIn = (response: HttpResponse): CosError => {
  const error = readError(response)
  assert.ok(error instanceof CosError, `not an error of COS: ${error}`)
  return error
}
/** The code of a refusal, the buckets of the service, the bucket whose objects are listed, or the id of the only rule. */
export const gist = (response: HttpResponse): string => {
  if (response.status !== 200) return errorIn(response).code
  const service = readService(text(response))
  if (Result.isSuccess(service)) return service.success.buckets.map(({ name }) => name).join(" ")
  const listed = /<ListBucketResult><Name>(.*?)<\/Name>/.exec(text(response))?.[1]
  return listed !== undefined ? `objects of ${listed}` : /<Id>(.*?)<\/Id>/.exec(text(response))?.[1] ?? "empty"
}
