/** The core in workerd, the runtime of Cloudflare Workers, without `nodejs_compat`. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"
import { copyFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { rule } from "./bench/documents.ts"
import { bun, root, run } from "./process.ts"

test("a worker signs, verifies and round-trips a rule when workerd has no node compatibility", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  try {
    const worker = join(folder, "worker.js")
    // Without `--external`, Bun would put polyfills in the place of Node's modules
    const options = ["--target=browser", "--format=esm", "--external=node:*", `--outfile=${worker}`]
    const bundled = await run(bun, ["build", "tests/workerd/worker.ts", ...options])
    assert.equal(bundled.code, 0, bundled.stderr)
    const config = join(folder, "config.capnp")
    copyFileSync(join(root, "tests/workerd/config.capnp"), config)
    const answer = await askWorker(config)
    assert.deepEqual(answer, { rule: rule("list1"), rightKey: "AKIDexample", wrongKey: "Mismatch", hasNode: false })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

const askWorker = async (config: string): Promise<unknown> => {
  // Its own process group, since npm is between this process and workerd
  const workerd = spawn("npm", ["run", "--silent", "workerd", "--", "serve", config, "--control-fd=1"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  })
  const closed = new Promise((resolve) => workerd.once("close", resolve))
  try {
    const port = await new Promise<number>((resolve, reject) => {
      let said = ""
      workerd.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text
        const listening = /"event":"listen".*"port":(\d+)/.exec(said)
        if (listening !== null) resolve(Number(listening[1]))
      })
      workerd.once("error", reject)
      workerd.once("close", (code) => reject(new Error(`workerd ended with ${code}: ${said}`)))
    })
    return await (await fetch(`http://127.0.0.1:${port}/`)).json()
  } finally {
    if (workerd.exitCode === null) process.kill(-workerd.pid!)
    await closed
  }
}
