/** Many at once: clients that overwrite, delete, abort and vanish in the middle of what others do. */
import { strict as assert } from "node:assert"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { encodeKey } from "../core/key.ts"
import { call } from "./door.ts"
import { dice, sample } from "./generated.ts"
import {
  type Asked,
  bucket,
  hostOfBucket,
  local,
  md5Of,
  refused,
  type Reply,
  replyOf,
  utf8,
  wellFormed,
  type World,
  written,
} from "./local-attacks-world.ts"

const folder = mkdtempSync(join(tmpdir(), "cos-inventory-races-"))
const worlds: Readonly<Record<string, () => Promise<World>>> = {
  "in memory": local(),
  "in a folder": local({ data: folder }),
}
after(() => rmSync(folder, { recursive: true }))

const megabyte = 1024 * 1024

/** Bytes of all versions and parts, which is what bodies may take. */
const owned = ({ cos: { store } }: World): number => {
  let sum = 0
  for (const { name } of store.buckets()) {
    for (const versions of store.entries(name, "")) for (const { size } of versions) sum += size
    for (const { id } of store.uploads(name)) for (const { size } of store.parts(name, id)) sum += size
  }
  return sum
}

/** Asks on until it holds, because a server hears of a closed connection when it does. */
const until = async (world: World, holds: () => boolean): Promise<void> => {
  while (!holds()) await world.ask({ target: "/none" })
}

const begun = async ({ ask }: World, key: string): Promise<string> =>
  `/${key}?uploadId=${(await ask({ method: "POST", target: `/${key}?uploads` })).element("UploadId")}`

const completion = (etag: string): string =>
  `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`

/** All but the end of a request is sent; the rest follows on demand. */
const halfSent = ({ port }: World, asked: Asked) => {
  const bytes = written(asked)
  const caller = call(port)
  caller.write(bytes.subarray(0, bytes.byteLength - 1000))
  return {
    vanish: caller.hangUp,
    finish: async (): Promise<Reply> => {
      caller.write(bytes.subarray(bytes.byteLength - 1000))
      const reply = replyOf(await caller.closed)
      wellFormed(reply, asked)
      return reply
    },
  }
}

/** The server has begun to take the body in. */
const arriving = (world: World, before: number) => until(world, () => world.cos.store.bodies.used() > before)

for (const [where, opened] of Object.entries(worlds)) {
  test(`hundreds of puts, gets, lists and deletes of the same keys at once tear no body ${where}`, async () => {
    const world = await opened()
    const keys = ["a", "b/c", "\xff"]
    const client = async (seed: number): Promise<void> => {
      const roll = dice(seed)
      for (let i = 0; i < 40; i++) {
        const target = `/${encodeKey(keys[roll(keys.length)]!)}`
        const what = roll(6)
        if (what < 2) {
          const body = String.fromCharCode(97 + roll(26)).repeat(1 + roll(150_000))
          const put = await world.ask({ method: "PUT", target, body })
          assert.equal(put.header("etag"), `"${md5Of16(body)}"`)
        } else if (what < 4) {
          const got = await world.ask({ target })
          if (got.status === 404) continue
          assert.equal(got.header("etag"), `"${md5Of16(got.body)}"`)
          assert.equal(got.body, got.body[0]!.repeat(got.body.length))
        } else if (what === 4) {
          const list = await world.ask({ target: "/?encoding-type=url&prefix=" })
          assert.deepEqual(list.elements("Key").filter((key) => !keys.some((one) => encodeKey(one) === key)), [])
        } else assert.equal((await world.ask({ method: "DELETE", target })).status, 204)
      }
    }
    await Promise.all(Array.from({ length: 8 }, (_, at) => client(at + 1)))
    assert.equal(world.cos.store.bodies.used(), owned(world))
    for (const key of keys) await world.ask({ method: "DELETE", target: `/${encodeKey(key)}` })
    assert.equal(world.cos.store.bodies.used(), 0)
  })

  test(`a slow reader gets the old body whole, though it is overwritten and deleted meanwhile ${where}`, async () => {
    const world = await opened()
    const body = "old ".repeat(2 * megabyte)
    await world.ask({ method: "PUT", target: "/slow", body })
    const readers = Array.from({ length: 3 }, () => {
      const caller = call(world.port)
      caller.socket.pause()
      caller.write(written({ target: "/slow" }))
      return caller
    })
    await until(world, () => world.cos.journal.requests().filter(({ target }) => target === "/slow").length >= 4)
    await world.ask({ method: "PUT", target: "/slow", body: "new" })
    assert.equal((await world.ask({ target: "/slow" })).body, "new")
    await world.ask({ method: "DELETE", target: "/slow" })
    for (const { socket, closed } of readers) {
      socket.resume()
      const reply = replyOf(await closed)
      assert.equal(reply.status, 200)
      assert.ok(reply.body === body, `torn: ${reply.body.length} of ${body.length} bytes`)
    }
    await until(world, () => world.cos.store.bodies.used() === 0)
  })

  test(`readers that vanish in the middle keep no body from being let go ${where}`, async () => {
    const world = await opened()
    await world.ask({ method: "PUT", target: "/left", body: "x".repeat(4 * megabyte) })
    const seen = world.cos.journal.requests().length
    for (let at = 0; at < 8; at++) {
      const caller = call(world.port)
      if (at % 2 === 0) caller.socket.pause()
      caller.write(written({ target: "/left" }))
      if (at % 4 < 2) caller.hangUp()
      else await until(world, () => world.cos.journal.requests().slice(seen).some(({ target }) => target === "/left"))
      caller.hangUp()
    }
    await world.ask({ method: "DELETE", target: "/left" })
    await until(world, () => world.cos.store.bodies.used() === 0)
    if (where === "in a folder") {
      await until(world, () => filesIn(join(folder, "bodies")).length === 0)
    }
  })

  test(`clients that vanish in the middle of an upload leave nothing ${where}`, async () => {
    const world = await opened()
    const upload = await begun(world, "vanishing")
    const asked: ReadonlyArray<Asked> = [
      { method: "PUT", target: "/vanishing", body: "x".repeat(2 * megabyte) },
      { method: "PUT", target: "/vanishing", body: "x".repeat(2 * megabyte), framing: "chunked" },
      { method: "PUT", target: `${upload}&partNumber=1`, body: "x".repeat(2 * megabyte) },
      { method: "PUT", target: "/?cors", body: "<CORSConfiguration>".padEnd(10_000) },
    ]
    const before = world.cos.store.bodies.used()
    for (const one of asked) {
      const sent = halfSent(world, one)
      if (one.target !== "/?cors") await arriving(world, before)
      sent.vanish()
      await until(world, () => world.cos.store.bodies.used() === before)
    }
    refused(await world.ask({ target: "/vanishing" }), "NoSuchKey")
    assert.deepEqual((await world.ask({ target: upload })).elements("PartNumber"), [])
    await world.ask({ method: "DELETE", target: upload })
    assert.equal(world.cos.store.bodies.used(), owned(world))
    if (where === "in a folder") await until(world, () => filesIn(join(folder, "bodies")).length === 0)
  })

  test(`a part whose upload is aborted while it comes in is refused and let go ${where}`, async () => {
    const world = await opened()
    const upload = await begun(world, "aborted")
    const before = world.cos.store.bodies.used()
    const part = halfSent(world, { method: "PUT", target: `${upload}&partNumber=1`, body: "x".repeat(2 * megabyte) })
    await arriving(world, before)
    assert.equal((await world.ask({ method: "DELETE", target: upload })).status, 204)
    refused(await part.finish(), "NoSuchUpload")
    assert.equal(world.cos.store.bodies.used(), before)
  })

  test(`an object whose bucket is deleted while it comes in is refused and let go ${where}`, async () => {
    const world = await opened()
    const host = hostOfBucket.replace(bucket, "gone-1250000000")
    assert.equal((await world.ask({ method: "PUT", host })).status, 200)
    const before = world.cos.store.bodies.used()
    const put = halfSent(world, { method: "PUT", host, target: "/a", body: "x".repeat(2 * megabyte) })
    await arriving(world, before)
    assert.equal((await world.ask({ method: "DELETE", host })).status, 204)
    refused(await put.finish(), "NoSuchBucket")
    assert.equal(world.cos.store.bodies.used(), before)
  })

  test(`an upload that many complete, abort and delete at once ends once, and leaves nothing behind ${where}`, async () => {
    const world = await opened()
    const body = "part"
    const etag = md5Of16(body)
    for (let round = 0; round < 12; round++) {
      const upload = await begun(world, "raced")
      await world.ask({ method: "PUT", target: `${upload}&partNumber=1`, body })
      const complete = () => world.ask({ method: "POST", target: upload, body: completion(etag) })
      const abort = () => world.ask({ method: "DELETE", target: upload })
      const others = [
        world.ask({ method: "PUT", target: `${upload}&partNumber=1`, body }),
        world.ask({ method: "DELETE", target: "/raced" }),
        world.ask({ method: "PUT", target: `${upload}&partNumber=2`, body: "more" }),
      ]
      const ends = await Promise.all(
        round % 2 === 0 ? [complete(), abort(), complete()] : [abort(), complete(), abort()],
      )
      assert.equal(ends.filter(({ status }) => status < 300).length, 1)
      assert.deepEqual(ends.map(({ code }) => code).filter((code) => code !== ""), ["NoSuchUpload", "NoSuchUpload"])
      await Promise.all(others)
      const got = await world.ask({ target: "/raced" })
      assert.ok(got.status === 404 || got.body === body)
      assert.deepEqual(world.cos.store.uploads(bucket), [])
      assert.equal(world.cos.store.bodies.used(), owned(world))
    }
    await world.ask({ method: "DELETE", target: "/raced" })
    assert.equal(world.cos.store.bodies.used(), 0)
  })

  test(`of many who may not overwrite each other, one puts the object ${where}`, async () => {
    const world = await opened()
    const bodies = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(1000))
    const replies = await Promise.all(
      bodies.map((body) =>
        world.ask({ method: "PUT", target: "/first", headers: [["x-cos-forbid-overwrite", "true"]], body })
      ),
    )
    const won = replies.findIndex(({ status }) => status === 200)
    assert.deepEqual(
      replies.map(({ code }) => code),
      replies.map((_, at) => at === won ? "" : "FileAlreadyExists"),
    )
    assert.equal((await world.ask({ target: "/first" })).body, bodies[won])
    await world.ask({ method: "DELETE", target: "/first" })
    assert.equal(world.cos.store.bodies.used(), 0)
  })

  test(`of many jobs of one id, one is taken ${where}`, async () => {
    const world = await opened()
    const body = utf8(sample("post.xml"))
    const target = `/?inventory&id=${/<Id>(.*?)<\/Id>/u.exec(body)![1]}`
    const replies = await Promise.all(Array.from({ length: 10 }, () => world.ask({ method: "POST", target, body })))
    assert.deepEqual(
      replies.map(({ code }) => code).sort(),
      ["", ...Array.from({ length: 9 }, () => "DuplicateInventoryId")],
    )
  })
}

const filesIn = (path: string): ReadonlyArray<string> =>
  readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name)

/** As an ETag has it. */
const md5Of16 = (body: string): string => Buffer.from(md5Of(body), "base64").toString("hex")
