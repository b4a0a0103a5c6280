/** Writes into the directory it is given, without end; each number on stdout is a write that was acknowledged. */
import { writeSync } from "node:fs"
import * as Effect from "effect/Effect"
import { hashes } from "../adapters/hashes/node.ts"
import { openSqlite } from "../adapters/sqlite/mod.ts"
import { lastWrite, makeWrite } from "./kill-writes.ts"

// Synchronously, so that what was said is out before the next write begins
const say = (line: string): void => void writeSync(1, `${line}\n`)

say("opening")
const store = await Effect.runPromise(openSqlite(process.argv[2]!, { hashes }))
for (let number = lastWrite(store) + 1;; number++) {
  await makeWrite(store, number)
  say(String(number))
}
