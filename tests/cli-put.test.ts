import { strict as assert } from "node:assert"
import { mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { invoke, settingsFor, withLocalCos } from "./cli.ts"
import { type Behaviour, listen } from "./loopback.ts"

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
      "  ~ schedule.frequency: Daily -> Weekly\n  + filter.prefix: logs/\n" +
        'Replaced rule "daily" in examplebucket-1250000000 (ap-guangzhou)',
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
  assert.match(err, /a\.yaml:1:\d+ id: .*\n {4}found: {3}007\n.*\n {4}fix: .*Put quotes around it/u)
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

test("`put --as-is` accepts what the rule in COS has already, and nothing new, when that rule is odd", async () => {
  const odd = {
    id: "daily",
    isEnabled: true,
    includedObjectVersions: "Current",
    schedule: { frequency: "Hourly" },
    filter: { prefix: "logs/" },
    optionalFields: ["Size", "Colour"] as const,
    destination: { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: "CSV" },
  }
  await withLocalCos(async (env) => {
    const put = (over: Record<string, unknown>, ...flags: ReadonlyArray<string>) =>
      invoke(["put", "-", ...flags], { env, stdin: JSON.stringify({ ...odd, ...over }) })
    assert.equal((await put({ isEnabled: false })).code, 5)
    const refusedByServer = await put({ isEnabled: false }, "--as-is")
    assert.equal(refusedByServer.code, 5)
    assert.match(refusedByServer.err, /InvalidArgument|MalformedXML/u, "it was sent, and this strict COS refuses it")
    const worse = await put({ optionalFields: ["Size", "Colour", "Shape"] }, "--as-is")
    assert.equal(worse.code, 5)
    assert.match(worse.err, /Shape/u)
    assert.doesNotMatch(worse.err, /Colour|Hourly/u)
    const known = await put({ schedule: { frequency: "Daily" }, optionalFields: ["Size"], isEnabled: false }, "--as-is")
    assert.equal(known.code, 0, known.err)
    for (const filter of [{ prefix: "" }, {}]) {
      const wide = await put({ schedule: { frequency: "Daily" }, optionalFields: ["Size"], filter }, "--as-is")
      assert.equal(wide.code, 5, "a filter that was given is never sent empty")
      assert.match(wide.err, /filter-empty/u)
    }
    assert.match((await invoke(["get", "daily"], { env })).out, /prefix "logs\/"/u)
    const twice = await invoke(["put", "-", "--as-is"], {
      env,
      stdin: JSON.stringify([{ ...odd, isEnabled: false }, { ...odd, filter: { prefix: "other/" } }]),
    })
    assert.equal(twice.code, 5)
    assert.match(twice.err, /id-repeated/u)
    assert.equal((await put({ id: "new" }, "--as-is")).code, 5, "a new rule has nothing to be forgiven for")
    assert.equal((await invoke(["put", "-", "--as-is"], { env, stdin: '{"id":"daily"}' })).code, 5)
  }, { buckets: [{ name: "examplebucket-1250000000", region: "ap-guangzhou", rules: [odd] }] })
})

/** A COS that shows a rule only after so many reads of it. */
const lagging = (reads: number) => {
  let left = -1
  return answeringEach((head) => {
    if (head.startsWith("PUT")) {
      left = reads
      return http("200 OK", "")
    }
    if (left-- === 0) return http("200 OK", xml)
    return http("404 Not Found", "<Error><Code>InventoryConfigurationNotFoundError</Code><Message>-</Message></Error>")
  })
}
const xml = "<InventoryConfiguration><Id>daily</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>Current" +
  "</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule><Destination><COSBucketDestination>" +
  "<Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket><Format>CSV</Format></COSBucketDestination>" +
  "</Destination></InventoryConfiguration>"
const http = (status: string, body: string) =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const answeringEach = (answer: (head: string) => string): Behaviour => (socket) =>
  socket.once("data", (bytes) => socket.end(answer(bytes.toString())))

test("`put --wait` returns only when COS shows the rule", async () => {
  const outcome = await Effect.flatMap(listen(lagging(1)), (server) =>
    Effect.promise(async () => ({
      ...await invoke(["put", "-", "--wait"], { env: settingsFor(server.origin), stdin: rule() }),
      reads: server.received().match(/GET \/examplebucket/gu)?.length,
    }))).pipe(Effect.scoped, Effect.runPromise)
  assert.equal(outcome.code, 0, outcome.err)
  assert.equal(outcome.reads, 3, "one before the write, one that shows nothing, one that shows the rule")
})

test("`put --wait` says that the rule is written when it cannot be read back", async () => {
  let written = false
  const denying = answeringEach((head) => {
    if (head.startsWith("PUT")) {
      written = true
      return http("200 OK", "")
    }
    return written
      ? http("403 Forbidden", "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>")
      : http("404 Not Found", "<Error><Code>InventoryConfigurationNotFoundError</Code><Message>-</Message></Error>")
  })
  const outcome = await Effect.flatMap(
    listen(denying),
    ({ origin }) =>
      Effect.promise(() => invoke(["put", "-", "--wait", "-o", "json"], { env: settingsFor(origin), stdin: rule() })),
  ).pipe(
    Effect.scoped,
    Effect.runPromise,
  )
  assert.equal(outcome.code, 4)
  assert.deepEqual(JSON.parse(outcome.out).results, [
    { id: "daily", result: "created", changes: [], shown: false, exitCode: 4 },
  ])
  assert.match(JSON.parse(outcome.err).error.message, /^it was written, but it could not be read back: AccessDenied/u)
})

test("`get -o xml` prints byte for byte what COS sent when its form is odd", async () => {
  const odd = `<?xml version='1.0' encoding='utf-8' ?>\n<!-- kept -->\n${xml.replace("<Id>", "\n\t<Id >")}`
  const { out } = await Effect.flatMap(
    listen(answeringEach(() => http("200 OK", odd))),
    (server) => Effect.promise(() => invoke(["get", "daily", "-o", "xml"], { env: settingsFor(server.origin) })),
  ).pipe(
    Effect.scoped,
    Effect.runPromise,
  )
  assert.equal(out, odd)
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
