/** Requests per second, with signatures verified and without, in turns. */
import { clientOf, signed } from "./local-client.ts"
import { ruleDocument } from "./documents.ts"
import { type Program, type Server, startServer } from "./local-server.ts"
import type { LocalRow } from "./local-table.ts"
import { takeTurns } from "./measure.ts"

export const rateRows = async (program: Program): Promise<ReadonlyArray<LocalRow>> => {
  const strict = await startServer(program)
  const loose = await startServer(program, "--loose")
  try {
    for (const asked of requests) {
      await Promise.all([strict, loose].map((server) => rateOf(server, asked, warmUpSeconds)))
    }
    const rows: Array<LocalRow> = []
    for (const asked of requests) {
      const rate = (server: Server) => () => rateOf(server, asked, turnSeconds)
      const { ours: figure, theirs } = await takeTurns(turns, rate(strict), rate(loose))
      rows.push({ name: asked.name, figure, loose: theirs, unit: "requests" })
    }
    return rows
  } finally {
    await strict.stop()
    await loose.stop()
  }
}

const turns = 7
const turnSeconds = 0.4
/** So long do the compilers of a runtime go on. */
const warmUpSeconds = 2
const connections = 16

const rule = new TextEncoder().encode(ruleDocument("list1"))

interface Asked {
  readonly name: string
  readonly method: string
  readonly target: string
  readonly body?: Uint8Array<ArrayBuffer>
}

/** Each GET finds what the PUT before it left. */
const requests: ReadonlyArray<Asked> = [
  { name: "PUT a rule", method: "PUT", target: "/?inventory&id=list1", body: rule },
  { name: "GET a rule", method: "GET", target: "/?inventory&id=list1" },
  { name: "PUT an object of 1 KiB", method: "PUT", target: "/object", body: new Uint8Array(1024).fill(0x61) },
  { name: "GET an object of 1 KiB", method: "GET", target: "/object" },
]

/** Requests per second, sent by every connection one after the other. */
const rateOf = async ({ origin }: Server, { method, target, body }: Asked, seconds: number): Promise<number> => {
  const client = clientOf(origin, connections)
  const request = signed(origin, method, target, body)
  const begin = performance.now()
  const passed = () => (performance.now() - begin) / 1000
  let count = 0
  const each = async () => {
    while (passed() < seconds) {
      await client.send(request)
      count++
    }
  }
  await Promise.all(Array.from({ length: connections }, each))
  const rate = count / passed()
  client.close()
  return rate
}
