/** From the start of the process to the first good answer. */
import { bun } from "../process.ts"
import { clientOf, signed } from "./local-client.ts"
import { startServer } from "./local-server.ts"
import type { LocalRow } from "./local-table.ts"
import { takeTurns } from "./measure.ts"

export const startRows = async (bundle: string): Promise<ReadonlyArray<LocalRow>> => {
  const { ours, theirs } = await takeTurns(turns, () => secondsOn(bun, bundle), () => secondsOn("node", bundle))
  const row = (runtime: string, figure: number): LocalRow => ({
    name: `start to the first answer: bundle on ${runtime}`,
    figure,
    unit: "millis",
    under: 0.15,
  })
  return [row("Bun", ours), row("Node", theirs)]
}

const turns = 11

const secondsOn = async (runtime: string, bundle: string): Promise<number> => {
  const begin = performance.now()
  const { origin, stop } = await startServer({ runtime, bundle }, "--seed", "demo")
  const client = clientOf(origin, 1)
  try {
    await client.send(signed(origin, "GET", "/?inventory&id=list1"))
    return (performance.now() - begin) / 1000
  } finally {
    client.close()
    await stop()
  }
}
