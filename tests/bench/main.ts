/**
 * Prints four tables: ratios between this project and cos-nodejs-sdk-v5, each pair measured side by side, and figures of
 * rules as code, of the local COS and of the proxy. `peer`, `rules`, `local` or `proxy` as an argument prints one of them.
 */
import { localFigures } from "./local.ts"
import { processRows } from "./processes.ts"
import { proxyFigures } from "./proxy.ts"
import { table } from "./row.ts"
import { rulesFigures } from "./rules.ts"
import { signingRows } from "./signing.ts"
import { xmlRows } from "./xml.ts"

const tables: Readonly<Record<string, () => Promise<string>>> = {
  peer: async () => table([...signingRows(), ...xmlRows(), ...await processRows()]),
  rules: rulesFigures,
  local: localFigures,
  proxy: proxyFigures,
}

const [only] = process.argv.slice(2)
if (only !== undefined && tables[only] === undefined) {
  throw new Error(`Cannot print the table "${only}": choose one of ${Object.keys(tables).join(", ")}`)
}
const wanted = Object.keys(tables).filter((name) => only === undefined || name === only)
for (const [at, name] of wanted.entries()) console.log(`${at === 0 ? "" : "\n"}${await tables[name]!()}`)
