import { strict as assert } from "node:assert"
import { test } from "node:test"
import { mkdir, mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { invoke, settingsFor, withLocalCos } from "./cli.ts"
import { answering, listen } from "./loopback.ts"

test("`get` shows the demo's rule when nothing is configured", async () => {
  const { code, out, err } = await invoke(["get", "list1"])
  assert.equal(code, 0)
  assert.match(out, /^Inventory rule in examplebucket-1250000000 \(ap-guangzhou, the demo\)$/mu)
  assert.match(out, /^Id {22}list1$/mu)
  assert.match(out, /^Filter {18}prefix "myPrefix"\n {24}created from 2019-09-17T02:52:41Z to 2019-09-17T02:52:42Z$/mu)
  assert.match(out, /^Reports {17}cos:\/\/examplebucket-1250000000\/list1\/1250000000\/examplebucket\/list1\/$/mu)
  assert.match(err, /nothing is configured, so this is the embedded demo/u)
})

for (
  const [what, args, env] of [
    ["a variable is set", ["get", "list1"], { COS_REGION: "ap-guangzhou" }],
    ["a key is set", ["get", "list1"], { TENCENTCLOUD_SECRET_ID: "AKIDx", TENCENTCLOUD_SECRET_KEY: "y" }],
    ["a variable is empty", ["get", "list1"], { COS_BUCKET: "" }],
    ["COS_DEMO is never", ["get", "list1"], { COS_DEMO: "never" }],
    ["a connection flag is given", ["--timeout", "3s", "get", "list1"], {}],
    ["-o is given", ["get", "list1", "-o", "json"], {}],
    ["the command writes", ["enable", "list1"], {}],
  ] as const
) {
  test(`The demo is not a fallback when ${what}`, async () => {
    const { code, out, err } = await invoke(args, { env })
    assert.equal(code, 5)
    assert.equal(out, "")
    assert.match(err, /no bucket/iu)
  })
}

test("The demo is not a fallback when there is a profile file without a default", async () => {
  const home = await mkdtemp(join(tmpdir(), "home-"))
  await mkdir(join(home, ".config/cos-inventory"), { recursive: true })
  await writeFile(join(home, ".config/cos-inventory/config.yaml"), "profiles: { work: {} }\n", { mode: 0o600 })
  const { code, err } = await invoke(["get", "list1"], { env: { HOME: home } })
  assert.equal(code, 5)
  assert.match(err, /no bucket/u)
})

test("`list` and `get` say that there are conditions they do not know when a filter has some", async () => {
  const extra = [{ in: "/Filter", xml: "<MinSize>5</MinSize>" }] as const
  const destination = { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: "CSV" }
  const rule = {
    id: "new",
    isEnabled: true,
    includedObjectVersions: "All",
    schedule: { frequency: "Daily" },
    destination,
    extra,
  }
  await withLocalCos(async (env) => {
    for (const args of [["list"], ["get", "new"]]) {
      const { out } = await invoke(args, { env })
      assert.match(out, /1 unknown condition/u)
      assert.doesNotMatch(out, /whole bucket/u)
    }
  }, { buckets: [{ name: "examplebucket-1250000000", region: "ap-guangzhou", rules: [rule] }] })
})

test("`list -o xml` prints an empty list when COS answers that there is none", async () => {
  const body = "<Error><Code>InventoryConfigurationNotFoundError</Code><Message>-</Message></Error>"
  const answer = answering(
    `HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  const { code, out } = await Effect.flatMap(
    listen(answer),
    ({ origin }) => Effect.promise(() => invoke(["list", "-o", "xml"], { env: settingsFor(origin) })),
  ).pipe(Effect.scoped, Effect.runPromise)
  assert.equal(code, 0)
  assert.match(out, /<ListInventoryConfigurationResult><IsTruncated>false/u)
})

test("`--demo` ignores a configured bucket when no bucket flag is given", async () => {
  const { code, out } = await invoke(["get", "list1", "--demo", "-o", "json"], {
    env: { COS_BUCKET: "other-1250000000" },
  })
  assert.equal(code, 0)
  const document = JSON.parse(out)
  assert.equal(document.bucket, "examplebucket-1250000000")
  assert.equal(document.demo, true)
  assert.equal(document.version, 1)
})

test("`get` names the missing rule, the place, the advice and the request id when there is none", async () => {
  const { code, out, err } = await invoke(["get", "nope", "--demo"])
  assert.equal(code, 3)
  assert.equal(out, "")
  assert.match(
    err,
    /Cannot get "nope" from examplebucket-1250000000 \(ap-guangzhou, the demo\): InventoryConfigurationNotFoundError/u,
  )
  assert.match(err, /status 404/u)
  assert.match(err, /fix: {4}List the rules/u)
  assert.match(err, /request id: [A-Za-z0-9+/=]+/u)
})

test("`get` says its failure as one JSON object when -o json is given", async () => {
  const { code, out, err } = await invoke(["get", "nope", "--demo", "-o", "json"])
  assert.equal(code, 3)
  assert.equal(out, "")
  const { version, error } = JSON.parse(err)
  assert.equal(version, 1)
  assert.equal(error.type, "CosError")
  assert.equal(error.code, "InventoryConfigurationNotFoundError")
  assert.equal(error.exitCode, 3)
})

for (const form of ["xml", "json", "yaml"] as const) {
  test(`\`get -o ${form}\` and \`list -o ${form}\` feed back to validate and put when piped`, async () => {
    await withLocalCos(async (env) => {
      const one = await invoke(["get", "list2", "-o", form], { env })
      assert.equal(one.code, 0, one.err)
      const all = await invoke(["list", "-o", form], { env })
      assert.equal(all.code, 0, all.err)
      for (const { out } of [one, all]) {
        const valid = await invoke(["validate", "-"], { stdin: out })
        assert.equal(valid.code, 0, valid.err + valid.out)
        const put = await invoke(["put", "-"], { env, stdin: out })
        assert.equal(put.code, 0, put.err)
        assert.match(put.out, /^Unchanged: rule "list2"/mu)
      }
      assert.match((await invoke(["put", "-"], { env, stdin: all.out })).out, /list1[^]*list2[^]*list3/u)
    })
  })
}

test("`get -o xml` prints byte for byte what COS sent when it is asked for", async () => {
  await withLocalCos(async (env) => {
    const { out } = await invoke(["get", "list1", "-o", "xml"], { env })
    assert.match(out, /^<\?xml version="1.0" encoding="UTF-8"\?><InventoryConfiguration><Id>list1<\/Id>/u)
  })
})

test("`list` prints every rule aligned when a bucket has some", async () => {
  const { out, code } = await invoke(["list", "--demo"])
  assert.equal(code, 0)
  const [head, , header, ...rows] = out.split("\n")
  assert.equal(head, "3 rules in examplebucket-1250000000 (ap-guangzhou, the demo)")
  const column = header!.indexOf("SCHEDULE")
  assert.equal(rows.length, 3)
  for (const row of rows) assert.equal(row.slice(column, column + 5), "Daily")
})

test("`list` says so when a bucket has no rule", async () => {
  await withLocalCos(async (env) => {
    const { code, out } = await invoke(["list"], { env })
    assert.equal(code, 0)
    assert.equal(out, "0 rules in examplebucket-1250000000 (ap-guangzhou)")
    assert.deepEqual(JSON.parse((await invoke(["list", "-o", "json"], { env })).out).configurations, [])
  }, { buckets: [{ name: "examplebucket-1250000000", region: "ap-guangzhou" }] })
})

test("`buckets` prints names and regions when asked", async () => {
  await withLocalCos(async (env) => {
    const { code, out, err } = await invoke(["buckets"], { env })
    assert.equal(code, 0, err)
    assert.match(out, /^BUCKET +REGION +CREATED$/mu)
    assert.match(out, /^examplebucket-1250000000 +ap-guangzhou +\d{4}-/mu)
  })
})

test("An empty id is refused before it can become a list when it is given", async () => {
  for (const args of [["get", ""], ["delete", "", "--yes"], ["enable", ""]]) {
    const { code, err } = await invoke([...args, "--demo"])
    assert.equal(code, 5)
    assert.match(err, /The id is empty/u)
  }
})
