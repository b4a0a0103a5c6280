/** Proxies as they are deployed: a program on each runtime, or a Worker in workerd, until a test file is done with them. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after } from "node:test"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { wire } from "../adapters/hono/wire.ts"
import { demoKey, demoOptions, open } from "../adapters/memory/mod.ts"
import * as Issuing from "../adapters/policy/issuing.ts"
import { listen } from "../http/listen.ts"
import { root, run } from "./process.ts"

export interface Server {
  readonly origin: string
  /** What it has said so far, on both of its outputs. */
  readonly said: () => string
  /** When it has said this. */
  readonly saying: (wanted: RegExp) => Promise<RegExpExecArray>
  readonly signal: (name: NodeJS.Signals) => void
  /** The exit code, once it has ended. */
  readonly ended: Promise<number | null>
  readonly stop: () => Promise<void>
}

export interface Starting {
  readonly command: ReadonlyArray<string>
  readonly env: Readonly<Record<string, string>>
  /** Its first group is the origin, or the port. */
  readonly ready: RegExp
}

/** Starts a program in a process group of its own, since npm may be between. */
export const started = async ({ command: [command = "", ...args], env, ready }: Starting): Promise<Server> => {
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  let said = ""
  let heard = () => {}
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding("utf8").on("data", (text: string) => {
      said += text
      heard()
    })
  }
  let hasEnded = false
  const ended = new Promise<number | null>((resolve) =>
    child.once("close", (code) => {
      hasEnded = true
      heard()
      resolve(code)
    })
  )
  const saying = (wanted: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      heard = () => {
        const found = wanted.exec(said)
        if (found !== null) resolve(found)
        else if (hasEnded) reject(new Error(`It ended before it had said ${wanted}: ${said}`))
      }
      heard()
    })
  // Deno 2.9.6 tells of no end after its own `child.kill`
  const signal = (name: NodeJS.Signals, whole = false) =>
    hasEnded || process.kill(whole ? -child.pid! : child.pid!, name)
  const stop = async () => {
    signal("SIGKILL", true)
    await ended
  }
  try {
    const [, found = ""] = await saying(ready)
    return {
      origin: /^\d+$/u.test(found) ? `http://127.0.0.1:${found}` : found,
      said: () => said,
      saying,
      signal,
      ended,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

export const thisRuntime = "Deno" in globalThis
  ? [process.execPath, "run", "--allow-all", "--no-check"]
  : [process.execPath]

export const proxySecret = "0123456789abcdef0123456789abcdef"

export const virtualKeyOf = (secretId: string): string => Issuing.make(Redacted.make(proxySecret)).secretKeyOf(secretId)

/** What the program reads of its policy and keys, whatever runs it. */
export const proxyEnv = (policy: unknown): Readonly<Record<string, string>> => ({
  COS_PROXY_POLICY: JSON.stringify(policy),
  COS_PROXY_SECRET: proxySecret,
  COS_SECRET_ID: demoKey.secretId,
  COS_SECRET_KEY: demoKey.secretKey,
})

const ready = /Proxy ready at (\S+) with/u

export const startHere = (env: Readonly<Record<string, string>>, flags: ReadonlyArray<string> = []): Promise<Server> =>
  started({ command: [...thisRuntime, "http/main.ts", "--port", "0", ...flags], env, ready })

export const startNode = async (env: Readonly<Record<string, string>>, folder: string): Promise<Server> => {
  await bundledProxy(folder)
  return await started({ command: ["node", join(folder, "proxy.js"), "--port", "0"], env, ready })
}

/** The bundle that is deployed, under one of the configurations of `tests/workerd/`. */
export const startWorkerd = async (
  env: Readonly<Record<string, string>>,
  folder: string,
  config = "proxy.capnp",
): Promise<Server> => {
  await bundledWorker(folder)
  copyFileSync(join(root, "tests/workerd", config), join(folder, config))
  return await started({
    command: ["npm", "run", "--silent", "workerd", "--", "serve", join(folder, config), "--control-fd=1"],
    env,
    ready: /"event":"listen".*"port":(\d+)/u,
  })
}

export const bundledProxy = (folder: string): Promise<void> => build("build:proxy", folder)

export const bundledWorker = (folder: string): Promise<void> => build("build:worker", folder)

/** Once for each folder. */
const build = (script: string, folder: string): Promise<void> => {
  const name = `${script} ${folder}`
  const built = builds.get(name) ?? run("npm", ["run", "--silent", script, "--", `--outdir=${folder}`]).then(
    ({ code, stdout, stderr }) => assert.equal(code, 0, stdout + stderr),
  )
  builds.set(name, built)
  return built
}
const builds = new Map<string, Promise<void>>()

export const madeFolder = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), "cos-inventory-proxy-"))
  return { path, remove: () => rmSync(path, { recursive: true }) }
}

export interface Upstream {
  readonly origin: string
  /** Method and target of every request so far, in their order. */
  readonly asked: () => ReadonlyArray<string>
  readonly stop: () => Promise<void>
}

/** The demo's COS behind a socket of this machine. */
export const startUpstream = (): Promise<Upstream> =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const asked: Array<string> = []
    const { origin } = yield* Effect.gen(function* () {
      const cos = yield* open({ ...demoOptions(), keys: [demoKey] })
      const app = yield* wire({
        answer: (request) =>
          Effect.suspend(() => {
            asked.push(`${request.method} ${request.target}`)
            return cos.answer(request)
          }),
      })
      return yield* listen({ app, graceMillis: 0 })
    }).pipe(Effect.provide(layerHashes), Scope.provide(scope))
    return { origin, asked: () => asked, stop: () => Effect.runPromise(Scope.close(scope, Exit.void)) }
  }).pipe(Effect.runPromise)

/** A folder, a COS and any number of servers, which end when the tests of a file have. */
export const serversOfFile = () => {
  const folder = madeFolder()
  const upstream = startUpstream()
  const servers: Array<Server> = []
  after(async () => {
    for (const server of servers) await server.stop()
    await (await upstream).stop()
    folder.remove()
  })
  const kept = async (server: Promise<Server>): Promise<Server> => {
    servers.push(await server)
    return server
  }
  return { folder, upstream, kept }
}
