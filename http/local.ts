/** The local COS behind a socket, until it is told to stop; its usage says how. */
import { calledAs } from "../adapters/called-as.ts"
import { localFlags } from "./local-flags.ts"
import { runProgram } from "./program.ts"
import { serveLocal } from "./serve-local.ts"

runProgram({
  name: "local.ts",
  description:
    "A COS for tests behind a socket. It runs until it is told to stop, and says in one line when it is ready.",
  flags: localFlags,
  serve: (flags) => serveLocal(flags, process.env, { out: console.log, err: console.error, cli: calledAs() }),
})
