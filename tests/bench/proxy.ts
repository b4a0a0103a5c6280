/** What the signing proxy takes, beside what it is held against. */
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { proxyRateRows } from "./proxy-rates.ts"
import { proxyTable } from "./proxy-table.ts"
import { proxyWorkerRows } from "./proxy-worker.ts"
import { proxyMemoryRows } from "./proxy-memory.ts"

export const proxyFigures = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  try {
    return proxyTable(`proxy, ${cpus().length} x ${cpus()[0]?.model ?? process.arch}`, [
      ...await proxyRateRows(folder),
      ...await proxyMemoryRows(),
      ...await proxyWorkerRows(folder),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}
