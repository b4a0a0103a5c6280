/** Golden files: what a sample becomes is kept beside it and compared; `UPDATE_GOLDEN=1` writes them anew. */
import { strict as assert } from "node:assert"
import { readFileSync, writeFileSync } from "node:fs"

export const golden = (name: string, text: string): void => {
  const file = new URL(`./golden/${name}`, import.meta.url)
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text)
  assert.equal(text, readFileSync(file, "utf8"))
}
