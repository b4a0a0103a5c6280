/** Stands in for curl, which a machine with Node and npm alone may lack: the three flags that the README uses. */
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    request: { type: "string", short: "X" },
    data: { type: "string", short: "d" },
  },
})
const response = await fetch(positionals[0]!, {
  method: values.request ?? (values.data === undefined ? "GET" : "POST"),
  ...(values.data === undefined ? {} : { body: values.data }),
})
process.stdout.write(new Uint8Array(await response.arrayBuffer()))
