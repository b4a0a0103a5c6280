/** Every way in, started as a user starts it. Where no runtime is named, it is the one that runs the tests. */
import { strict as assert } from "node:assert"
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, test } from "node:test"
import { bun, root, run } from "./process.ts"
import { blocks } from "./readme.ts"

const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
after(() => rmSync(folder, { recursive: true }))

const thisRuntime = "Deno" in globalThis ? [process.execPath, "run", "--allow-all"] : [process.execPath]

const start = ([command, ...first]: ReadonlyArray<string>, ...rest: ReadonlyArray<string>) =>
  run(command!, [...first, ...rest], { env: { HOME: folder } })

test("the source prints a rule of the demo when asked for list1", async () => {
  const { code, stdout, stderr } = await start(thisRuntime, "cli/main.ts", "get", "list1", "--demo", "-o", "json")
  assert.equal(code, 0, stderr)
  assert.match(stdout, /"id": "list1"/)
})

test("the source prints its usage and ends with 0 when asked for help", async () => {
  const { code, stdout } = await start(thisRuntime, "cli/main.ts", "--help")
  assert.equal(code, 0)
  assert.match(stdout, /USAGE[^]*get[^]*list/)
})

test("the source ends with 3 and leaves standard output empty when the rule is unknown", async () => {
  const { code, stdout, stderr } = await start(thisRuntime, "cli/main.ts", "get", "unknown", "--demo")
  assert.equal(code, 3)
  assert.equal(stdout, "")
  assert.match(stderr, /unknown/)
})

test("the source ends with 64 when the command is unknown", async () => {
  const { code, stdout } = await start(thisRuntime, "cli/main.ts", "unknown")
  assert.equal(code, 64)
  assert.equal(stdout, "")
})

const bundled = once("build:bundle", `--outdir=${folder}`)

for (const [name, runtime] of [["Node", ["node"]], ["this runtime", thisRuntime], ["Bun", [bun]]] as const) {
  test(`the bundle prints a rule of the demo when run by ${name}`, async () => {
    await bundled()
    const bundle = join(folder, "cli.js")
    const { code, stdout, stderr } = await start(runtime, bundle, "get", "list1", "--demo", "-o", "json")
    assert.equal(code, 0, stderr)
    assert.match(stdout, /"id": "list1"/)
  })
}

test("the bundle ends with 3 when run by Node and the rule is unknown", async () => {
  await bundled()
  assert.equal((await start(["node"], join(folder, "cli.js"), "get", "unknown", "--demo")).code, 3)
})

test("the binary prints, fails and formats when it stands alone", async () => {
  const binary = join(folder, "cos-inventory")
  const { code, stdout, stderr } = await run("npm", ["run", "--silent", "build:binary", "--", `--outfile=${binary}`])
  assert.equal(code, 0, stdout + stderr)
  const shown = await start([binary], "get", "list1", "--demo", "-o", "yaml")
  assert.equal(shown.code, 0, shown.stderr)
  assert.match(shown.stdout, /^ {2}id: list1$/mu)
  assert.equal((await start([binary], "get", "unknown", "--demo")).code, 3)
})

test("the bundle is a program of its own when Node is installed", async () => {
  await bundled()
  const bundle = join(folder, "cli.js")
  assert.match(readFileSync(bundle, "utf8"), /^#!\/usr\/bin\/env node\n/)
  chmodSync(bundle, 0o755)
  assert.equal((await start([bundle], "--version")).code, 0)
})

const packaged = once("build:package", "--outDir", join(folder, "node_modules/cos-inventory/dist"))

test("the package is imported by its entry points when used from a project on Node", async () => {
  await installed()
  const { default: manifest } = await import("../package.json", { with: { type: "json" } })
  const names = Object.keys(manifest.exports).map((name) => name.replace(".", "cos-inventory"))
  await bundled()
  const { stdout: schema } = await start(["node"], join(folder, "cli.js"), "schema")
  writeFileSync(join(folder, "node_modules/cos-inventory/dist/rules.schema.json"), schema)
  const code = names.map((name) => {
    const attributes = name.endsWith(".json") ? ', { with: { type: "json" } }' : ""
    return `console.log(Object.keys(await import("${name}"${attributes})).length > 0)`
  }).join("\n")
  writeFileSync(join(folder, "use.mjs"), code)
  const { stdout, stderr } = await start(["node"], join(folder, "use.mjs"))
  assert.equal(stdout, "true\n".repeat(names.length), stderr)
})

test("the package has types when used from a project in TypeScript", async () => {
  await installed()
  const used = `
    import { type InventoryConfiguration } from "cos-inventory"
    import { layer } from "cos-inventory/adapters/fetch"
    export const rule: InventoryConfiguration["id"] = "list1"
    // @ts-expect-error An id is text
    export const wrong: InventoryConfiguration["id"] = 1
    export const made: ReturnType<typeof layer> = layer()
  `
  writeFileSync(join(folder, "use.ts"), used)
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: { module: "NodeNext", strict: true, noEmit: true, skipLibCheck: true, types: ["bun-types"] },
      files: ["use.ts"],
    }),
  )
  const { code, stdout } = await start([join(root, "node_modules/.bin/tsc")], "--project", folder)
  assert.equal(code, 0, stdout)
})

test("the package's proxy answers beside an app's own paths when a program on Node mounts it", async () => {
  await installed()
  const shown = blocks("ts").find((block) => block.includes("cos-inventory/proxy"))!
  const program = shown.replace("export default app", "").replace(/(?<=process\.env\.\w+)!/gu, "")
  const asked = `${program}
for (const path of ["/hello", "/healthz", "/v1/buckets", "/?inventory"]) {
  const answer = await app.request(path)
  console.log(answer.status, (await answer.text()).match(/hello|"ok"|AccessDenied/u)?.[0])
}
`
  writeFileSync(join(folder, "mounted.mjs"), asked)
  const { stdout, stderr } = await run("node", [join(folder, "mounted.mjs")], {
    env: {
      COS_PROXY_POLICY: JSON.stringify({ version: 1, buckets: [], principals: [] }),
      COS_SECRET_ID: "AKIDany",
      COS_SECRET_KEY: "any",
    },
  })
  assert.deepEqual(
    stdout.trimEnd().split("\n"),
    ["200 hello", '200 "ok"', "401 AccessDenied", "403 AccessDenied"],
    stderr,
  )
})

/** The package as npm would put it into a project, beside what it depends on. */
const installed = async (): Promise<void> => {
  await packaged()
  const modules = join(folder, "node_modules")
  cpSync(join(root, "package.json"), join(modules, "cos-inventory/package.json"))
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!readdirSync(modules).includes(name)) symlinkSync(join(root, "node_modules", name), join(modules, name))
  }
}

function once(script: string, ...args: ReadonlyArray<string>): () => Promise<void> {
  let built: Promise<void> | undefined
  const build = async () => {
    mkdirSync(join(folder, "node_modules"), { recursive: true })
    const { code, stdout, stderr } = await run("npm", ["run", "--silent", script, "--", ...args])
    assert.equal(code, 0, stdout + stderr)
  }
  return () => built ??= build()
}
