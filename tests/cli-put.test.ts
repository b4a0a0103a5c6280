import { strict as assert } from "node:assert"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { invoke, withLocalCos } from "./cli.ts"

const rule = (over: Record<string, unknown> = {}) =>
  JSON.stringify({
    id: "daily",
    isEnabled: true,
    includedObjectVersions: "Current",
    schedule: { frequency: "Daily" },
    destination: { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: "CSV" },
    ...over,
  })

test("`put` creates, shows the difference, and leaves alone when a rule is put three times", async () => {
  await withLocalCos(async (env) => {
    const first = await invoke(["put", "-"], { env, stdin: rule() })
    assert.equal(first.code, 0, first.err)
    assert.equal(first.out, 'Created rule "daily" in examplebucket-1250000000 (ap-guangzhou)')
    const second = await invoke(["put", "-"], {
      env,
      stdin: rule({ filter: { prefix: "logs/" }, schedule: { frequency: "Weekly" } }),
    })
    assert.equal(
      second.out,
      'Replaced rule "daily" in examplebucket-1250000000 (ap-guangzhou)\n' +
        "  ~ schedule.frequency: Daily -> Weekly\n  + filter.prefix: logs/",
    )
    const third = await invoke(["put", "-"], {
      env,
      stdin: rule({ filter: { prefix: "logs/" }, schedule: { frequency: "Weekly" } }),
    })
    assert.match(third.out, /^Unchanged/u)
  })
})

test("`put --wait` returns when COS shows the rule", async () => {
  await withLocalCos(async (env) => {
    const { code, out } = await invoke(["put", "-", "--wait", "-o", "json"], { env, stdin: rule() })
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), {
      version: 1,
      bucket: "examplebucket-1250000000",
      region: "ap-guangzhou",
      results: [{ id: "daily", result: "created", changes: [] }],
    })
  })
})

test("`put --if-absent` refuses with 7 when the rule exists", async () => {
  await withLocalCos(async (env) => {
    assert.equal((await invoke(["put", "-", "--if-absent"], { env, stdin: rule() })).code, 0)
    const again = await invoke(["put", "-", "--if-absent"], { env, stdin: rule({ isEnabled: false }) })
    assert.equal(again.code, 7)
    assert.match(again.err, /exists already/u)
    assert.match((await invoke(["get", "daily"], { env })).out, /IsEnabled +true/u)
  })
})

test("`put --dry-run` prints the exact request without its secrets and sends nothing when given", async () => {
  const { code, out, err } = await invoke(["put", "-", "--dry-run"], {
    stdin: rule(),
    env: {
      COS_ENDPOINT: "http://127.0.0.1:1",
      COS_BUCKET: "examplebucket-1250000000",
      COS_REGION: "ap-guangzhou",
      COS_SECRET_ID: "AKIDsomething",
      COS_SECRET_KEY: "the-secret-key",
      COS_SESSION_TOKEN: "the-session-token",
    },
  })
  assert.equal(code, 0, err)
  assert.match(out, /^PUT \/examplebucket-1250000000\/\?inventory&id=daily HTTP\/1\.1\nhost: 127\.0\.0\.1:1\n/u)
  assert.match(out, /\ncontent-md5: [A-Za-z0-9+/]{22}==\n/u)
  assert.match(out, /q-signature=\*\*\*\*/u)
  assert.match(out, /<InventoryConfiguration><Id>daily<\/Id>/u)
  for (const secret of ["the-secret-key", "the-session-token", "AKIDsomething"]) {
    assert.ok(!(out + err).includes(secret))
  }
  assert.match(err, /nothing was sent/u)
})

test("`put` reports every problem of every file at its place, and sends nothing, when files are wrong", async () => {
  const folder = await mkdtemp(join(tmpdir(), "rules-"))
  const yaml = join(folder, "a.yaml")
  await writeFile(yaml, "id: 007\nisEnabled: yes\nfilter:\n  prefx: logs/\n")
  const xml = join(folder, "b.xml")
  await writeFile(
    xml,
    "<InventoryConfiguration>\n  <Id>b c</Id>\n  <IsEnabled>maybe</IsEnabled>\n" +
      "  <Filter><Period><StartTime>1768688761</StartTime><EndTime>1568688762</EndTime></Period></Filter>\n" +
      "  <Schedule><Frequency>Hourly</Frequency></Schedule>\n</InventoryConfiguration>\n",
  )
  const { code, out, err } = await invoke(["put", yaml, xml, "--demo"])
  assert.equal(code, 5)
  assert.equal(out, "")
  assert.match(err, /a\.yaml:1:\d+ id: .*\n {4}found: {3}7\n.*\n {4}fix: .*Put quotes around it/u)
  assert.match(err, /a\.yaml:2:\d+ isEnabled/u)
  assert.match(err, /a\.yaml:4:3 filter\.prefx: .*\n {4}found: {3}prefx\n.*\n {4}fix: {5}Did you mean "prefix"\?/u)
  assert.match(err, /b\.xml:2:3 id: .*\[id-characters\]\n {4}found: {3}b c/u)
  assert.match(err, /b\.xml:3:3 isEnabled: .*\n {4}found: {3}maybe/u)
  assert.match(err, /b\.xml:4:\d+ filter\.period\.startTime: The period ends before it starts/u)
  assert.match(err, /b\.xml:5:13 schedule\.frequency: .*\n {4}found: {3}Hourly/u)
  assert.match(err, /destination\.bucket/u)
})

test("`put` refuses two rules with one id when they come together", async () => {
  const { code, err } = await invoke(["put", "-", "--demo"], { stdin: `[${rule()}, ${rule({ isEnabled: false })}]` })
  assert.equal(code, 5)
  assert.match(err, /The id stands twice/u)
})

test("`put` takes the short forms of a destination when the region is known", async () => {
  for (
    const [bucket, prefix] of [["inventorybucket-1250000000", undefined], [
      "cos://inventorybucket-1250000000/a/b",
      "a/b",
    ]] as const
  ) {
    await withLocalCos(async (env) => {
      const put = await invoke(["put", "-"], { env, stdin: rule({ destination: { bucket, format: "CSV" } }) })
      assert.equal(put.code, 0, put.err)
      const { configuration } = JSON.parse((await invoke(["get", "daily", "-o", "json"], { env })).out)
      assert.equal(configuration.destination.bucket, "qcs::cos:ap-guangzhou::inventorybucket-1250000000")
      assert.equal(configuration.destination.prefix, prefix)
    })
  }
})

test("`put --as-is` accepts what COS holds already, and nothing new, when a rule is odd", async () => {
  const odd = rule({ optionalFields: ["Size", "Colour"] })
  await withLocalCos(async (env) => {
    assert.equal((await invoke(["put", "-"], { env, stdin: odd })).code, 5)
    const asIs = await invoke(["put", "-", "--as-is"], { env, stdin: odd })
    assert.equal(asIs.code, 5, "a new rule has nothing to be forgiven for")
    assert.match(asIs.err, /Colour/u)
    const incomplete = await invoke(["put", "-", "--as-is"], { env, stdin: '{"id":"daily"}' })
    assert.equal(incomplete.code, 5)
  })
})

for (const kind of ["daily", "weekly", "monthly"]) {
  test(`\`new ${kind}\` prints a commented rule that put accepts when it is piped`, async () => {
    const { out } = await invoke(["new", kind])
    assert.match(out, /^# /mu)
    const put = await invoke(["put", "-", "--demo"], { stdin: out })
    assert.equal(put.code, 0, put.err)
    assert.match(put.out, /^Created/u)
  })
}

test("`new once` prints a job that run accepts, with its JobId and its manifest, when it is piped", async () => {
  const { out } = await invoke(["new", "once"])
  await withLocalCos(async (env) => {
    const run = await invoke(["run", "-"], { env, stdin: out })
    assert.equal(run.code, 0, run.err)
    assert.match(run.out, /^Started job "once-1"/u)
    assert.match(run.out, /JobId: {4}\S+/u)
    assert.match(
      run.out,
      /Manifest: cos:\/\/examplebucket-1250000000\/cos-inventory\/1250000000\/examplebucket\/once-1\/\d{8}\/manifest\.json/u,
    )
    const again = await invoke(["run", "-"], { env, stdin: out })
    assert.equal(again.code, 7)
    assert.match(again.err, /DuplicateInventoryId/u)
  })
})

test("`run` refuses a schedule when a periodic rule is given", async () => {
  const { code, err } = await invoke(["run", "-", "--demo"], { stdin: rule() })
  assert.equal(code, 5)
  assert.match(err, /schedule: A one-time job has no schedule/u)
})
