/** Interruption between buckets, as a shell sees it. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { constants } from "node:os"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { settingsFor } from "./cli.ts"
import { named, newRule } from "./fleet-world.ts"
import { answering, type Behaviour, listen, silent } from "./loopback.ts"
import { root } from "./process.ts"

const argv = "Deno" in globalThis ? ["run", "--allow-all", "--no-check", "cli/main.ts"] : ["cli/main.ts"]

const missing = "<Error><Code>InventoryConfigurationNotFoundError</Code><Message>-</Message></Error>"
const answer = (status: string, body = ""): Behaviour =>
  answering(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)

/** Reads find no rule and writes are taken; from the given connection on nothing is answered any more. */
const stallingAt = (last: number): Behaviour => {
  let connections = 0
  return (socket) => {
    connections++
    if (connections >= last) return silent(socket)
    return (connections % 2 === 1 ? answer("404 Not Found", missing) : answer("200 OK"))(socket)
  }
}

/** Runs `put` of two rules over three buckets, and interrupts it when the request has come. */
const interrupted = (form: "table" | "json", last: number, request: string) =>
  Effect.flatMap(listen(stallingAt(last)), ({ origin, received }) =>
    Effect.promise(async () => {
      const refs = ["one", "two", "three"].map((name) => `${name}-1250000000@ap-guangzhou`)
      const child = spawn(process.execPath, [...argv, "put", "-", ...named(...refs), "-o", form], {
        cwd: root,
        env: { PATH: process.env["PATH"], ...settingsFor(origin) },
        stdio: ["pipe", "pipe", "pipe"],
      })
      let out = ""
      let err = ""
      child.stdout.on("data", (bytes: Uint8Array) => out += new TextDecoder().decode(bytes))
      child.stderr.on("data", (bytes: Uint8Array) => err += new TextDecoder().decode(bytes))
      const end = new Promise<number>((resolve) =>
        // Deno tells an exit code over 128 as the signal it stands for
        child.on("close", (code, signal) => resolve(code ?? constants.signals[signal!] + 128))
      )
      child.stdin.end(`[${newRule("a")},${newRule("b")}]`)
      while (!received().includes(request)) await new Promise((resolve) => setTimeout(resolve, 10))
      child.kill("SIGINT")
      return { code: await end, out, err }
    })).pipe(Effect.scoped, Effect.runPromise)

test("Every bucket says what was done and what was not under -o json when a write in one of them is interrupted", async () => {
  const { code, out, err } = await interrupted("json", 8, "PUT /two-1250000000/?inventory&id=b")
  assert.equal(code, 130, err)
  const results = JSON.parse(out).buckets.map((
    { bucket, results }: { bucket: string; results: ReadonlyArray<{ id: string; result: string }> },
  ) => `${bucket}: ${results.map(({ id, result }) => `${id} ${result}`).join(", ")}`)
  assert.deepEqual(results, [
    "one-1250000000: a created, b created",
    "two-1250000000: a created, b interrupted",
    "three-1250000000: a not started, b not started",
  ])
  const { error } = JSON.parse(err)
  assert.equal(error.exitCode, 130)
  assert.equal(
    error.message,
    'rule "b" may have been written; check with `cos-inventory get b --bucket two-1250000000@ap-guangzhou`',
  )
})

test("The table of buckets says what was done and what was not when a write in one of them is interrupted", async () => {
  const { code, out, err } = await interrupted("table", 6, "PUT /two-1250000000/?inventory&id=a")
  assert.equal(code, 130, err)
  assert.match(err, /Interrupted: rule "a" may have been written; check with .*--bucket two-1250000000@ap-guangzhou/u)
  const rows = out.slice(out.indexOf("BUCKET")).trim().split("\n").map((line) => line.split(/ {2,}/u))
  assert.deepEqual(rows, [
    ["BUCKET", "REGION", "RESULT"],
    ["one-1250000000", "ap-guangzhou", "2 created"],
    ["two-1250000000", "ap-guangzhou", "1 interrupted, 1 not started"],
    ["three-1250000000", "ap-guangzhou", "2 not started"],
    [""],
    ["2 created, 1 interrupted, 3 not started in 3 buckets"],
  ])
})

test("No doubt is left of a write when the read before it is interrupted", async () => {
  const { code, out, err } = await interrupted("table", 5, "GET /two-1250000000/?inventory&id=a")
  assert.equal(code, 130, err)
  assert.doesNotMatch(err, /may have been/u)
  assert.match(out, /^one-1250000000 +ap-guangzhou +2 created$/mu)
})
