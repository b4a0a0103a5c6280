/** The command line before a proxy that shows it some rules of a bucket: what is hidden is not taken for missing. */
import { strict as assert } from "node:assert"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { demoBucket } from "../adapters/memory/mod.ts"
import { listedIds, readListedIds, writeListedIds } from "../core/wire/listed-ids.ts"
import { type Invocation, invoke, withCos } from "./cli.ts"
import { prop } from "./harness.ts"
import { behindSocket } from "./proxy-socket.ts"
import { bucket, hashOf, proxied } from "./proxy-world.ts"

const { owner, region } = demoBucket
const second = "second-1250000000"
const options = {
  buckets: [{ name: second, region, owner }],
  policy: {
    version: 1,
    buckets: [`${bucket}@${region}`, `${second}@${region}`],
    limits: { requestsPerSecond: 10_000, burst: 100_000 },
    principals: [
      {
        name: "part",
        tokens: [hashOf("part-token")],
        grants: [{
          buckets: [bucket, second],
          operations: ["get", "list", "put", "delete"],
          ids: ["list2", "ci-*"],
          destinations: ["*"],
        }],
      },
      {
        name: "whole",
        tokens: [hashOf("whole-token")],
        grants: [{ buckets: ["*"], operations: ["get", "list", "put", "delete"], ids: ["*"], destinations: ["*"] }],
      },
    ],
  },
}

type Go = (args: ReadonlyArray<string>, invocation?: Invocation) => ReturnType<typeof invoke>

const withProxy = (
  body: (go: { readonly part: Go; readonly whole: Go }, file: (ids: ReadonlyArray<string>) => string) => Promise<void>,
) =>
  behindSocket(options, async ({ origin }) => {
    const folder = mkdtempSync(join(tmpdir(), "cos-inventory-partial-"))
    const as = (token: string): Go => (args, invocation = {}) =>
      invoke(args, {
        ...invocation,
        env: { COS_PROXY_URL: origin, COS_PROXY_TOKEN: token, COS_BUCKET: bucket, COS_REGION: region },
      })
    let files = 0
    const file = (ids: ReadonlyArray<string>) => {
      const path = join(folder, `${++files}.json`)
      writeFileSync(path, JSON.stringify({ version: 1, buckets: [`${bucket}@${region}`], rules: ids.map(ruleOf) }))
      return path
    }
    try {
      await body({ part: as("part-token"), whole: as("whole-token") }, file)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

const ruleOf = (id: string) => ({
  id,
  isEnabled: true,
  includedObjectVersions: "All",
  schedule: { frequency: "Daily" },
  destination: { bucket, prefix: "ci/reports", format: "CSV" },
})

test("the proxy says which ids a list shows when it does not show every rule", () =>
  proxied(options, async ({ ask }) => {
    const target = `/${bucket}/?inventory`
    const part = await ask("GET", target, { token: "part-token" })
    assert.deepEqual([part.status, part.headers.get(listedIds)], [200, "list2, ci-*"])
    const whole = await ask("GET", target, { token: "whole-token" })
    assert.deepEqual([whole.status, whole.headers.get(listedIds)], [200, null])
  }))

for (const command of [["plan"], ["apply", "--yes"]] as const) {
  test(`${command[0]} refuses an id that the proxy hides, and writes nothing`, () =>
    withProxy(async ({ part, whole }, file) => {
      const [name, ...flags] = command
      const before = (await whole(["list", "-o", "json"])).out
      const { code, out, err } = await part([name, file(["ci-new", "list1"]), ...flags])
      assert.equal(code, 4, err)
      assert.match(err, /"list1" may exist: .* only some rules of the bucket, those whose id matches "list2", "ci-\*"/u)
      assert.ok(!out.includes("list1"), out)
      assert.equal((await whole(["list", "-o", "json"])).out, before)
    }))
}

test("plan and apply make what the proxy would show when it is not there", () =>
  withProxy(async ({ part }, file) => {
    const path = file(["ci-new"])
    const planned = await part(["plan", path])
    assert.equal(planned.code, 2, planned.err)
    assert.match(planned.out, /ci-new/u)
    const applied = await part(["apply", path, "--yes"])
    assert.equal(applied.code, 0, applied.err)
    assert.equal((await part(["plan", path])).code, 0)
  }))

test("plan creates any id, as ever, when the proxy shows every rule", () =>
  withProxy(async ({ whole }, file) => {
    const { code, err } = await whole(["plan", file(["any"])])
    assert.equal(code, 2, err)
    assert.ok(!err.includes("only some rules"), err)
  }))

test("diff refuses a file with an id that the proxy hides, on either side", () =>
  withProxy(async ({ part }, file) => {
    const path = file(["list1"])
    for (const sides of [[`cos://${bucket}`, path], [path, `cos://${bucket}`], [path]]) {
      const { code, err } = await part(["diff", ...sides])
      assert.equal(code, 4, `${sides.join(" ")}: ${err}`)
      assert.match(err, /"list1" may exist/u)
    }
  }))

test("list, export, copy and diff say that they see only some rules, and say nothing when they see all", () =>
  withProxy(async ({ part, whole }) => {
    const said =
      /^Note: the proxy's policy shows you only some rules of examplebucket-1250000000, those whose id matches "list2", "ci-\*"$/mu
    const commands = [
      ["list"],
      ["list", "--buckets-from", "-"],
      ["export"],
      ["copy", bucket, second, "--plan"],
      ["diff", `cos://${bucket}`, `cos://${second}`],
    ]
    for (const args of commands) {
      const stdin = args.includes("-") ? `${bucket}@${region}\n` : ""
      const partial = await part(args, { stdin })
      assert.match(partial.err, said, args.join(" "))
      const all = await whole(args, { stdin })
      assert.ok(!all.err.includes("only some rules"), all.err)
    }
    const json = await part(["list", "-o", "json"])
    assert.deepEqual([json.code, json.err], [0, ""])
  }))

prop(
  "readListedIds gives back the globs that were written, whatever stands in them",
  Schema.Array(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(40))),
  (globs) => {
    const value = writeListedIds(globs)
    const read = readListedIds([["X-Cos-Proxy-Listed-Ids", value]])
    const known = [...new Set(globs.map((glob) => glob.toWellFormed()))]
    return /^[\x21-\x7e ]*$/u.test(value) && value.length <= 4096 &&
      JSON.stringify(read) === JSON.stringify(known.slice(0, read?.length)) &&
      (value.length < 3700 ? read?.length === known.length : true)
  },
)

test("writeListedIds leaves out the globs that a header does not hold", () => {
  const globs = Array.from({ length: 5000 }, (_, i) => `id-${i}`)
  const read = readListedIds([[listedIds, writeListedIds(globs)]])!
  assert.ok(read.length > 300 && read.length < 600)
  assert.deepEqual(read, globs.slice(0, read.length))
})

test("readListedIds takes what it cannot read for nothing shown", () => {
  assert.equal(readListedIds([]), undefined)
  assert.deepEqual(readListedIds([[listedIds, ""]]), [])
  assert.deepEqual(readListedIds([[listedIds, "%zz, a*"]]), ["a*"])
})

for (const [code, status] of [["ServiceUnavailable", 503], ["InternalError", 500]] as const) {
  test(`the command line asks a proxy twice, and no more, when it answers ${code}`, () => {
    const body = new TextEncoder().encode(`<Error><Code>${code}</Code><Message>No</Message></Error>`)
    return withCos({
      buckets: [],
      around: () => ({ answer: () => Effect.succeed({ status, headers: [], body }) }),
    }, async ({ asked, env: { COS_ENDPOINT: url = "" } }) => {
      const env = { COS_PROXY_URL: url, COS_PROXY_TOKEN: "token", COS_BUCKET: bucket, COS_REGION: region }
      const { code, err } = await invoke(["get", "list2"], { env })
      assert.equal(code, 6, err)
      assert.equal(asked.length, 2)
    })
  })
}
