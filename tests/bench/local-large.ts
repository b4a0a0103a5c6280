/** An object of 2 GiB up and down, kept on a disk. */
import { statfsSync } from "node:fs"
import { join } from "node:path"
import { clientOf, type Signed, signed } from "./local-client.ts"
import { type Program, startServer } from "./local-server.ts"
import type { LocalRow } from "./local-table.ts"

/** None where the disk has too little room. */
export const largeRows = async (program: Program, folder: string): Promise<ReadonlyArray<LocalRow>> => {
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize < room) {
    console.error(`An object of 2 GiB is not measured: "${folder}" has less than ${room / gibibyte} GiB free`)
    return []
  }
  const { origin, rebase, peak, stop } = await startServer(program, "--data", join(folder, "large"))
  const client = clientOf(origin, 1)
  const measured = async (name: string, request: Signed, answered: number): Promise<ReadonlyArray<LocalRow>> => {
    const base = rebase()
    const begin = performance.now()
    const bytes = await client.send(request)
    const seconds = (performance.now() - begin) / 1000
    if (bytes !== answered) throw new Error(`${name} was answered with ${bytes} bytes`)
    return [
      { name: `${name} an object of 2 GiB`, figure: size / seconds, unit: "bytesPerSecond" },
      { name: `${name} an object of 2 GiB: memory above what was taken before`, figure: peak() - base, unit: "bytes" },
    ]
  }
  try {
    return [
      ...await measured("PUT", signed(origin, "PUT", "/large", crypto.getRandomValues(new Uint8Array(65536)), size), 0),
      ...await measured("GET", signed(origin, "GET", "/large"), size),
    ]
  } finally {
    client.close()
    await stop()
  }
}

const gibibyte = 1024 ** 3
const size = 2 * gibibyte
const room = 6 * gibibyte
