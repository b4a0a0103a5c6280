/** The README is run: every command, every file and the program in it. */
import { strict as assert } from "node:assert"
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { makeLocalCos } from "../adapters/local.ts"
import { operations } from "../adapters/memory/operations.ts"
import { exits } from "../cli/exit.ts"
import { adviceRows } from "../core/advice/rule/mod.ts"
import { fleetRows, targetRows } from "../core/advice/beside/mod.ts"
import { variableNames } from "../cli/settings.ts"
import { invoke, withLocalCos } from "./cli.ts"
import { type Ended, root, run } from "./process.ts"
import { blocks, readme, runtime, shell } from "./readme.ts"

const [
  first = "",
  second = "",
  quickStart = "",
  fleet = "",
  applied = "",
  restored = "",
  local = "",
  client = "",
  time = "",
] = blocks("sh")

test("The README's first command prints what the README shows when it is run", async () => {
  assert.match(first, /^npm ci && npx bun cli\/main\.ts get list1\n$/u)
  const { code, stdout, stderr } = await shell(first.replace("npm ci && ", ""), {})
  assert.equal(code, 0, stderr)
  assert.equal(stdout, blocks("text")[0])
})

test("The README's second command is the one that continuous integration runs", async () => {
  assert.equal(second, "npm ci && npm test\n")
  const ci = await readFile(join(root, ".ci/run"), "utf8")
  assert.match(ci, /^npm ci$/mu)
  assert.match(ci, /^npm test$/mu)
})

test("The README's commands for a real bucket work against a COS when they are run in their order", async () => {
  await withLocalCos(
    async ({ COS_ENDPOINT }) => {
      const { code, stdout, stderr } = await shell(quickStart, { COS_ENDPOINT: COS_ENDPOINT! })
      assert.equal(code, 0, stderr)
      for (
        const said of [
          /^secret id +AKID\*\*\*\* +COS_SECRET_ID$/mu,
          /"weekly-objects" is valid/u,
          /^PUT .*id=weekly-objects HTTP\/1\.1$/mu,
          /^Created rule "weekly-objects"/mu,
          /^ {2}id: weekly-objects$/mu,
          /^Disabled rule "weekly-objects"/mu,
          /^Deleted rule "weekly-objects"/mu,
          /^Started job "once-1"/mu,
        ]
      ) assert.match(stdout, said)
    },
    { keys: [{ secretId: "AKIDexample", secretKey: "example-secret-key" }] },
  )
})

test("The README's Deno command runs when it is run", async () => {
  const [, command = ""] = /Under Deno: `([^`]+)`/iu.exec(readme) ?? []
  const { code, stderr } = await shell(command, {})
  assert.equal(code, 0, stderr)
})

test("The README's local COS answers the README's next commands when they are run in their order", async () => {
  assert.equal(local, "npx bun cli/main.ts local --seed demo --clock 2026-01-01T00:00:00Z\n")
  const folder = await mkdtemp(join(tmpdir(), "local-"))
  const script = `${local.trimEnd()} --port 0 > $OUT 2>/dev/null & pid=$!
until grep -q ready $OUT; do sleep 0.05; done
origin=$(grep -o 'http://[0-9.:]*' $OUT | head -1)
${(client + time).replaceAll("http://127.0.0.1:9000", "$origin")}
kill $pid; wait $pid || true`
  const { code, stdout, stderr } = await shell(script, { OUT: join(folder, "out") })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /^3 rules in examplebucket-1250000000 \(ap-guangzhou\)$/mu)
  assert.match(stdout, /^Inventory rule in examplebucket-1250000000 \(ap-guangzhou\)$/mu)
  assert.equal(stdout.match(/"state": "done"/gu)?.length, 3)
  // The rows of the report that was read
  assert.equal(stdout.match(/^"1250000000","examplebucket","myPrefix%2F/gmu)?.length, 5, stdout)
  const said = await readFile(join(folder, "out"), "utf8")
  assert.match(said, /^Local COS ready at http:\/\/127\.0\.0\.1:\d+ with examplebucket/u)
})

test("The README's two hundred buckets are linted, planned, applied, repaired, exported and restored when its commands are run", async () => {
  const script = `${fleet.trimEnd()} --port 0 > out 2>/dev/null & pid=$!
trap 'kill $pid' EXIT
until grep -q ready out; do sleep 0.05; done
origin=$(grep -o 'http://[0-9.:]*' out | head -1)
${(applied + restored).replaceAll("http://127.0.0.1:9000", "$origin")}`
  const { code, stdout, stderr } = await shell(script, {}, { "rules/logs.yaml": blocks("yaml")[2]! })
  assert.equal(code, 0, stdout.slice(-2000) + stderr)
  const order = [
    /^\d+ notes? in 1 file$/mu,
    /^Plan: 400 to create, 0 to update, 0 to delete; 0 kept, 0 unmanaged$/mu,
    /^No changes: 400 kept, 0 unmanaged$/mu,
    /^Disabled rule "weekly-all" in logs-7-1250000000 \(ap-guangzhou\)$/mu,
    new RegExp(`^${escaped(blocks("text")[1]!.trimEnd())}$`, "mu"),
    /^Plan: 0 to create, 1 to update, 0 to delete; 399 kept, 0 unmanaged$/mu,
    /^logs-7-1250000000: updated "weekly-all"$/mu,
    /^Wrote 2 rules of logs-200-1250000000 /mu,
    /^Deleted rule "weekly-all" from logs-200-1250000000 /mu,
    /^Plan: 400 to create, 0 to update, 0 to delete; 0 kept, 0 unmanaged$/mu,
    /^No changes: 400 kept, 0 unmanaged$/mu,
    /^No changes: 400 kept, 0 unmanaged$/mu,
  ]
  let rest = stdout
  for (const said of order) {
    const match = said.exec(rest)
    assert.ok(match !== null, `${said} in\n${rest.slice(0, 2000)}`)
    rest = rest.slice(match.index + match[0].length)
  }
})

test("The README's table of what lint knows is that of lint when they are compared", () => {
  const shown = [...readme.matchAll(/^\| `([a-z-]+)` \| (error|warning|note) \|/gmu)].map(([, code, severity]) =>
    `${code} ${severity}`
  )
  const known = [...adviceRows, ...targetRows, ...fleetRows].map(({ code, severity }) =>
    `${code} ${severity === "info" ? "note" : severity}`
  )
  assert.deepEqual(shown.toSorted(), known.toSorted())
})

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&")

test("The README's rule and profile file are read when they are given", async () => {
  const [profile = "", rule = ""] = blocks("yaml")
  const valid = await invoke(["validate", "-"], { stdin: rule.replace("cos://…/prefix", "") })
  assert.equal(valid.code, 0, valid.out + valid.err)
  const home = await mkdtemp(join(tmpdir(), "home-"))
  await mkdir(join(home, ".config/cos-inventory"), { recursive: true })
  await writeFile(join(home, ".config/cos-inventory/config.yaml"), profile, { mode: 0o600 })
  for (const [name, shown] of [["work", "examplebucket-1250000000"], ["local", "http://127.0.0.1:9000"]] as const) {
    const { code, out, err } = await invoke(["--profile", name, "config"], { env: { HOME: home } })
    assert.equal(code, 0, err)
    assert.ok(out.includes(shown), out)
  }
})

const [program = "", inProcess = ""] = blocks("ts")

/** Runs it from its source, where the package is not installed. */
const runProgram = async (text: string, env: Readonly<Record<string, string>>): Promise<Ended> => {
  await mkdir(join(root, "dist"), { recursive: true })
  const file = join(root, "dist", `readme-${process.pid}.ts`)
  const local = text
    .replaceAll(/"cos-inventory\/adapters\/(credentials|memory)"/gu, '"../adapters/$1/mod.ts"')
    .replaceAll(/"cos-inventory\/(adapters\/[a-z/]+)"/gu, '"../$1.ts"')
    .replaceAll('"cos-inventory"', '"../core/mod.ts"')
  await writeFile(file, local)
  try {
    return await run("sh", ["-c", `exec ${runtime} "${file}"`], { env })
  } finally {
    await rm(file)
  }
}

test("The README's program lists rules when it is run", async () => {
  await withLocalCos(async (env) => {
    const here = program.replace(
      'region: "ap-guangzhou" }',
      'region: "ap-guangzhou", endpoint: process.env.COS_ENDPOINT! }',
    )
    const { code, stdout, stderr } = await runProgram(here, env)
    assert.equal(code, 0, stderr)
    for (const id of ["list1", "list2", "list3"]) assert.ok(stdout.includes(id), stdout)
  })
})

test("The README's program runs against the COS in memory when it is changed as the README says", async () => {
  const [, imported = "", layer = "", keys = ""] =
    /With `(import [^`]+)`[^]*?put `(Memory\.layer[^`]+)` where `Fetch\.layer\(\)` stands, and\s+`(credential\([^`]+)`/u
      .exec(readme) ?? []
  const changed = `${imported}\n${program}`
    .replace("Fetch.layer()", layer)
    .replace("credential(process.env.COS_SECRET_ID!, process.env.COS_SECRET_KEY!)", keys)
  const { code, stdout, stderr } = await runProgram(changed, {})
  assert.equal(code, 0, stderr)
  assert.ok(stdout.includes("list3"), stdout)
})

test("The README's local COS in process prints what the README shows when it is run", async () => {
  const { code, stdout, stderr } = await runProgram(inProcess, {})
  assert.equal(code, 0, stderr)
  // Each runtime breaks the lines of an array as it likes
  const plain = (text: string) => text.replaceAll(/[\s,'"]+/gu, " ").trim()
  assert.equal(plain(stdout), plain(blocks("text")[2]!))
})

test("The README's seed file and fault are taken when they are given to a local COS", async () => {
  const folder = await mkdtemp(join(tmpdir(), "seed-"))
  const seed = join(folder, "seed.yaml")
  await writeFile(seed, blocks("yaml")[3]!)
  const cos = await makeLocalCos({ seed })
  const posted = await cos.fetch("http://127.0.0.1/_local/faults", { method: "POST", body: blocks("json")[0]! })
  assert.equal(posted.status, 201, await posted.text())
  const { buckets } = await (await cos.fetch("http://127.0.0.1/_local/snapshot")).json()
  assert.deepEqual(buckets[0].objects.map(({ key, keyEncoded }: Record<string, string>) => key ?? keyEncoded), [
    "logs/a.txt",
    "logs/b.txt",
    "logs%2F%FF.bin",
  ])
  await cos.close()
  await rm(folder, { recursive: true })
})

test("The README's table of operations is that of the local COS, and names tests that are there, when they are compared", async () => {
  const rows = [...readme.matchAll(/^\| `([A-Za-z]+)` \| ([^|]+) \| ([^|]+) \| `([a-z-]+)` \|$/gmu)]
  const shown = rows.map(([, name, , source]) => `${name}: ${source!.replace(/^(?:documented|observed): /u, "")}`)
  assert.deepEqual(shown, [...new Set(operations.map(({ name, source }) => `${name}: ${source}`))])
  for (const [, , , , file] of rows) await access(join(root, "tests", `${file}.test.ts`))
})

test("The README's tables hold every command, exit code and variable when they are compared", async () => {
  const { out } = await invoke(["--help"])
  const commands = [...out.matchAll(/^ {2}([a-z]+) {2,}/gmu)].map((match) => match[1]!)
  assert.ok(commands.length >= 13, out)
  for (const command of commands) assert.ok(new RegExp(`\`${command}[ \`]`, "u").test(readme), command)
  for (const code of Object.values(exits)) {
    assert.ok(new RegExp(`^\\| (?:\\d+, )?${code}[ ,]`, "mu").test(readme), String(code))
  }
  for (const name of [...variableNames, "COS_DEMO"]) assert.ok(readme.includes(`\`${name}\``), name)
})

test("The README's dependencies are those of package.json when they are compared", async () => {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(root, "package.json"), "utf8"))
  for (const [name, version] of Object.entries(dependencies)) {
    assert.match(String(version), /^\d/u, `${name} is pinned`)
    assert.ok(readme.includes(`\`${name}\` ${version}`), name)
  }
  for (const name of Object.keys(devDependencies)) assert.ok(readme.includes(name), name)
})
