/** `apply` as a process that is told to stop, and the bar that a terminal shows. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { writeFile } from "node:fs/promises"
import { constants } from "node:os"
import { PassThrough } from "node:stream"
import { test } from "node:test"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { TestConsole } from "effect/testing"
import { run } from "../cli/program.ts"
import { World } from "../cli/world.ts"
import type { HttpRequest } from "../core/http.ts"
import type { Body, Serve } from "../core/ports.ts"
import { invoke, type LocalCos, withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { root } from "./process.ts"
import { document } from "./rules-document.ts"

const buckets = ["one-1250000000", "two-1250000000"]
const ids = ["daily-a", "daily-b", "daily-c"]
const rules = document(buckets, ids.map((id) => ({ id })), { manages: ["daily-*"] })

interface Stall {
  readonly env: Record<string, string>
  readonly file: string
  /** The request that is never answered has come. */
  readonly stalled: Promise<void>
  /** From now on everything is answered. */
  readonly release: () => void
  readonly held: () => ReadonlyArray<string>
  readonly fault: LocalCos["fault"]
}

/** A COS that performs one request, and never answers it. */
const withStall = (
  isStalling: (request: HttpRequest<Body>) => boolean,
  body: (stall: Stall) => Promise<void>,
): Promise<void> =>
  withFiles({ "rules.yaml": rules }, (at) => {
    let isReleased = false
    let seen = () => {}
    const stalled = new Promise<void>((resolve) => seen = resolve)
    const around = ({ answer }: Serve): Serve => ({
      answer: (request) =>
        isReleased || !isStalling(request)
          ? answer(request)
          : Effect.andThen(answer(request), Effect.suspend(() => (seen(), Effect.never))),
    })
    return withCos(
      { buckets: buckets.map((name) => ({ name, region: "ap-guangzhou" })), around },
      ({ cos, env, fault }) =>
        body({
          env,
          fault,
          stalled,
          file: at("rules.yaml"),
          release: () => void (isReleased = true),
          held: () =>
            buckets.flatMap((name) => [...cos.store.bucket(name)!.rules.keys()].sort().map((id) => `${name} ${id}`)),
        }),
    )
  })

/** This runtime's own way to run the command line. */
const argv = "Deno" in globalThis ? ["run", "--allow-all", "--no-check", "cli/main.ts"] : ["cli/main.ts"]

const started = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [...argv, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let out = ""
  let err = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => out += text)
  child.stderr.setEncoding("utf8").on("data", (text: string) => err += text)
  const ended = new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
    // Deno tells an exit code over 128 as the signal it stands for
    child.on("close", (code, signal) => resolve({ code: code ?? constants.signals[signal!] + 128, out, err }))
  })
  return { child, ended }
}

const atSecondWrite = (request: HttpRequest<Body>): boolean =>
  request.method === "PUT" && request.target.startsWith("/one-") && request.target.includes("id=daily-b")

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`\`apply\` ends with ${code}, one document and the truth when ${signal} comes under a write`, async () => {
    await withStall(atSecondWrite, async ({ env, file, stalled, release, held }) => {
      const { child, ended } = started(["apply", file, "--yes", "--parallel", "1", "-o", "json"], env)
      await stalled
      child.kill(signal)
      const { code: exit, out, err } = await ended
      assert.equal(exit, code, err)
      assert.deepEqual(
        JSON.parse(out).results.map(
          (
            one: { bucket: string; state: string; writes: ReadonlyArray<{ id: string; result: string }> },
          ) => [one.bucket, one.state, ...one.writes.map(({ result }) => result)],
        ),
        [
          ["one-1250000000", "interrupted", "not shown", "interrupted", "not started"],
          ["two-1250000000", "not started", "not started", "not started", "not started"],
        ],
      )
      assert.doesNotMatch(out, /"error"/u)
      assert.equal(
        JSON.parse(err).error.message,
        '1 of 6 writes are done, 1 in doubt (create "daily-b" in one-1250000000), 4 not started; running it again completes it',
      )
      assert.equal(JSON.parse(err).error.exitCode, code)
      assert.deepEqual(held(), ["one-1250000000 daily-a", "one-1250000000 daily-b"])
      release()
      const again = await invoke(["apply", file, "--yes", "-o", "json"], { env })
      assert.equal(again.code, 0, again.err)
      assert.deepEqual(held(), buckets.flatMap((name) => ids.map((id) => `${name} ${id}`)))
    })
  })
}

const isListing = ({ method, target }: HttpRequest<Body>): boolean => method === "GET" && target.endsWith("?inventory")

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  test(`\`apply\` ends with ${code} and says that nothing was written when ${signal} comes while it plans`, async () => {
    await withStall(isListing, async ({ env, file, stalled }) => {
      const { child, ended } = started(["apply", file, "--yes", "-o", "json"], env)
      await stalled
      child.kill(signal)
      const { code: exit, out, err } = await ended
      assert.deepEqual([exit, out], [code, ""])
      assert.deepEqual(JSON.parse(err), {
        version: 1,
        error: { type: "Interrupted", message: "Interrupted while planning; nothing was written", exitCode: code },
      })
    })
  })
}

test("`apply` and `copy` say that nothing was written when they are interrupted while they plan", async () => {
  for (const args of [["apply", "FILE", "--prune"], ["copy", ...buckets, "--region", "ap-guangzhou"]]) {
    await withStall(isListing, async ({ env, file, stalled, held }) => {
      const given = args.map((arg) => arg === "FILE" ? file : arg)
      const { err, out } = await onScreen(given, env, { stop: stalled })
      assert.match(err, /(?:^|\n)\nInterrupted while planning; nothing was written$/u)
      assert.deepEqual([out, held()], ["", []])
    })
  }
})

test("`apply` says so on a line of its own when it is interrupted at its question", async () => {
  for (const form of ["table", "json", "yaml"]) {
    await withStall(() => false, async ({ env, file, held }) => {
      let asked = () => {}
      const stop = new Promise<void>((resolve) => asked = resolve)
      const confirm = () => Effect.suspend(() => (asked(), Effect.never))
      const { err, out } = await onScreen(["apply", file, "-o", form], env, { stop, confirm })
      const said = err.split("\n").slice(-2)
      assert.deepEqual(said[0], "")
      assert.equal(
        form === "json" ? JSON.parse(said[1]!).error.message : said[1],
        "Interrupted while asking; nothing was written",
      )
      assert.doesNotMatch(out, /"results"|results:|BUCKET/u)
      assert.deepEqual(held(), [])
    })
  }
})

test("`apply` says in a table what was done, and in speech what is in doubt, when it is interrupted", async () => {
  await withStall(atSecondWrite, async ({ env, file, stalled }) => {
    const { child, ended } = started(["apply", file, "--yes", "--parallel", "1"], env)
    await stalled
    child.kill("SIGINT")
    const { code, out, err } = await ended
    assert.equal(code, 130, err)
    assert.match(out, /^one-1250000000: created "daily-a"$/mu)
    assert.match(out, /^one-1250000000 +ap-guangzhou +1 +0 +0 +0 +interrupted: 1 in doubt, 1 not started$/mu)
    assert.match(out, /^two-1250000000 +ap-guangzhou +0 +0 +0 +0 +not started$/mu)
    assert.match(out, /^1 created, 0 updated, 0 deleted in 1 bucket; 1 in doubt, 4 not started$/mu)
    assert.match(err, /^Interrupted: 1 of 6 writes are done, 1 in doubt/mu)
    assert.doesNotMatch(out + err, /\n\s+at /u)
  })
})

interface OnScreen {
  /** It is interrupted then. */
  readonly stop?: Promise<void>
  readonly confirm?: World["confirm"]
}

/** The command on a terminal whose screen is kept. */
const onScreen = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  { stop = new Promise(() => {}), confirm = () => Effect.succeed(true) }: OnScreen = {},
) =>
  Effect.gen(function* () {
    const screen = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
    let drawn = ""
    screen.setEncoding("utf8").on("data", (text: string) => drawn += text)
    const world = Context.make(World, {
      env,
      stdin: screen,
      isTerminal: { stdin: true, stdout: true, stderr: true },
      confirm,
      screen,
    })
    const listeners = ["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name))
    const fiber = yield* Effect.forkChild(Effect.result(run(args).pipe(Effect.provideContext(world))))
    yield* Effect.raceFirst(Fiber.await(fiber), Effect.promise(() => stop))
    assert.deepEqual(["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name)), listeners)
    yield* Fiber.interrupt(fiber)
    return {
      drawn,
      out: (yield* TestConsole.logLines).join("\n"),
      err: (yield* TestConsole.errorLines).join("\n"),
    }
  }).pipe(Effect.provide(TestConsole.layer), Effect.runPromise)

test("`apply` draws a bar on a terminal, wipes it away, and then says what became of each rule", async () => {
  await withStall(() => false, async ({ env, file, held }) => {
    const { drawn, out, err } = await onScreen(["apply", file], env)
    assert.match(drawn, /Applying \[-+\] 0\/6/u)
    assert.match(drawn, /Applying \[=+\] 6\/6/u)
    // deno-lint-ignore no-control-regex -- a line that is wiped away
    assert.match(drawn, /\u001b\[2K$/u)
    // deno-lint-ignore no-control-regex -- a cursor that is hidden, or lines that are not wrapped
    assert.doesNotMatch(drawn, /\u001b\[\?(?:25|7)l/u)
    assert.deepEqual(
      out.match(/^\S+: created "\S+"$/gmu)!.toSorted(),
      buckets.flatMap((name) => ids.map((id) => `${name}: created "${id}"`)),
    )
    assert.match(out, /created "daily-[abc]"\nBUCKET/u)
    assert.match(out, /two-1250000000 +ap-guangzhou +3 /u)
    assert.match(out, /\n6 created, 0 updated, 0 deleted in 2 buckets$/u)
    assert.doesNotMatch(err, /Cannot|failed/u)
    assert.equal(held().length, 6)
  })
})

test("`apply` says on a terminal what was not made alone, and a total, when the rules are too many for a screen", async () => {
  const many = document(buckets, Array.from({ length: 30 }, (_, i) => ({ id: `daily-${i}` })))
  await withStall(() => false, async ({ env, file, fault }) => {
    await writeFile(file, many)
    fault({ match: { operation: "PutBucketInventory", id: "daily-7" }, code: "InvalidArgument" })
    const { out, err } = await onScreen(["apply", file, "--yes"], env)
    assert.deepEqual(
      out.match(/^\S+: .*"$/gmu)!.toSorted(),
      buckets.map((name) => `${name}: could not create "daily-7"`),
    )
    assert.match(out, /\n58 created, 0 updated, 0 deleted in 2 buckets; 2 failed$/u)
    assert.match(err, /2 of 2 buckets failed; mend these, then run it again$/u)
  })
})

test("`apply` wipes its bar away before it speaks when it is interrupted", async () => {
  await withStall(atSecondWrite, async ({ env, file, stalled }) => {
    const { drawn, out, err } = await onScreen(["apply", file, "--yes", "--parallel", "1"], env, { stop: stalled })
    assert.match(drawn, /Applying \[=*-+\] 1\/6/u)
    // deno-lint-ignore no-control-regex -- a line that is wiped away
    assert.match(drawn, /\u001b\[2K$/u)
    assert.match(out, /interrupted: 1 in doubt, 1 not started/u)
    assert.match(err, /Interrupted: 1 of 6 writes are done/u)
  })
})

test("`apply` draws nothing when its output is for programs, or when logs are asked for", async () => {
  for (const args of [["-o", "json"], ["--log-level", "debug"]]) {
    await withStall(() => false, async ({ env, file }) => {
      assert.equal((await onScreen(["apply", file, "--yes", ...args], env)).drawn, "")
    })
  }
})
