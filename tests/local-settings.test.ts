/** What the local COS prints for other programs works there when it is pasted. */
import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { localKey } from "../adapters/local.ts"
import { demoBucket } from "../adapters/memory/mod.ts"
import { type Local, settingsText } from "../http/local-settings.ts"
import { bun, root, run } from "./process.ts"
import { serving } from "./serving.ts"

const local: Local = {
  origin: "http://127.0.0.1:9000",
  key: localKey,
  bucket: demoBucket.name,
  region: demoBucket.region,
  cli: "cos-inventory",
}

const blocksOf = (text: string): ReadonlyArray<string> => text.split("\n\n")
const blockOf = (text: string, title: string): string => {
  const block = blocksOf(text).find((block) => block.startsWith(title))
  assert.ok(block !== undefined, text)
  return block
}

const thisRuntime = "Deno" in globalThis ? [process.execPath, "run", "--allow-all", "--no-check"] : [process.execPath]
const lastLine = /inventory --method list .*\n$/u

test("http/local.ts prints settings that Node and a shell run as they stand when it serves the demo", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-settings-"))
  try {
    await serving([...thisRuntime, "http/local.ts", "--port", "0", "--seed", "demo"], lastLine, async (said) => {
      const [, origin = ""] = /^Local COS ready at (\S+)/u.exec(said) ?? []
      assert.ok(said.endsWith(`\n\n${settingsText({ ...local, origin, cli: "npx bun cli/main.ts" })}\n`), said)

      symlinkSync(join(root, "node_modules"), join(folder, "node_modules"))
      writeFileSync(join(folder, "demo.js"), blockOf(said, "// Node"))
      const node = await run("node", ["demo.js"], { cwd: folder })
      assert.deepEqual([node.code, node.stderr], [0, ""])
      assert.equal(node.stdout, "Hello, COS [ 'list1', 'list2', 'list3' ]\n")

      // The program is run from its source, where the package is not installed
      const settings = settingsText({ ...local, origin, cli: `${bun} cli/main.ts` })
      const shell = await run("sh", ["-c", blockOf(settings, "# This command line")], { env: { HOME: folder } })
      assert.equal(shell.code, 0, shell.stderr)
      assert.match(shell.stdout, /list1[^]*list2[^]*list3/u)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test("settingsText quotes what a shell or a program would read otherwise", async () => {
  const key = { secretId: "AKIDmine", secretKey: `it's $HOME "and" \\ \`id\` é` }
  const text = settingsText({ ...local, key, cli: `printf '%s\\n' "$COS_SECRET_KEY" #` })
  const { stdout } = await run("sh", ["-c", blockOf(text, "# This command line")])
  assert.equal(stdout, `${key.secretKey}\n`)
  const [, literal = ""] = /SecretKey: (".*?"), Protocol/u.exec(blockOf(text, "// Node")) ?? []
  assert.equal(JSON.parse(literal), key.secretKey)
})

test("settingsText gives every client one block with its own comment as a title, and no blank line inside", () => {
  const titles = blocksOf(settingsText(local)).map((block) => block.split("\n")[0])
  assert.deepEqual(titles, [
    "Endpoint:   http://127.0.0.1:9000",
    "# This command line",
    "// Node: npm install cos-nodejs-sdk-v5",
    "# Python: pip install cos-python-sdk-v5",
    "// Go: go mod init example && go get github.com/tencentyun/cos-go-sdk-v5",
    "# coscli, for that bucket",
  ])
})

test("settingsText gives Go a whole program: it imports what it uses, and uses what it imports and names", () => {
  const lines = blockOf(settingsText(local), "// Go").split("\n")
  assert.equal(lines[1], "package main")
  const end = lines.indexOf(")")
  const body = lines.slice(end + 1)
  const imported = lines.slice(3, end).map((line) => /^\t"(?:.*\/)?([\w-]+)"$/u.exec(line)?.[1] ?? line)
  assert.deepEqual(imported, ["context", "fmt", "cos-go-sdk-v5", "http", "url"])
  const text = body.join("\n").replace(/"(?:[^"\\]|\\.)*"/gu, '""')
  const used = new Set(Array.from(text.matchAll(/\b(context|fmt|cos|http|url)\./gu), ([, name]) => name))
  assert.deepEqual([...used].toSorted(), ["context", "cos", "fmt", "http", "url"])
  for (const [, names = ""] of text.matchAll(/([\w, ]+) :=/gu)) {
    for (const name of names.replace("for ", "").split(",").map((name) => name.trim()).filter((name) => name !== "_")) {
      assert.ok(text.split(new RegExp(`\\b${name}\\b`, "u")).length > 2, `${name} is used`)
    }
  }
  let depth = 0
  for (const line of body) {
    if (line.startsWith("\t".repeat(Math.max(0, depth - 1)) + "}")) depth--
    assert.equal(/^\t*/u.exec(line)?.[0].length, depth, line)
    if (line.endsWith("{")) depth++
  }
  assert.equal(depth, 0)
})

test("settingsText names an address of IPv6 in brackets, and 80 where the origin names no port", () => {
  const python = (origin: string) => blockOf(settingsText({ ...local, origin }), "# Python")
  assert.match(python("http://[::1]:9000"), /IP="\[::1\]", Port=9000, ServiceDomain="\[::1\]:9000"/u)
  assert.match(python("http://localhost"), /IP="localhost", Port=80, ServiceDomain="localhost"/u)
})
