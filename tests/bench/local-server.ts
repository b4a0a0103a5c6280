/** The local COS from its bundle, in a process of its own, and the memory of that process. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync, writeFileSync } from "node:fs"
import { root } from "../process.ts"

export interface Program {
  /** Bun, or another runtime. */
  readonly runtime: string
  readonly bundle: string
}

export interface Server {
  readonly origin: string
  /** From the start of the process until it said that it was ready. */
  readonly seconds: number
  /** The most bytes that were resident since the start, or since `rebase`; NaN where there is no /proc. */
  readonly peak: () => number
  /** Lets the peak begin anew, and returns what is resident now. */
  readonly rebase: () => number
  readonly stop: () => Promise<void>
}

/** Starts a local COS at a free port, and waits until it is ready. */
export const startServer = async ({ runtime, bundle }: Program, ...flags: ReadonlyArray<string>): Promise<Server> => {
  const begin = performance.now()
  const child = spawn(runtime, [bundle, "--port", "0", "--log", "off", ...flags], {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    stdio: ["ignore", "pipe", "inherit"],
  })
  const origin = await new Promise<string>((resolve, reject) => {
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      text += more
      const ready = /^Local COS ready at (\S+)/u.exec(text)?.[1]
      if (ready !== undefined) resolve(ready)
    })
    child.once("error", reject)
    child.once("exit", (code) => reject(new Error(`The local COS with ${flags.join(" ")} ended with ${code}`)))
  })
  const seconds = (performance.now() - begin) / 1000
  const peak = () => peakOf(child.pid!)
  return {
    origin,
    seconds,
    peak,
    rebase: () => {
      rebase(child.pid!)
      return peak()
    },
    stop: async () => {
      if (child.exitCode !== null) return
      const ended = once(child, "exit")
      child.kill("SIGTERM")
      await ended
    },
  }
}

const peakOf = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) * 1024
  } catch {
    return NaN
  }
}

/** The 5 resets the high-water mark of what is resident (proc_pid_clear_refs(5)). */
const rebase = (pid: number): void => {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, "5")
  } catch {
    // The peak is then that of the whole life of the process, and no lower
  }
}
