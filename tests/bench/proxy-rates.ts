/**
 * Requests per second of the proxy beside those of a bare Hono app that only forwards, in turns on loopback, both on Bun.
 * The proxy verifies a virtual key's signature, authorises, performs, and keeps no access log.
 */
import { join } from "node:path"
import { bun, run } from "../process.ts"
import { type Asking, asking, wireText } from "./proxy-asking.ts"
import { type Load, type Running, settings, start, startLoad } from "./proxy-processes.ts"
import type { ProxyRow } from "./proxy-table.ts"

export const proxyRateRows = async (folder: string): Promise<ReadonlyArray<ProxyRow>> => {
  const upstream = await start(["tests/bench/proxy-upstream.ts"], {})
  const bare = await start([await bundled("tests/bench/proxy-bare.ts", folder), upstream.origin], {})
  const proxy = await start(
    [await bundled("http/main.ts", folder), "--port", "0", "--log", "off"],
    settings(upstream.origin),
  )
  const load = startLoad()
  try {
    const rows: Array<ProxyRow> = []
    for (const method of ["GET", "PUT"] as const) {
      const measure = (server: Running, seconds: number) => measured(load, server, method, seconds)
      for (const server of [bare, proxy]) await measure(server, warmUpSeconds)
      const rounds: Array<readonly [proxy: Measured, bare: Measured]> = []
      for (let turn = 0; turn < turns; turn++) {
        // Whoever goes second finds the machine as the first left it
        const first = turn % 2 === 0 ? await measure(proxy, turnSeconds) : undefined
        const beside = await measure(bare, turnSeconds)
        rounds.push([first ?? await measure(proxy, turnSeconds), beside])
      }
      rows.push(...rowsOf(method, rounds))
    }
    return rows
  } finally {
    for (const running of [load, proxy, bare, upstream]) await running.stop()
  }
}

const turns = 9
const turnSeconds = 1
/** So long do the compilers of a runtime go on. */
const warmUpSeconds = 3
const connections = 32

const bundled = async (entry: string, folder: string): Promise<string> => {
  const outfile = join(folder, entry.replace(/.*\/(.*)\.ts$/u, "$1.js"))
  const { code, stdout, stderr } = await run(bun, [
    "build",
    entry,
    "--target=node",
    "--minify",
    `--outfile=${outfile}`,
  ])
  if (code !== 0) throw new Error(`bun build ${entry} failed\n${stdout}${stderr}`)
  return outfile
}

interface Measured {
  readonly perSecond: number
  readonly p99: number
  /** Seconds of a processor that one request takes. */
  readonly processor: number
}

/** Every connection asks for a rule of its own: identical reads at one time would be one request to COS. */
const measured = async (
  load: Load,
  { origin, processorSeconds }: Running,
  method: Asking["method"],
  seconds: number,
): Promise<Measured> => {
  const requests = Array.from({ length: connections }, (_, i) => wireText(asking(method, origin, `list${i}`)))
  const before = processorSeconds()
  const { perSecond, p99 } = await load.send({ port: Number(new URL(origin).port), seconds, requests })
  return { perSecond, p99, processor: (processorSeconds() - before) / seconds / perSecond }
}

const rowsOf = (
  method: Asking["method"],
  rounds: ReadonlyArray<readonly [proxy: Measured, bare: Measured]>,
): ReadonlyArray<ProxyRow> => {
  const row = (name: string, key: keyof Measured, unit: ProxyRow["unit"], aim: ProxyRow["aim"]): ProxyRow => ({
    name,
    figure: median(rounds.map(([proxy]) => proxy[key])),
    beside: median(rounds.map(([, bare]) => bare[key])),
    unit,
    ...(aim === undefined ? {} : { aim }),
  })
  return [
    row(`${method} a rule, beside a Hono app that only forwards`, "perSecond", "requests", { atLeastShare: 0.6 }),
    row(`${method} a rule: 99 of 100 within`, "p99", "millis", undefined),
    row(`${method} a rule: time of its processor`, "processor", "micros", undefined),
  ]
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!
