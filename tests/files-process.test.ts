/** A rule that somebody is slow to write, and a program that is told to stop waiting for it. */
import { strict as assert } from "node:assert"
import { execFileSync, spawn } from "node:child_process"
import { closeSync, constants as flags, openSync, writeSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { constants, tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { root } from "./process.ts"

const program = "Deno" in globalThis ? ["run", "--allow-all", "--no-check", "cli/main.ts"] : ["cli/main.ts"]

/** `validate` on the pipe by its name, or, for `-`, with the pipe as its standard input. */
const start = (pipe: string, argument: string) => {
  const words = [process.execPath, ...program, "validate", argument]
  const line = argument === "-" ? 'exec "$@" < "$0"' : 'exec "$@"'
  const child = spawn("sh", ["-c", line, pipe, ...words], {
    cwd: root,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let said = ""
  child.stdout!.on("data", (bytes) => said += bytes)
  child.stderr!.on("data", (bytes) => said += bytes)
  // Deno tells an exit code over 128 as the signal it stands for
  const ended = new Promise<readonly [code: number, said: string]>((resolve) =>
    child.on("close", (code, signal) => resolve([code ?? constants.signals[signal!] + 128, said]))
  )
  return { child, ended }
}

/** Tries anew while the system says that it is too early: there is no reader yet, or the pipe is full. */
const persistently = async <A>(attempt: () => A): Promise<A> => {
  for (;;) {
    try {
      return attempt()
    } catch (cause) {
      if (!/^(?:ENXIO|EAGAIN)$/u.test(String((cause as { readonly code?: unknown }).code))) throw cause
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

/** More than a pipe holds, so that its reader has begun to read when all of it is written. */
const comment = new TextEncoder().encode(`# ${"x".repeat(1022)}\n`)
const rows = 200

const withPipe = async (body: (pipe: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "cos-inventory-pipe-"))
  try {
    execFileSync("mkfifo", [join(folder, "rule.yaml")])
    await body(join(folder, "rule.yaml"))
  } finally {
    await rm(folder, { recursive: true })
  }
}

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  for (const [what, named] of [["the standard input", false], ["a named pipe", true]] as const) {
    test(`The program ends with ${code} when it waits for the rest of ${what} and gets ${signal}`, () =>
      withPipe(async (pipe) => {
        const writer = openSync(pipe, flags.O_RDWR | flags.O_NONBLOCK)
        const { child, ended } = start(pipe, named ? pipe : "-")
        try {
          for (let row = 0; row < rows; row++) await persistently(() => writeSync(writer, comment))
          process.kill(child.pid!, signal)
          assert.deepEqual(await ended, [code, ""])
        } finally {
          child.kill("SIGKILL")
          closeSync(writer)
        }
      }))
  }

  test(`The program ends with ${code} when nobody writes to a named pipe and it gets ${signal}`, () =>
    withPipe(async (pipe) => {
      const { child, ended } = start(pipe, pipe)
      try {
        closeSync(await persistently(() => openSync(pipe, flags.O_WRONLY | flags.O_NONBLOCK)))
        process.kill(child.pid!, signal)
        assert.deepEqual(await ended, [code, ""])
      } finally {
        child.kill("SIGKILL")
      }
    }))
}

test("The program reads a named pipe to its end when its writer comes late and writes in parts", () =>
  withPipe(async (pipe) => {
    const { child, ended } = start(pipe, pipe)
    try {
      const writer = await persistently(() => openSync(pipe, flags.O_WRONLY | flags.O_NONBLOCK))
      for (let row = 0; row < rows; row++) await persistently(() => writeSync(writer, comment))
      writeSync(writer, "id: daily\nisEnabled: true\nincludedObjectVersions: All\nschedule: { frequency: Daily }\n")
      writeSync(writer, "destination: { bucket: 'qcs::cos:ap-guangzhou::a-1250000000', format: CSV }\n")
      closeSync(writer)
      const [code, said] = await ended
      assert.equal(code, 0, said)
      assert.match(said, /"daily" is valid/u)
    } finally {
      child.kill("SIGKILL")
    }
  }))
