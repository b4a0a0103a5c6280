/** Lines for an output that breaks, fills up or stands still. */
import { strict as assert } from "node:assert"
import { Writable } from "node:stream"
import { test } from "node:test"
import { lineWriter } from "../http/line-writer.ts"

/** An output that takes what it is given when it is told to, or refuses it. */
const made = () => {
  const taken: Array<string> = []
  const waiting: Array<(error?: Error) => void> = []
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    emitClose: false,
    autoDestroy: false,
    write: (text, _, done) => {
      waiting.push((error) => {
        if (error === undefined) taken.push(String(text))
        done(error)
      })
    },
  })
  const answer = async (error?: Error) => {
    waiting.shift()?.(error)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { stream, taken, waiting, answer }
}

const outcome = (written: Promise<void>): Promise<string> => written.then(() => "written", () => "lost")
const lostLine = (count: number) => `lost: ${count}`

test("`lineWriter` tells each line's fate, and nothing ends the process, when the output breaks", async () => {
  const errors: Array<unknown> = []
  // What process.stderr is: it says of every line that it failed, and stays
  const broken = Object.assign(new Writable({ write: () => {} }), {
    write: (_: string, done: (error: Error) => void) => {
      const error = Object.assign(new Error("write EPIPE"), { code: "EPIPE" })
      done(error)
      broken.emit("error", error)
      return false
    },
  })
  const onUnhandled = (error: unknown) => errors.push(error)
  process.on("unhandledRejection", onUnhandled)
  const write = lineWriter(broken, { lostLine })
  const fates = [write("one"), write("two")]
  void write("nobody looks at this one")
  assert.deepEqual(await Promise.all(fates.map(outcome)), ["lost", "lost"])
  await new Promise((resolve) => setImmediate(resolve))
  process.off("unhandledRejection", onUnhandled)
  assert.deepEqual(errors, [])
})

test("`lineWriter` keeps no more than it may, and tells once how many lines were lost, when the output stands still", async () => {
  const { stream, taken, answer } = made()
  const write = lineWriter(stream, { lostLine, maxWaiting: 40 })
  const fates = Array.from({ length: 100 }, (_, at) => outcome(write(String(at).padStart(9, "0"))))
  assert.ok(stream.writableLength <= 40, String(stream.writableLength))
  assert.deepEqual(await Promise.all(fates.slice(4)), Array.from({ length: 96 }, () => "lost"))
  for (let i = 0; i < 10; i++) await answer()
  assert.deepEqual(await Promise.all(fates.slice(0, 4)), ["written", "written", "written", "written"])
  void write("again")
  for (let i = 0; i < 3; i++) await answer()
  assert.deepEqual(taken, ["000000000\n", "000000001\n", "000000002\n", "000000003\n", "lost: 96\n", "again\n"])
})

test("`lineWriter` counts on when the line about lost lines is lost as well", async () => {
  const answers: Array<Error | undefined> = []
  const taken: Array<string> = []
  const stream = Object.assign(new Writable({ write: () => {} }), {
    write: (text: string, done: (error?: Error) => void) => {
      const error = answers.shift()
      if (error === undefined) taken.push(text)
      done(error)
      return true
    },
  })
  const write = lineWriter(stream, { lostLine })
  const full = new Error("write ENOSPC")
  answers.push(full, full, undefined, full, undefined, undefined)
  const fates = await Promise.all(["a", "b", "c", "d"].map((line) => outcome(write(line))))
  assert.deepEqual(fates, ["lost", "lost", "written", "written"])
  assert.deepEqual(taken, ["c\n", "d\n", "lost: 2\n"])
})
