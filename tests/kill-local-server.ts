/** The local COS as a process that is killed and started again, and requests to it that may never be answered. */
import { spawn } from "node:child_process"
import * as http from "node:http"

export const appid = "1250000000"
export const names = {
  /** Synthetic, and never changed. */
  source: `source-${appid}`,
  reports: `reports-${appid}`,
  versioned: `versioned-${appid}`,
  plain: `plain-${appid}`,
} as const
export const region = "ap-guangzhou"

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly bytes: Buffer
  readonly text: string
}

export interface Asking {
  /** The bucket that the Host names; the admin paths without one. */
  readonly bucket?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Sends the body in pieces of so many bytes, without its length. */
  readonly pieces?: number
}

export interface Server {
  /** Fails where the process ended before the answer was there. */
  readonly ask: (method: string, path: string, asking?: Asking) => Promise<Answer>
  readonly kill: () => void
  /** All it wrote to standard error, once it has ended. */
  readonly ended: Promise<string>
}

export interface Starting {
  /** Undefined where it ended before. */
  readonly ready: Promise<Server | undefined>
  readonly kill: () => void
  readonly ended: Promise<string>
}

export const start = (program: string, args: ReadonlyArray<string>): Starting => {
  const runtime = "Deno" in globalThis ? ["run", "--allow-all", "--no-check"] : []
  const child = spawn(process.execPath, [...runtime, program, ...args], { stdio: ["ignore", "pipe", "pipe"] })
  let [said, wrong] = ["", ""]
  child.stderr.setEncoding("utf8").on("data", (text: string) => wrong += text)
  const ended = new Promise<string>((resolve) => child.once("close", () => resolve(wrong)))
  // Deno 2.9.6 tells of no end after its own `child.kill`
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      process.kill(child.pid, "SIGKILL")
    }
  }
  const ready = new Promise<Server | undefined>((resolve) => {
    void ended.then(() => resolve(undefined))
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      const port = /^Local COS ready at http:\/\/127\.0\.0\.1:(\d+) with /u.exec(said)?.[1]
      if (port !== undefined) resolve({ ask: asking(Number(port), ended), kill, ended })
    })
  })
  return { ready, kill, ended }
}

const asking = (port: number, ended: Promise<unknown>): Server["ask"] => {
  const agent = new http.Agent({ keepAlive: true })
  void ended.then(() => agent.destroy())
  return (method, path, { bucket, headers = {}, body = "", pieces } = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const bytes = typeof body === "string" ? Buffer.from(body) : body
      const host = bucket === undefined ? "127.0.0.1" : `${bucket}.cos.${region}.myqcloud.com`
      const length = pieces === undefined ? { "content-length": String(bytes.length) } : {}
      const request = http.request(
        { host: "127.0.0.1", port, method, path, agent, headers: { host, ...length, ...headers } },
        (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("error", reject)
          response.once("end", () => {
            const all = Buffer.concat(chunks)
            // Whoever is killed may leave half an answer
            if (String(all.length) !== (response.headers["content-length"] ?? String(all.length))) {
              return reject(new Error("The answer was cut"))
            }
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              bytes: all,
              get text() {
                return all.toString()
              },
            })
          })
        },
      )
      // Deno 2.9.6 tells of an error twice
      request.on("error", reject)
      void ended.then(() => reject(new Error("The process has ended")))
      if (pieces === undefined) return void request.end(bytes)
      const next = (at: number) => {
        if (at >= bytes.length) return void request.end()
        request.write(bytes.subarray(at, at + pieces), () => next(at + pieces))
      }
      next(0)
    })
}
