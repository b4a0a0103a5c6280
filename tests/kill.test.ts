/** What is left of a store when its process is killed in the middle of anything. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { makeTree, type Store } from "../adapters/store/mod.ts"
import { lastWrite, leastFile, makeWrite } from "./kill-writes.ts"
import { bun, run } from "./process.ts"
import { openIn, temporary } from "./store-drivers.ts"
import { generator } from "./store-laws.ts"
import { everything } from "./store-world.ts"

/** Lets it write until it has said so many lines; what it had said when it was dead, the last whole line last. */
const killed = (program: string, directory: string, lines: number): Promise<ReadonlyArray<string>> =>
  new Promise((resolve, reject) => {
    const runtime = "Deno" in globalThis ? ["run", "--allow-all", "--no-check"] : []
    const child = spawn(process.execPath, [...runtime, program, directory], { stdio: ["ignore", "pipe", "pipe"] })
    let [said, wrong] = ["", ""]
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text
      if (said.split("\n").length > lines) child.kill("SIGKILL")
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => wrong += text)
    child.once("error", reject)
    child.once("close", () => {
      if (wrong === "") resolve(said.split("\n").slice(0, -1))
      else reject(new Error(`The child failed: ${wrong}`))
    })
  })

const large = (store: Store): number => {
  const segments = [
    ...Array.from(store.entries("a-1", "")).flat(),
    ...store.uploads("a-1").flatMap(({ id }) => store.parts("a-1", id)),
  ].flatMap(({ segments }) => segments)
  return segments.filter(({ size }) => size >= leastFile).length
}

/** Kills so many processes one after another in one directory, which must hold what a model of all its writes holds. */
const killing = async (program: string, seed: number, times: number): Promise<void> => {
  const random = generator(seed)
  const directory = temporary()
  const model = makeTree({ hashes })
  try {
    for (let turn = 0; turn < times; turn++) {
      const said = await killed(program, directory, 1 + random(turn % 4 === 0 ? 2 : 30))
      const acknowledged = Number(said.findLast((line) => line !== "opening") ?? lastWrite(model))
      const { files, store } = await openIn(directory)
      const last = lastWrite(store)
      assert.ok(last === acknowledged || last === acknowledged + 1, `${acknowledged} acknowledged, ${last} found`)
      for (let number = lastWrite(model) + 1; number <= last; number++) await makeWrite(model, number)
      assert.deepEqual(await everything(store), await everything(model), `after write ${last}`)
      assert.equal(files().length, large(model), `files after write ${last}`)
      store.close()
    }
    assert.ok(lastWrite(model) > times)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

test("sqlite store holds every acknowledged write, and nothing by halves, when its process is killed a hundred times", async () => {
  const directory = temporary()
  try {
    // A bundle starts in half the time, a hundred times
    const program = join(directory, "child.mjs")
    const bundled = await run(bun, ["build", "tests/kill-child.ts", "--target=node", `--outfile=${program}`])
    assert.equal(bundled.code, 0, bundled.stderr)
    await Promise.all([killing(program, 1, 50), killing(program, 2, 50)])
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
