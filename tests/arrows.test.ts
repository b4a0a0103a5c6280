/** The arrows of the house: doors to adapters and core, adapters to core, core to itself and little else. */
import { strict as assert } from "node:assert"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"

const house = fileURLToPath(new URL("..", import.meta.url))
const rooms = ["core", "adapters", "cli", "http"] as const

const files = rooms.flatMap((room) =>
  existsSync(join(house, room))
    ? readdirSync(join(house, room), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
      .map((name) => `${room}/${name.replaceAll("\\", "/")}`)
    : []
)

interface Import {
  readonly from: string
  /** As written. */
  readonly to: string
  /** Below the house, for a relative import. */
  readonly file?: string
}

/** Comments may show imports; they are none. */
const code = (file: string) =>
  readFileSync(join(house, file), "utf8").replace(/\/\*[\s\S]*?\*\//gu, "").replace(/^\s*\/\/.*$/gmu, "")

const imports = files.flatMap((from): ReadonlyArray<Import> =>
  [...code(from).matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/gu)].map(([, to]) => ({
    from,
    to: to!,
    ...(to!.startsWith(".") ? { file: relative(house, join(house, dirname(from), to!)).replaceAll("\\", "/") } : {}),
  }))
)
const roomOf = (file: string): string => file.split("/")[0]!
const show = (found: ReadonlyArray<Import>) => found.map(({ from, to }) => `${from} imports ${to}`)

test("the house is read: every room has files, and files have imports", () => {
  for (const room of ["core", "adapters", "cli"]) {
    assert.equal(imports.some(({ from }) => roomOf(from) === room), true, room)
  }
  assert.equal(imports.some(({ to }) => to === "effect/Effect"), true)
})

const reach: Readonly<Record<string, ReadonlyArray<string>>> = {
  core: ["core"],
  adapters: ["adapters", "core"],
  cli: ["cli", "adapters", "core"],
  http: ["http", "adapters", "core"],
}
/** The command line opens this door of `http/` as well: flags and socket are there already. */
const throughDoor = (from: string, file: string): boolean =>
  file === "http/server-flag.ts" && roomOf(from) === "cli" || file === "http/listen.ts" && from === "cli/serving.ts" ||
  (from === "cli/commands/local.ts" && (file === "http/serve-local.ts" || file === "http/local-flags.ts")) ||
  (from === "cli/commands/proxy.ts" && (file === "http/serve-proxy.ts" || file === "http/proxy-flags.ts"))

test("a file reaches only rooms that its arrow points to", () => {
  const wrong = imports.filter(({ from, file }) =>
    file !== undefined && file !== "package.json" && !reach[roomOf(from)]!.includes(roomOf(file)) &&
    !throughDoor(from, file)
  )
  assert.deepEqual(show(wrong), [])
})

test("a relative import names a file that is there, with its ending", () => {
  const wrong = imports.filter(({ file }) =>
    file !== undefined && !(existsSync(join(house, file)) && /\.(?:ts|json)$/u.test(file))
  )
  assert.deepEqual(show(wrong), [])
})

/** Stable modules of effect; its others may break in a minor version. */
const stable =
  /^effect\/(?:Cause|Clock|Context|Data|DateTime|Duration|Effect|Encoding|Equal|Exit|Function|Layer|Option|Predicate|Redacted|Ref|Result|Schedule|Schema|SchemaAST|SchemaIssue|SchemaTransformation|Scope|Stream)$/u

test("core imports stable modules of effect, txml and itself alone", () => {
  const wrong = imports.filter(({ from, to, file }) =>
    roomOf(from) === "core" && file === undefined && !stable.test(to) && to !== "txml/txml"
  )
  assert.deepEqual(show(wrong), [])
})

test("core asks the world for nothing: no runtime, clock, randomness or traffic of its own", () => {
  const world =
    /\b(?:process|Bun|Deno|globalThis|window|fetch|setTimeout|setInterval|crypto|performance|console|require)\s*(?:\.|\()|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bnew (?:URL|Request)\b/u
  const wrong = files.filter((file) => roomOf(file) === "core").flatMap((file) => {
    const match = world.exec(code(file))
    return match === null ? [] : [`${file} uses ${match[0]}`]
  })
  assert.deepEqual(wrong, [])
})

test("core uses services in its client and its ports alone", () => {
  const users = imports.filter(({ from, to }) =>
    roomOf(from) === "core" && /^effect\/(?:Context|Layer|Stream|Clock)$/u.test(to)
  )
  assert.deepEqual([...new Set(users.map(({ from }) => from))].toSorted(), ["core/client.ts", "core/ports.ts"])
})

test("effect is imported by its modules, not by its barrel, which costs at every start", () => {
  assert.deepEqual(show(imports.filter(({ to }) => to === "effect")), [])
})

/** The bottom of core/lint: what a finding is, and the "did you mean" of every message; both import nothing above them. */
const foundations = new Set(["core/lint/finding.ts", "core/lint/nearest.ts"])

test("a folder with a mod.ts is entered through it", () => {
  const wrong = imports.filter(({ from, file }) => {
    if (file === undefined || foundations.has(file)) return false
    for (let folder = dirname(file); folder.includes("/"); folder = dirname(folder)) {
      const isInside = from.startsWith(`${folder}/`)
      if (!isInside && existsSync(join(house, folder, "mod.ts")) && file !== `${folder}/mod.ts`) return true
    }
    return false
  })
  assert.deepEqual(show(wrong), [])
})

test("the foundations of lint import nothing", () => {
  assert.deepEqual(show(imports.filter(({ from }) => foundations.has(from))), [])
})

/** What a file loads when it is loaded: types are erased, and `import()` comes later. */
const loaded = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file)) return seen
  seen.add(file)
  for (const [, names, to] of code(file).matchAll(/^(?:import|export) ([^;]*?) from "(\.[^"]+)"/gmu)) {
    const isErased = names!.startsWith("type ") ||
      /^\{(?:\s*type [^,}]+,?)+\s*\}$/u.test(names!)
    if (!isErased && to!.endsWith(".ts")) loaded(relative(house, join(house, dirname(file), to!)), seen)
  }
  return seen
}

test("`get` loads nothing of rules as code when it starts", () => {
  const files = [...loaded("cli/main.ts"), ...loaded("cli/commands/get.ts")]
  assert.ok(files.includes("core/client.ts") && files.includes("core/lint/rows.ts"))
  const heavy = /^(?:core\/(?:advice|ruleset|plan|terraform)\/|adapters\/(?:yaml|json|formatting|mending|memory)\/)/u
  assert.deepEqual(files.filter((file) => heavy.test(file)), [])
})
