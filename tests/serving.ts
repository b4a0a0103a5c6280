/** A program that serves until a test is done with it. */
import { spawn } from "node:child_process"
import { root } from "./process.ts"

/** Starts a program, waits until it has said what is `wanted`, and ends it when the body is done. */
export const serving = async <A>(
  [command = "", ...args]: ReadonlyArray<string>,
  wanted: RegExp,
  body: (said: string) => Promise<A>,
): Promise<A> => {
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdio: ["ignore", "pipe", "pipe"],
  })
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  try {
    return await body(
      await new Promise<string>((resolve, reject) => {
        let [out, err] = ["", ""]
        child.stderr.setEncoding("utf8").on("data", (text: string) => err += text)
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          out += text
          if (wanted.test(out)) resolve(out)
        })
        child.once("error", reject)
        void ended.then(() => reject(new Error(`It ended before it had said ${wanted}: ${out}${err}`)))
      }),
    )
  } finally {
    // Deno 2.9.6 tells of no end after its own `child.kill`
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(child.pid)
    await ended
  }
}
