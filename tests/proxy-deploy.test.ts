/** The files of `http/deploy/`: each is what its reader takes, and every name in it is one of the program's. */
import { strict as assert } from "node:assert"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { judgePolicy } from "../adapters/policy-file.ts"
import { proxyFlags } from "../http/proxy-flags.ts"
import * as worker from "../http/worker.ts"
import { readBindings } from "../http/worker-settings.ts"
import manifest from "../package.json" with { type: "json" }
import * as Result from "effect/Result"
import { root } from "./process.ts"

const folder = join(root, "http/deploy")
const textOf = (name: string): string => readFileSync(join(folder, name), "utf8")

/** JSON with comments, each on a line of its own. */
const jsonc = (name: string): Record<string, unknown> => JSON.parse(textOf(name).replace(/^\s*\/\/.*$/gmu, ""))

const sources = ["http", "adapters"].flatMap((room) =>
  readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, room, name), "utf8"))
).join("\n")

const flagsIn = (command: string): ReadonlyArray<string> =>
  Array.from(command.matchAll(/(?<=[\s"])--([a-z][a-z-]*)/gu), ([, name]) => name!)
const known: ReadonlySet<string> = new Set(proxyFlags.map(({ name }) => name))
const unknownFlags = (command: string) => flagsIn(command).filter((name) => !known.has(name))

test("the files to deploy with are those that are known", () => {
  assert.deepEqual(readdirSync(folder).toSorted(), [
    "Dockerfile",
    "cos-inventory-proxy.service",
    "deno-deploy.ts",
    "deno.json",
    "policy.example.yaml",
    "workerd.capnp",
    "wrangler.jsonc",
  ])
})

test("the files to deploy with name variables that the program reads", () => {
  for (const name of readdirSync(folder)) {
    const variables = textOf(name).match(/\b(?:COS|TENCENTCLOUD|OTEL)_[A-Z_]+\b/gu) ?? []
    assert.deepEqual(
      variables.filter((variable) => !sources.includes(`"${variable}"`) && !sources.includes(`${variable}?:`)),
      [],
      name,
    )
  }
  assert.match(textOf("wrangler.jsonc"), /COS_PROXY_SECRET/u)
})

test("the policy to begin with is a policy, and says nothing that cannot be meant", async () => {
  const { policy, warnings } = await Effect.runPromise(judgePolicy(join(folder, "policy.example.yaml")))
  assert.deepEqual(warnings, [])
  assert.deepEqual(policy.principals.map(({ name }) => name), ["dashboards", "ci"])
})

test("wrangler.jsonc deploys the Worker without node compatibility, and with bindings that it takes", () => {
  const config = jsonc("wrangler.jsonc")
  assert.equal(join(folder, String(config["main"])), join(root, "dist/worker.js"))
  assert.match(manifest.scripts["build:worker"], /^bun build http\/worker\.ts .*--outdir=dist$/u)
  const flags = config["compatibility_flags"] as ReadonlyArray<string>
  assert.ok(!flags.includes("nodejs_compat"))
  const tested = readFileSync(join(root, "tests/workerd/proxy.capnp"), "utf8")
  assert.ok(tested.includes(`compatibilityDate = "${String(config["compatibility_date"])}"`))
  assert.ok(tested.includes(`compatibilityFlags = ${JSON.stringify(flags)}`))
  const vars = config["vars"] as Record<string, unknown>
  assert.ok(Result.isSuccess(readBindings({ ...vars, COS_SECRET_ID: "AKIDone", COS_SECRET_KEY: "one" })))
  const { bindings } = config["durable_objects"] as { readonly bindings: ReadonlyArray<Record<string, string>> }
  const classes = (config["migrations"] as ReadonlyArray<{ readonly new_sqlite_classes: ReadonlyArray<string> }>)
    .flatMap(({ new_sqlite_classes }) => new_sqlite_classes)
  assert.deepEqual(bindings.map(({ class_name }) => class_name), classes)
  for (const name of classes) assert.equal(typeof (worker as Record<string, unknown>)[name], "function")
  assert.ok(bindings.every(({ name }) => sources.includes(`readonly ${name}?:`)))
})

test("wrangler.jsonc shows a rate limit in place of the Durable Object that is JSON as well", () => {
  const [, shown = ""] = /^ *\/\/ +("ratelimits": .*)$/mu.exec(textOf("wrangler.jsonc")) ?? []
  const { ratelimits } = JSON.parse(`{${shown}}`)
  assert.ok(sources.includes(`readonly ${ratelimits[0].name}?:`))
  assert.equal(ratelimits[0].simple.period, 60)
})

test("the task of deno.json runs the bundle that the build makes, with flags that it has", () => {
  const { tasks } = jsonc("deno.json") as { readonly tasks: Readonly<Record<string, string>> }
  const [, permissions = "", file = "", flags = ""] =
    /^deno run ((?:--allow-[a-z]+(?:=\S+)? )+)(\S+)( .*)$/u.exec(tasks["proxy"] ?? "") ?? []
  assert.doesNotMatch(permissions, /all\b|run|write|ffi|sys|allow-(?:env|read) /u)
  assert.match(
    manifest.scripts["build:proxy"],
    new RegExp(`--entry-naming=${file.split("/").at(-1)} --outdir=${dirname(file)}`, "u"),
  )
  assert.deepEqual(unknownFlags(flags), [])
  assert.ok(existsSync(join(root, flags.split(" ").at(-1)!)))
})

test("the systemd unit is one, is closed in, and starts the bundle with flags and credentials that there are", () => {
  const lines = textOf("cos-inventory-proxy.service").split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  assert.deepEqual(lines.filter((line) => !/^(?:\[(?:Unit|Service|Install)\]|[A-Z][A-Za-z]+=.*)$/u.test(line)), [])
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))
  for (const key of ["DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"]) {
    assert.deepEqual(values(key), ["yes"], key)
  }
  assert.deepEqual(values("ProtectSystem"), ["strict"])
  const [start = ""] = values("ExecStart")
  assert.deepEqual(unknownFlags(start), [])
  const credentials = values("LoadCredential").map((value) => value.split(":")[0])
  assert.deepEqual(Array.from(start.matchAll(/%d\/(\w+)/gu), ([, name]) => name), credentials)
  assert.match(values("ExecReload").join(), /-HUP/u)
})

test("the Dockerfile builds from what there is, and runs as nobody special with flags that there are", () => {
  const lines = textOf("Dockerfile").split("\n").filter((line) => line !== "" && !line.startsWith("#"))
  const instruction = /^(FROM|WORKDIR|COPY|RUN|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) (.+)$/u
  const read = lines.map((line) => instruction.exec(line)?.slice(1) ?? [line, ""])
  assert.deepEqual(read.filter(([, rest]) => rest === ""), [])
  const of = (name: string) => read.filter(([found]) => found === name).map(([, rest]) => rest!)
  for (const image of of("FROM")) assert.match(image, /^node:\d+\.\d+\.\d+-slim(?: AS build)?$/u)
  for (const copy of of("COPY").filter((copy) => !copy.startsWith("--from"))) {
    for (const source of copy.split(" ").slice(0, -1)) assert.ok(existsSync(join(root, source)), source)
  }
  for (const command of of("RUN").filter((command) => command.startsWith("npm run "))) {
    assert.ok(command.slice("npm run ".length) in manifest.scripts, command)
  }
  assert.deepEqual(of("USER"), ["node"])
  const started: ReadonlyArray<string> = [...of("ENTRYPOINT"), ...of("CMD")].flatMap((text) => JSON.parse(text))
  assert.deepEqual(unknownFlags(` ${started.join(" ")}`), [])
  assert.ok(of("COPY").some((copy) => copy.endsWith(started[1]!)))
})
