/** Which bucket the in-memory COS takes a request for, and what GET Service lists. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readService } from "../core/wire/service.ts"
import { effect } from "./harness.ts"
import { asked, gist, now, one, text } from "./memory-world.ts"

const places: ReadonlyArray<readonly [host: string, target: string, gist: string]> = [
  ["one-1250000000.cos.ap-guangzhou.myqcloud.com", "/?inventory", "in-one"],
  ["ONE-1250000000.COS.ap-guangzhou.myqcloud.com:443", "/?inventory", "in-one"],
  ["two-1250000000.cos.ap-nanjing.tencentcos.cn", "/?inventory", "in-two"],
  ["two-1250000000.cos-internal.ap-nanjing.tencentcos.cn", "/?inventory", "in-two"],
  ["two-1250000000.cos.ap-guangzhou.myqcloud.com", "/?inventory", "NoSuchBucket"],
  ["none-1250000000.cos.ap-guangzhou.myqcloud.com", "/?inventory", "NoSuchBucket"],
  ["one-1250000000.cos.accelerate.myqcloud.com", "/?inventory", "ActionAccelerateNotSupported"],
  ["two-1250000000.localhost:9000", "/?inventory", "in-two"],
  ["build-7.localhost:9000", "/one-1250000000/?inventory", "in-one"],
  ["127.0.0.1:9000", "/two-1250000000/?inventory", "in-two"],
  ["127.0.0.1:9000", "/two-1250000000?inventory", "in-two"],
  ["127.0.0.1:9000", "/none-1250000000/?inventory", "NoSuchBucket"],
  ["127.0.0.1:9000", "/?inventory", "NoSuchBucket"],
  ["cos.ap-nanjing.myqcloud.com", "/two-1250000000/?inventory", "in-two"],
  ["cos.ap-nanjing.myqcloud.com", "/one-1250000000/?inventory", "NoSuchBucket"],
  ["one-1250000000.cos.ap-guangzhou.myqcloud.com", "/two-1250000000/?inventory", "NotImplemented"],
  ["127.0.0.1:9000", "/one-1250000000/a/key?inventory", "NotImplemented"],
  ["service.cos.myqcloud.com", "/", "one-1250000000 two-1250000000"],
  ["127.0.0.1:9000", "/", "one-1250000000 two-1250000000"],
  ["cos.ap-nanjing.myqcloud.com", "/", "two-1250000000"],
  ["one-1250000000.cos.ap-guangzhou.myqcloud.com", "/", "objects of one-1250000000"],
  ["127.0.0.1:9000", "/two-1250000000?max-keys=1", "objects of two-1250000000"],
  ["127.0.0.1:9000", "/?prefix=", "NoSuchBucket"],
  ["127.0.0.1:9000", "/?region=ap-nanjing", "two-1250000000"],
  ["service.cos.myqcloud.com", "/?region=ap-guangzhou", "one-1250000000"],
  ["service.cos.tencentcos.cn", "/?prefix=", "NotImplemented"],
  ["cos.ap-nanjing.myqcloud.com", "/?prefix=", "NotImplemented"],
  ["service.cos.myqcloud.com", "/?tagkey=a&tagvalue=b", "NotImplemented"],
]

for (const [host, target, expected] of places) {
  effect(
    `memory answers with ${expected} when asked at ${host} for ${target}`,
    Effect.gen(function* () {
      const [response] = yield* asked([{ target, headers: [["Host", host]] }])
      assert.equal(gist(response!), expected)
    }),
  )
}

effect(
  "memory answers from the default bucket when a request names none, but never for another bucket",
  Effect.gen(function* () {
    const targets = ["/?inventory", "/", "/none-1250000000/?inventory", "/two-1250000000/?inventory"]
    const responses = yield* asked(targets.map((target) => ({ target })), { defaultBucket: one.name })
    assert.deepEqual(responses.map(gist), ["in-one", "one-1250000000 two-1250000000", "NoSuchBucket", "in-two"])
  }),
)

/** What each client sends to list, when its endpoint is an address alone. */
const lists: Readonly<Record<string, readonly [target: string, gist: string]>> = {
  "cos-nodejs-sdk-v5 getBucket (sdk/base.js:172)": ["/?prefix=", "objects of one-1250000000"],
  "cos-nodejs-sdk-v5 getService": ["/", "one-1250000000 two-1250000000"],
  "cos-nodejs-sdk-v5 getService with MaxKeys": ["/?max-keys=1", "one-1250000000"],
  "cos-python-sdk-v5 list_objects": [
    "/?prefix=&delimiter=&marker=&max-keys=1000&encoding-type=url",
    "objects of one-1250000000",
  ],
  "cos-go-sdk-v5 Bucket.Get with a prefix": ["/?max-keys=100&prefix=a", "objects of one-1250000000"],
  "cos-go-sdk-v5 Bucket.Get with an encoding": ["/?encoding-type=url&max-keys=100", "objects of one-1250000000"],
  "cos-go-sdk-v5 Service.Get": ["/?marker=one-1250000000&max-keys=9", "two-1250000000"],
  "cos-go-sdk-v5 Bucket.Get without anything, which nothing tells apart": ["/", "one-1250000000 two-1250000000"],
  "a link that is signed in its query": ["/?q-sign-algorithm=sha1&q-ak=a", "one-1250000000 two-1250000000"],
}
for (const [client, [target, expected]] of Object.entries(lists)) {
  effect(
    `memory answers ${client} with "${expected}" when there is a default bucket`,
    Effect.gen(function* () {
      const [response] = yield* asked([{ target }], { defaultBucket: one.name })
      assert.equal(gist(response!), expected)
    }),
  )
}

effect(
  "GET Service comes in pages when max-keys says so",
  Effect.gen(function* () {
    const responses = yield* asked([{ target: "/?max-keys=1" }, { target: "/?max-keys=1&marker=one-1250000000" }])
    const pages = responses.map((response) => Result.getOrThrow(readService(text(response))))
    assert.deepEqual(pages.map(({ buckets, nextMarker }) => [buckets[0]?.name, nextMarker]), [
      ["one-1250000000", "one-1250000000"],
      ["two-1250000000", undefined],
    ])
    assert.equal(pages[0]!.buckets[0]!.creationDate, new Date(now * 1000).toISOString().replace(".000", ""))
  }),
)
