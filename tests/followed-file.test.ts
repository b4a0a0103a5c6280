/** Files that are read again when they change. */
import { strict as assert } from "node:assert"
import { mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { follow } from "../http/followed-file.ts"

interface Following {
  readonly current: () => string
  readonly in: (name: string) => string
  /** The next reading after the first, in their order. */
  readonly next: () => Promise<string>
}

const following = (
  path: string,
  body: (following: Following) => Promise<void>,
  before: Effect.Effect<void> = Effect.void,
): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "followed-"))
  const at = (name: string) => join(folder, name)
  const readings: Array<string> = []
  let heard = () => {}
  const read = Effect.try({ try: () => readFileSync(at(path), "utf8"), catch: () => "unreadable" }).pipe(
    Effect.filterOrFail((text) => !text.startsWith("wrong"), (text) => text),
  )
  writeFileSync(at("first"), "first")
  symlinkSync(at("first"), at("link"))
  return Effect.gen(function* () {
    const current = yield* follow<string, string>({
      path: at(path),
      read: Effect.andThen(before, read),
      onRead: (result) => {
        readings.push(
          Result.match(result, {
            onSuccess: (text) => text,
            onFailure: (why) => `refused: ${typeof why === "string" ? why : why.message}`,
          }),
        )
        heard()
      },
      lookMillis: 5,
      readMillis: 20,
    })
    const next = async () => {
      while (readings.length === 0) await new Promise<void>((resolve) => heard = resolve)
      return readings.shift()!
    }
    yield* Effect.promise(() => body({ current, in: at, next }))
  }).pipe(
    Effect.scoped,
    Effect.ensuring(Effect.sync(() => rmSync(folder, { recursive: true }))),
    Effect.runPromise,
  )
}

test("follow takes what is in the file when it changes, and keeps what it had when that cannot be read", () =>
  following("first", async (file) => {
    assert.equal(file.current(), "first")
    writeFileSync(file.in("first"), "second")
    assert.equal(await file.next(), "second")
    assert.equal(file.current(), "second")
    writeFileSync(file.in("first"), "wrong one")
    assert.equal(await file.next(), "refused: wrong one")
    assert.equal(file.current(), "second")
    rmSync(file.in("first"))
    assert.equal(await file.next(), "refused: unreadable")
    assert.equal(file.current(), "second")
    writeFileSync(file.in("first"), "third")
    assert.equal(await file.next(), "third")
    assert.equal(file.current(), "third")
  }))

test("follow takes another file when that is put in its place, itself or behind a link", async () => {
  await following("first", async (file) => {
    writeFileSync(file.in("other"), "other")
    renameSync(file.in("other"), file.in("first"))
    assert.equal(await file.next(), "other")
  })
  // As Kubernetes swaps the files of a volume
  await following("link", async (file) => {
    writeFileSync(file.in("other"), "other")
    symlinkSync(file.in("other"), file.in("next"))
    renameSync(file.in("next"), file.in("link"))
    assert.equal(await file.next(), "other")
    assert.equal(file.current(), "other")
  })
})

test("follow tells of a reading that does not end, keeps what it had, and goes on looking", () => {
  let isStuck = false
  const stuck = Effect.suspend(() => isStuck ? Effect.never : Effect.void)
  return following("first", async (file) => {
    isStuck = true
    writeFileSync(file.in("first"), "second")
    assert.match(await file.next(), /^refused: .*nothing came within 0\.02 seconds/u)
    assert.equal(file.current(), "first")
    isStuck = false
    writeFileSync(file.in("first"), "third")
    assert.equal(await file.next(), "third")
  }, stuck)
})

test("follow fails when the file cannot be read the first time", async () => {
  const read = follow({ path: "/nowhere", read: Effect.fail("unreadable"), onRead: () => {} })
  assert.equal(await Effect.runPromise(Effect.flip(Effect.scoped(read))), "unreadable")
})
