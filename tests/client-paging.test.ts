/** LIST as a stream: every page in order, and an end to every list that has none. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { allInventories, listBuckets, listInventories, listPages } from "../core/client.ts"
import type { HttpResponse } from "../core/http.ts"
import { maxPages } from "../core/limits.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { writeList } from "../core/wire/list.ts"
import { writeService } from "../core/wire/service.ts"
import { good } from "./generated.ts"
import { effect } from "./harness.ts"
import { at, reply, scripted } from "./scripted.ts"

const page = (ids: ReadonlyArray<string>, next?: string, isTruncated = next !== undefined): HttpResponse =>
  reply(writeList({
    rules: ids.map((id) => ({ ...good, id })),
    isTruncated,
    ...(next === undefined ? {} : { nextContinuationToken: next }),
  }))

const ids = (...answers: ReadonlyArray<HttpResponse>) => {
  const server = scripted(...answers)
  const seen: Array<string> = []
  const all = listInventories(at).pipe(
    Stream.runForEach((rule) => Effect.sync(() => void seen.push(rule.id))),
    server.provide,
  )
  return { all, seen, server }
}

effect(
  "listInventories brings the rules of all pages in the order they came",
  Effect.gen(function* () {
    const { all, seen, server } = ids(page(["z", "a"], "t/1=+"), page([], "t2"), page(["m"]))
    yield* all
    assert.deepEqual(seen, ["z", "a", "m"])
    assert.deepEqual(server.sent.map((r) => r.target), [
      "/?inventory",
      "/?inventory&continuation-token=t%2F1%3D%2B",
      "/?inventory&continuation-token=t2",
    ])
  }),
)

effect(
  "listInventories sends no request for pages that nobody takes",
  Effect.gen(function* () {
    const server = scripted(page(["a"], "1"))
    const taken = yield* listInventories(at).pipe(Stream.take(1), Stream.runCollect, server.provide)
    assert.equal(taken.length, 1)
    assert.equal(server.sent.length, 1)
  }),
)

effect(
  "listInventories ignores a token when the list is not truncated",
  Effect.gen(function* () {
    const { all, server } = ids(page(["a"], "t", false))
    yield* all
    assert.equal(server.sent.length, 1)
  }),
)

const endless = {
  "repeats the first token": { answers: [page(["a"], "1"), page(["b"], "1")], problem: /repeats a token/u },
  "goes round": { answers: [page([], "1"), page([], "2"), page([], "1")], problem: /repeats a token/u },
  "brings no token": { answers: [page(["a"], undefined, true)], problem: /no token/u },
  "brings an empty token": { answers: [page(["a"], "", true)], problem: /no token/u },
}
for (const [name, { answers, problem }] of Object.entries(endless)) {
  effect(
    `listInventories fails, and asks no more, when a truncated list ${name}`,
    Effect.gen(function* () {
      const { all, server } = ids(...answers)
      const failure = yield* Effect.flip(all)
      assert.equal(failure._tag, "UnexpectedAnswer")
      assert.match(failure.message, problem)
      assert.equal(server.sent.length, answers.length)
    }),
  )
}

effect(
  "listInventories stops after the greatest number of pages when every token is new",
  Effect.gen(function* () {
    const { all, server } = ids(...Array.from({ length: maxPages + 5 }, (_, i) => page([], `t${i}`)))
    assert.match((yield* Effect.flip(all)).message, /more than 100 pages/u)
    assert.equal(server.sent.length, maxPages)
  }),
)

effect(
  "listInventories takes a list of just the greatest number of pages",
  Effect.gen(function* () {
    const { all, server } = ids(...Array.from({ length: maxPages - 1 }, (_, i) => page([], `t${i}`)), page(["last"]))
    yield* all
    assert.equal(server.sent.length, maxPages)
  }),
)

effect(
  "listInventories starts anew each time it is run",
  Effect.gen(function* () {
    const server = scripted(page(["a"], "1"), page(["b"]), page(["a"], "1"), page(["b"]))
    const list = listInventories(at)
    for (let i = 0; i < 2; i++) {
      assert.equal((yield* list.pipe(Stream.runCollect, server.provide)).length, 2)
    }
  }),
)

effect(
  "listInventories is empty when the bucket has no rule, answered with 200 or with 404",
  Effect.gen(function* () {
    for (
      const none of [
        page([]),
        reply(writeErrorDocument({ code: "InventoryConfigurationNotFoundError", message: "" }), 404),
      ]
    ) {
      const { all, seen } = ids(none)
      yield* all
      assert.deepEqual(seen, [])
    }
    const { all } = ids(reply(writeErrorDocument({ code: "NoSuchBucket", message: "" }), 404))
    assert.equal((yield* Effect.flip(all))._tag, "CosError")
  }),
)

effect(
  "listInventories brings the pages before one that fails",
  Effect.gen(function* () {
    const { all, seen } = ids(page(["a"], "1"), reply("", 500))
    assert.equal((yield* Effect.flip(all))._tag, "UnexpectedAnswer")
    assert.deepEqual(seen, ["a"])
  }),
)

effect(
  "listPages brings each page's document as it was sent",
  Effect.gen(function* () {
    const server = scripted(page(["a"], "1"), page(["b"]))
    const pages = yield* listPages(at).pipe(Stream.runCollect, server.provide)
    assert.deepEqual(pages.map((p) => [p.configurations[0]?.id, p.xml.includes("<Id>")]), [["a", true], ["b", true]])
  }),
)

effect(
  "listBuckets pages by marker from COS's service host",
  Effect.gen(function* () {
    const bucket = (name: string) => ({ name, location: "ap-guangzhou", creationDate: "2019-05-24T11:49:50Z" })
    const server = scripted(
      reply(writeService("1", { buckets: [bucket("a-1")], isTruncated: true, nextMarker: "a&1" })),
      reply(writeService("1", { buckets: [bucket("b-1")], isTruncated: false })),
    )
    const buckets = yield* listBuckets({}).pipe(Stream.runCollect, server.provide)
    assert.deepEqual(buckets.map((b) => b.name), ["a-1", "b-1"])
    assert.deepEqual(server.sent.map((r) => r.origin + r.target), [
      "https://service.cos.myqcloud.com/",
      "https://service.cos.myqcloud.com/?marker=a%261",
    ])
  }),
)

effect(
  "allInventories keeps the last of each id when a list shifts between its pages",
  Effect.gen(function* () {
    const later = reply(writeList({ rules: [{ ...good, id: "a", isEnabled: false }, good], isTruncated: false }))
    const rules = yield* allInventories(at).pipe(scripted(page(["z", "a"], "t1"), later).provide)
    assert.deepEqual(rules.map(({ id, isEnabled }) => [id, isEnabled]), [["z", true], ["a", false], [good.id, true]])
  }),
)

effect(
  "listBuckets brings each name once when a list shifts between its pages",
  Effect.gen(function* () {
    const bucket = (name: string) => ({ name, location: "ap-guangzhou", creationDate: "2019-05-24T11:49:50Z" })
    const [a, b, c] = [bucket("a-1"), bucket("b-1"), bucket("c-1")] as const
    const listed = listBuckets({})
    for (let times = 0; times < 2; times++) {
      const server = scripted(
        reply(writeService("1", { buckets: [a, b], isTruncated: true, nextMarker: "b-1" })),
        reply(writeService("1", { buckets: [b, a], isTruncated: true, nextMarker: "b-2" })),
        reply(writeService("1", { buckets: [b, c], isTruncated: false })),
      )
      const buckets = yield* listed.pipe(Stream.runCollect, server.provide)
      assert.deepEqual(buckets.map(({ name }) => name), ["a-1", "b-1", "c-1"])
    }
  }),
)
