/** A report over a million computed objects, while other requests are answered. */
import { join } from "node:path"
import { clientOf, signed } from "./local-client.ts"
import { ruleDocument } from "./documents.ts"
import { type Program, type Server, startServer } from "./local-server.ts"
import type { LocalRow } from "./local-table.ts"

export const reportRows = async (program: Program, folder: string): Promise<ReadonlyArray<LocalRow>> => {
  const flags = ["--clock", "2026-01-01T00:00:00Z"]
  const seed = ["--seed", `synthetic:${objects}:1`]
  const data = ["--data", join(folder, "million")]

  const inMemory = await startServer(program, ...flags, ...seed)
  const memoryRows = await rowsOf("in memory", inMemory)

  const seeding = await startServer(program, ...flags, ...seed, ...data)
  await seeding.stop()
  const onDisk = await startServer(program, ...flags, ...data)
  const diskRows = await rowsOf("--data", onDisk)

  const seeded = (where: string, { seconds }: Server): LocalRow => ({
    name: `start with a million objects: ${where}`,
    figure: seconds,
    unit: "seconds",
    under: 60,
  })
  return [seeded("in memory", inMemory), ...memoryRows, seeded("--data", seeding), ...diskRows]
}

const objects = 1_000_000
/** Between two of the requests that are made meanwhile. */
const pauseMillis = 5

const rowsOf = async (where: string, { origin, peak, stop }: Server): Promise<ReadonlyArray<LocalRow>> => {
  const client = clientOf(origin, 1)
  try {
    await client.send(signed(origin, "PUT", "/object", new Uint8Array(1024)))
    await client.send(signed(origin, "PUT", "/?inventory&id=daily", rule))
    const report = reportOf(origin)
    const longest = await longestUntil(report, () => client.send(signed(origin, "GET", "/object")))
    const { rows, seconds } = await report
    return [
      { name: `report over them: ${where}`, figure: rows / seconds, unit: "rows" },
      { name: `its peak of memory: ${where}`, figure: peak(), unit: "bytes", under: 300 * 1024 * 1024 },
      { name: `the longest GET meanwhile: ${where}`, figure: longest, unit: "millis" },
    ]
  } finally {
    client.close()
    await stop()
  }
}

/** Without the filter, so that every version is a row. */
const rule = new TextEncoder().encode(ruleDocument("daily").replace(/<Filter>[^]*<\/Filter>\s*/u, ""))

const reportOf = async (origin: string): Promise<{ readonly rows: number; readonly seconds: number }> => {
  const response = await fetch(`${origin}/_local/clock`, { method: "POST", body: '{"advance":"P1D"}' })
  const { runs: [run] } = await response.json() as { readonly runs: ReadonlyArray<Made> }
  if (run?.state !== "done" || run.objects < objects) throw new Error(`No report over all: ${JSON.stringify(run)}`)
  return { rows: run.objects, seconds: run.took / 1000 }
}

interface Made {
  readonly state: string
  readonly objects: number
  readonly took: number
}

/** Seconds, of requests made one after the other. */
const longestUntil = async (end: Promise<unknown>, request: () => Promise<unknown>): Promise<number> => {
  let isEnd = false
  const stop = () => void (isEnd = true)
  end.then(stop, stop)
  let longest = 0
  while (!isEnd) {
    const begin = performance.now()
    await request()
    longest = Math.max(longest, (performance.now() - begin) / 1000)
    await new Promise((resolve) => setTimeout(resolve, pauseMillis))
  }
  return longest
}
