/** Programs as tests see them: what they were given, what they wrote, and how they ended. */
import { spawn, type SpawnOptions } from "node:child_process"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export const root = new URL("..", import.meta.url).pathname

/** The Bun of this project, whichever runtime the tests run on. */
export const bun = `${root}node_modules/.bin/bun`

/** Runs a program to its end, at the root of the project. Its environment is the given one alone, with `PATH`. */
export const run = (
  command: string,
  args: ReadonlyArray<string>,
  options: Pick<SpawnOptions, "cwd" | "env"> = {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    })
    let stdout = ""
    let stderr = ""
    child.stdout!.setEncoding("utf8").on("data", (text: string) => stdout += text)
    child.stderr!.setEncoding("utf8").on("data", (text: string) => stderr += text)
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, stdout, stderr }))
  })
