/** The signing proxy behind a socket, until it is told to stop; its usage says how. */
import { runProgram } from "./program.ts"
import { proxyFlags } from "./proxy-flags.ts"
import { serveProxy } from "./serve-proxy.ts"

/** From its source, or beside an installed command line. */
const cli = process.argv[1]?.endsWith("main.ts") === true ? "npx bun cli/main.ts" : "cos-inventory"

runProgram({
  name: "main.ts",
  description:
    "Inventory access without keys: a proxy that signs what its policy allows. It runs until it is told to stop.",
  flags: proxyFlags,
  serve: (flags) => serveProxy(flags, process.env, { out: console.log, err: console.error, cli }),
})
