/** What the local COS takes: absolute figures, because nobody else offers one to measure it against. */
import { mkdtempSync, rmSync } from "node:fs"
import { cpus, tmpdir } from "node:os"
import { join } from "node:path"
import { bun, run } from "../process.ts"
import { largeRows } from "./local-large.ts"
import { rateRows } from "./local-rates.ts"
import { reportRows } from "./local-report.ts"
import type { Program } from "./local-server.ts"
import { startRows } from "./local-start.ts"
import { localTable } from "./local-table.ts"

/** The bundle on Bun unless a row says otherwise. */
export const localFigures = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  try {
    const program: Program = { runtime: bun, bundle: join(folder, "local.js") }
    await build(program.bundle)
    return localTable(`local COS, ${machine()}`, [
      ...await rateRows(program),
      ...await startRows(program.bundle),
      ...await reportRows(program, folder),
      ...await largeRows(program, folder),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const machine = (): string => `${cpus().length} x ${cpus()[0]?.model ?? process.arch}`

const build = async (outfile: string): Promise<void> => {
  const args = ["build", "http/local.ts", "--target=node", "--minify", `--outfile=${outfile}`]
  const { code, stdout, stderr } = await run(bun, args)
  if (code !== 0) throw new Error(`bun ${args.join(" ")} failed\n${stdout}${stderr}`)
}
