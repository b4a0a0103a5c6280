/** Prints one table of ratios between this project and cos-nodejs-sdk-v5, each pair measured side by side. */
import { processRows } from "./processes.ts"
import { table } from "./row.ts"
import { signingRows } from "./signing.ts"
import { xmlRows } from "./xml.ts"

console.log(table([...signingRows(), ...xmlRows(), ...await processRows()]))
