/** Runs the suite against a COS that listens already: `node tests/sdk-suite/run.mjs <origin> [part of a step's name]`. */
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import { makeWorld, steps } from "./mod.mjs"

const [origin, part = ""] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), "cos-inventory-sdk-"))
const world = makeWorld({
  Cos: createRequire(import.meta.url)("cos-nodejs-sdk-v5"),
  origin,
  key: { secretId: "AKIDlocal", secretKey: "local-secret" },
  bucket: "examplebucket-1250000000",
  region: "ap-guangzhou",
  folder,
})
let failed = 0
for (const { name, run } of steps.filter(({ name }) => name.includes(part))) {
  try {
    await run(world)
    console.log(`ok ${name}`)
  } catch (error) {
    failed++
    console.log(`not ok ${name}`)
    console.log(error)
  }
}
rmSync(folder, { recursive: true })
// The SDK keeps connections open
process.exit(failed === 0 ? 0 : 1)
