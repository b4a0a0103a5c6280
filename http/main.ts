/** The signing proxy behind a socket, until it is told to stop; its usage says how. */
import { calledAs } from "../adapters/called-as.ts"
import { lineWriter } from "./line-writer.ts"
import { runProgram } from "./program.ts"
import { proxyFlags } from "./proxy-flags.ts"
import { serveProxy } from "./serve-proxy.ts"

runProgram({
  name: "main.ts",
  description:
    "Inventory access without keys: a proxy that signs what its policy allows. It runs until it is told to stop.",
  flags: proxyFlags,
  serve: (flags) =>
    serveProxy(flags, process.env, {
      out: lineWriter(process.stdout),
      err: console.error,
      isItsOwn: true,
      cli: calledAs(),
    }),
})
