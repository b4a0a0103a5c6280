/** Laws of refusal: who asks, for what, and whether it arrived as it was sent. */
import { strict as assert } from "node:assert"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { hashes } from "../adapters/hashes/node.ts"
import { getInventory, listPages, putInventory } from "../core/client.ts"
import { CosError } from "../core/errors.ts"
import { keyTimeAt, presign } from "../core/signing/mod.ts"
import { readError } from "../core/wire/error-document.ts"
import type { Operation } from "../core/wire/operations.ts"
import { key, type Law, refusalOf, rule, temporary, unsigned } from "./laws-world.ts"

const list: Operation = { _tag: "ListBucketInventory" }

export const refusing: Readonly<Record<string, Law>> = {
  "a wrong key is refused with the server's own texts": ({ as, at }) =>
    Effect.gen(function* () {
      const error = yield* refusalOf(getInventory(at, "a").pipe(as({ ...key, secretKey: "wrong" })))
      assert.deepEqual([error.code, error.reason, error.status], ["SignatureDoesNotMatch", "signature", 403])
      const { serverFormatString = "", serverStringToSign = "" } = error.signature ?? {}
      const lines = serverFormatString.split("\n")
      assert.equal(lines[0], "get")
      assert.ok(lines[1]!.startsWith("/"))
      assert.equal(lines[2], "id=a&inventory=")
      assert.match(lines[3]!, /^host=/)
      assert.equal(serverStringToSign.split("\n")[2], hashes.sha1Hex(serverFormatString))
    }),
  "an unknown key is refused": ({ as, at }) =>
    Effect.gen(function* () {
      const error = yield* refusalOf(getInventory(at, "a").pipe(as({ ...key, secretId: "AKIDnobody" })))
      assert.deepEqual([error.code, error.reason], ["InvalidAccessKeyId", "denied"])
    }),
  "temporary keys are taken with their token and refused with another": ({ as, at }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("a")).pipe(as(temporary))
      const error = yield* refusalOf(getInventory(at, "a").pipe(as({ ...temporary, sessionToken: "stale" })))
      assert.equal(error.reason, "denied")
    }),
  "an unsigned request is refused": ({ at, send }) =>
    Effect.gen(function* () {
      const error = readError(yield* send(unsigned(list, at)))
      assert.ok(error instanceof CosError)
      assert.deepEqual([error.code, error.status, error.serverMessage], ["AccessDenied", 403, "Access Denied."])
    }),
  "an unknown bucket is refused": ({ as, at }) =>
    Effect.gen(function* () {
      const error = yield* refusalOf(getInventory({ ...at, bucket: "nosuch-1250000000" }, "a").pipe(as()))
      assert.deepEqual([error.code, error.reason], ["NoSuchBucket", "not-found"])
    }),
  "a body that was changed on its way is refused": ({ send, sign }) =>
    Effect.gen(function* () {
      const request = yield* sign({ _tag: "PutBucketInventory", configuration: rule("a") })
      const changed = new TextDecoder().decode(request.body).replace("Daily", "Dai1y")
      const error = readError(yield* send({ ...request, body: new TextEncoder().encode(changed) }))
      assert.ok(error instanceof CosError)
      assert.equal(error.code, "BadDigest")
    }),
  "a presigned request is answered until its time is over": ({ as, at, send }) =>
    Effect.gen(function* () {
      yield* putInventory(at, rule("a")).pipe(as())
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      for (const form of ["query", "merged"] as const) {
        const operation: Operation = { _tag: "GetBucketInventory", id: "a" }
        const signer = { ...key, keyTime: keyTimeAt(now), hashes, headers: ["host"] }
        const link = presign(unsigned(operation, at), signer, { form })
        assert.equal((yield* send(link)).status, 200)
        const other = { ...link, target: link.target.replace("id=a", "id=b") }
        const error = readError(yield* send(other))
        assert.ok(error instanceof CosError)
        assert.equal(error.code, "SignatureDoesNotMatch")
      }
      const link = presign(unsigned(list, at), { ...key, keyTime: keyTimeAt(now), hashes, headers: ["host"] })
      yield* TestClock.adjust("1 hour")
      const error = readError(yield* send(link))
      assert.ok(error instanceof CosError)
      assert.equal(error.serverMessage, "Request has expired")
    }),
  "a token of another bucket is refused": ({ as, at, send, sign }) =>
    Effect.gen(function* () {
      const many = { ...at, bucket: "many-1250000000" }
      const [page] = [...yield* Stream.runCollect(Stream.take(listPages(many), 1)).pipe(as())]
      const error = readError(
        yield* send(yield* sign({ ...list, continuationToken: page!.nextContinuationToken! })),
      )
      assert.ok(error instanceof CosError)
      assert.equal(error.code, "InvalidArgument")
    }),
}
