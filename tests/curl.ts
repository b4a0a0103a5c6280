/** Stands in for curl, which a machine with Node and npm alone may lack: the four flags that the README uses. */
import { parseArgs } from "node:util"

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    request: { type: "string", short: "X" },
    data: { type: "string", short: "d" },
    header: { type: "string", short: "H" },
  },
})
const [, name = "", value = ""] = /^([^:]+): *(.*)$/u.exec(values.header ?? "") ?? []
const response = await fetch(positionals[0]!, {
  method: values.request ?? (values.data === undefined ? "GET" : "POST"),
  headers: name === "" ? {} : { [name]: value },
  ...(values.data === undefined ? {} : { body: values.data }),
})
process.stdout.write(new Uint8Array(await response.arrayBuffer()))
