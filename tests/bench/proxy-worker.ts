/** The proxy as a Worker: what its bundle weighs, and how soon it answers in workerd. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { gzipSync } from "node:zlib"
import { root, run } from "../process.ts"
import { takeTurns } from "./measure.ts"
import { asking } from "./proxy-asking.ts"
import { settings, start } from "./proxy-processes.ts"
import type { ProxyRow } from "./proxy-table.ts"

export const proxyWorkerRows = async (folder: string): Promise<ReadonlyArray<ProxyRow>> => {
  const worker = join(folder, "worker.js")
  const built = await run("npm", ["run", "--silent", "build:worker", "--", `--outdir=${folder}`])
  if (built.code !== 0) throw new Error(`npm run build:worker failed\n${built.stdout}${built.stderr}`)
  const config = join(folder, "proxy.capnp")
  copyFileSync(`${root}tests/workerd/proxy.capnp`, config)
  const empty = emptyIn(join(folder, "empty"))
  const workerd = await installed()
  const upstream = await start(["tests/bench/proxy-upstream.ts"], {})
  try {
    const { ours, theirs } = await takeTurns(
      turns,
      () => secondsOf(workerd, config, settings(upstream.origin)),
      () => secondsOf(workerd, empty, {}),
    )
    return [
      {
        name: "Worker: its bundle, gzip",
        figure: gzipSync(readFileSync(worker)).length,
        unit: "kibibytes",
        aim: { under: 150 * 1024 },
      },
      {
        name: "Worker: start of workerd to its first rule, beside an empty worker",
        figure: ours,
        beside: theirs,
        unit: "millis",
        aim: { underOver: 0.05 },
      },
    ]
  } finally {
    await upstream.stop()
  }
}

const turns = 11

const emptyIn = (folder: string): string => {
  const config = join(folder, "config.capnp")
  mkdirSync(folder)
  copyFileSync(`${root}tests/workerd/config.capnp`, config)
  writeFileSync(join(folder, "worker.js"), `export default { fetch: () => new Response("ok") }\n`)
  return config
}

/** The program itself, so that the time of `npx` is in no figure. */
const installed = async (): Promise<string> => {
  const { workerd } = (createRequire(import.meta.url)("../../package.json") as { scripts: { workerd: string } }).scripts
  const named = /workerd@\S+/u.exec(workerd)![0]
  const { stdout, stderr } = await run("npx", ["--yes", `--package=${named}`, "-c", "command -v workerd"])
  if (stdout.trim() === "") throw new Error(`${named} is not installed\n${stderr}`)
  return stdout.trim()
}

/** From the start of the process to the whole of its first answer. */
const secondsOf = async (
  workerd: string,
  config: string,
  env: Readonly<Record<string, string>>,
): Promise<number> => {
  const begin = performance.now()
  const child = spawn(workerd, ["serve", config, "--control-fd=1"], { env, stdio: ["ignore", "pipe", "inherit"] })
  const ended = once(child, "exit")
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const port = /"event":"listen".*"port":(\d+)/u.exec(line)?.[1]
      if (port === undefined) continue
      const { method, origin, target, headers } = asking("GET", `http://127.0.0.1:${port}`, "list1")
      const answer = await fetch(origin + target, { method, headers: Object.fromEntries(headers) })
      const text = await answer.text()
      if (answer.status !== 200) throw new Error(text)
      return (performance.now() - begin) / 1000
    }
    throw new Error(`workerd ended with ${child.exitCode}`)
  } finally {
    child.kill()
    await ended
  }
}
