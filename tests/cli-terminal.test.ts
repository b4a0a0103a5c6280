/** The program on a real terminal, which `script` (util-linux, part of every Debian) provides. */
import { strict as assert } from "node:assert"
import { spawn } from "node:child_process"

import { test } from "node:test"
import { withLocalCos } from "./cli.ts"
import { root, run } from "./process.ts"

const program = "Deno" in globalThis
  ? `"${process.execPath}" run --allow-all --no-check cli/main.ts`
  : `"${process.execPath}" cli/main.ts`

/** Types the keys once the question stands there, and brings what was shown and how it ended. */
const onTerminal = (args: string, keys: string, env: Readonly<Record<string, string>>) =>
  new Promise<{ readonly code: number | null; readonly shown: string }>((resolve, reject) => {
    const child = spawn("script", ["--quiet", "--return", "--command", `${program} ${args}`, "/dev/null"], {
      cwd: root,
      env: { PATH: process.env["PATH"], TERM: "xterm", ...env },
      stdio: ["pipe", "pipe", "pipe"],
    })
    let shown = ""
    let typed = false
    child.stdout.on("data", (bytes: Uint8Array) => {
      shown += new TextDecoder().decode(bytes)
      if (!typed && shown.includes("[y/N]")) {
        typed = true
        child.stdin.write(keys)
      }
    })
    child.once("error", reject)
    child.once("close", (code) => resolve({ code, shown }))
  })

for (
  const [what, keys, code, pattern] of [
    ["the answer is yes", "y\r", 0, /Deleted rule "list1"/u],
    ["the answer is no", "n\r", 1, /it was declined/u],
    ["the input ends", "\u0004", 1, /it was declined/u],
    ["Ctrl-C is pressed", "\u0003", 130, /Delete "list1"/u],
  ] as const
) {
  test(`The question before a deletion ends with ${code} when ${what}`, async () => {
    await withLocalCos(async (env) => {
      const ended = await onTerminal("delete list1", keys, env)
      assert.equal(ended.code, code, ended.shown)
      assert.match(ended.shown, pattern)
      assert.doesNotMatch(ended.shown, /Unexpected failure|defect/u)
    })
  })
}

test("Speech has no colour of its own when it goes to a terminal", async () => {
  const { shown } = await onTerminal("get nope --demo", "", {})
  assert.match(shown, /Cannot get "nope"/u)
  // deno-lint-ignore no-control-regex -- the escape that begins a colour
  assert.doesNotMatch(shown, /\u001b\[31m/u)
})

test("The program fails and says why when standard output is full", async () => {
  const { code, stderr } = await run("sh", ["-c", `${program} list --demo -o json > /dev/full`])
  assert.equal(code, 1)
  assert.match(stderr, /Cannot write to standard output: no space left on device/u)
})
