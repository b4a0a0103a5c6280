/** Reading what the user names. */
import { strict as assert } from "node:assert"
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PassThrough } from "node:stream"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { exists, readInput, unreadable } from "../adapters/files.ts"
import { effect } from "./harness.ts"

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "cos-inventory-files-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true })),
)
const written = (bytes: Uint8Array | string) =>
  Effect.gen(function* () {
    const path = join(yield* folder, "rule.yaml")
    yield* Effect.promise(() => writeFile(path, bytes))
    return path
  })

for (const length of [0, 1, 65_535, 65_536, 65_537, 300_000]) {
  effect(
    `readInput gives every byte when a file has ${length}`,
    Effect.gen(function* () {
      const bytes = Uint8Array.from({ length }, (_, i) => i * 7)
      assert.deepEqual(yield* readInput(yield* written(bytes)), bytes)
    }),
  )
}

effect(
  "readInput follows a symbolic link",
  Effect.gen(function* () {
    const path = yield* written("ok")
    yield* Effect.promise(() => symlink(path, `${path}.link`))
    assert.equal(new TextDecoder().decode(yield* readInput(`${path}.link`)), "ok")
  }),
)

effect(
  "readInput takes a file of exactly the limit and refuses one byte more",
  Effect.gen(function* () {
    const path = yield* written("12345")
    assert.equal((yield* readInput(path, { maxBytes: 5 })).length, 5)
    const error = yield* Effect.flip(readInput(path, { maxBytes: 4 }))
    assert.match(error.message, /has more than 4 bytes/u)
  }),
)

effect(
  "exists is true only when there is something at the path",
  Effect.gen(function* () {
    const path = yield* written("")
    const paths = [path, join(path, ".."), `${path}.none`, join(path, "inside"), "", undefined]
    assert.deepEqual(yield* Effect.forEach(paths, exists), [true, true, false, false, false, false])
  }),
)

async function* chunks(...texts: ReadonlyArray<string>): AsyncIterable<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text))
}

effect(
  "readInput reads the standard input when the path is a hyphen",
  Effect.gen(function* () {
    const bytes = yield* readInput("-", { stdin: chunks("id: ", "list", "1") })
    assert.equal(new TextDecoder().decode(bytes), "id: list1")
    assert.equal((yield* readInput("-", { stdin: chunks() })).length, 0)
  }),
)

effect(
  "readInput stops reading the standard input when it is over the limit",
  Effect.gen(function* () {
    let asked = 0
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) {
        asked++
        yield await Promise.resolve(new Uint8Array(10))
      }
    }
    const error = yield* Effect.flip(readInput("-", { maxBytes: 25, stdin: endless() }))
    assert.equal(asked, 3)
    assert.match(error.message, /"standard input": it has more than 25 bytes/u)
  }),
)

effect(
  "readInput destroys the standard input when it is interrupted",
  Effect.gen(function* () {
    const stdin = new PassThrough()
    const fiber = yield* Effect.forkChild(readInput("-", { stdin }))
    stdin.write("id: list1")
    yield* Effect.yieldNow
    yield* Fiber.interrupt(fiber)
    assert.ok(stdin.destroyed)
  }),
)

effect(
  "readInput says that there is no such file, and names it",
  Effect.gen(function* () {
    const path = join(yield* folder, "missing.yaml")
    const error = yield* Effect.flip(readInput(path))
    assert.equal(error._tag, "ConfigError")
    assert.equal(error.source, path)
    assert.equal(error.problem, `Cannot read "${path}": there is no such file`)
  }),
)

effect(
  "readInput says that it is a directory",
  Effect.gen(function* () {
    assert.match((yield* Effect.flip(readInput(yield* folder))).problem, /: it is a directory$/u)
  }),
)

effect(
  "readInput says that a part of the path is not a directory",
  Effect.gen(function* () {
    const path = yield* written("")
    assert.match((yield* Effect.flip(readInput(`${path}/x`))).problem, /: a part of its path is not a directory$/u)
  }),
)

effect(
  "readInput fails with a sentence when the path cannot be one",
  Effect.gen(function* () {
    assert.equal((yield* Effect.flip(readInput("a\0b")))._tag, "ConfigError")
    assert.equal((yield* Effect.flip(readInput("")))._tag, "ConfigError")
  }),
)

effect(
  "unreadable says what a system call's code means, and keeps a code that it does not know",
  Effect.sync(() => {
    assert.match(unreadable("a", { code: "EACCES" }).problem, /permission is denied/u)
    assert.match(unreadable("a", { code: "EIO" }).problem, /EIO/u)
    assert.match(unreadable("a", undefined).problem, /^Cannot read "a"/u)
  }),
)
