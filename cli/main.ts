/** Composition only: the commands, the process they run in, and how it ends. */
import * as Effect from "effect/Effect"
import { layerWorld, runMain } from "./platform.ts"
import { run } from "./program.ts"
import { layerConsole } from "./streams.ts"

run(process.argv.slice(2)).pipe(Effect.provide([layerWorld, layerConsole]), runMain)
