/** What the proxy keeps of a million requests, which ought to be nothing; of a fifth of them unless `--long` is given. */
import { bun, run } from "../process.ts"
import type { ProxyRow } from "./proxy-table.ts"

/**
 * In process, without sockets, on Bun: what its collector leaves after the last tenths, beside what it left after the first.
 * Of three each the one in the middle, since the resident memory goes up and down by a tenth; what grew would show.
 */
export const proxyMemoryRows = async (): Promise<ReadonlyArray<ProxyRow>> => {
  const args = ["--expose-gc", "tests/bench/proxy-memory-run.ts", String(requests)]
  const { code, stdout, stderr } = await run(bun, args)
  if (code !== 0) throw new Error(`bun ${args.join(" ")} failed\n${stdout}${stderr}`)
  const tenths = JSON.parse(stdout) as ReadonlyArray<Held>
  const row = (name: string, key: keyof Held): ProxyRow => ({
    name: `${name} after ${requests * 0.9} requests, beside ${requests * 0.3}`,
    figure: middle(tenths.slice(7), key),
    beside: middle(tenths.slice(1, 4), key),
    unit: "bytes",
    aim: { atMostShare: flat },
  })
  return [row("heap", "heap"), row("resident memory", "resident")]
}

const middle = (tenths: ReadonlyArray<Held>, key: keyof Held): number =>
  tenths.map((held) => held[key]).toSorted((a, b) => a - b)[tenths.length >> 1]!

/** What a tenth of the requests left behind. */
export interface Held {
  readonly heap: number
  readonly resident: number
}

/** A million takes minutes. */
const requests = process.argv.includes("--long") ? 1_000_000 : 200_000
/** What a compiler and a collector take varies by as much. */
const flat = 1.1
