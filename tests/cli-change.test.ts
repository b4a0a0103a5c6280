import { strict as assert } from "node:assert"
import { test } from "node:test"
import { invoke, withLocalCos } from "./cli.ts"

test("`disable` and `enable` switch a rule and say what it means when used on it", async () => {
  await withLocalCos(async (env) => {
    const off = await invoke(["disable", "list1"], { env })
    assert.equal(off.code, 0, off.err)
    assert.match(off.out, /^Disabled rule "list1"[^]*No further reports are made/u)
    assert.match((await invoke(["get", "list1"], { env })).out, /IsEnabled +false/u)
    assert.match((await invoke(["disable", "list1"], { env })).out, /^Unchanged[^]*No further reports/u)
    assert.match((await invoke(["enable", "list1"], { env })).out, /^Enabled rule "list1"/u)
    const { configuration } = JSON.parse((await invoke(["get", "list1", "-o", "json"], { env })).out)
    assert.equal(configuration.isEnabled, true)
    assert.equal(configuration.filter.prefix, "myPrefix")
  })
})

test("`delete` refuses without --yes when there is no terminal", async () => {
  await withLocalCos(async (env) => {
    const { code, err } = await invoke(["delete", "list1"], { env })
    assert.equal(code, 64)
    assert.match(err, /no terminal to ask on\n {2}fix: {4}Give --yes/u)
    assert.equal((await invoke(["get", "list1"], { env })).code, 0)
  })
})

test("`delete` asks on a terminal, and does what it is told, when run there", async () => {
  await withLocalCos(async (env) => {
    const no = await invoke(["delete", "list1"], { env, terminal: true, answer: false })
    assert.deepEqual(no.asked, ['Delete "list1" from examplebucket-1250000000 (ap-guangzhou)?'])
    assert.equal(no.code, 1)
    assert.equal((await invoke(["get", "list1"], { env })).code, 0)
    const yes = await invoke(["delete", "list1"], { env, terminal: true, answer: true })
    assert.equal(yes.code, 0)
    assert.equal((await invoke(["get", "list1"], { env })).code, 3)
  })
})

test("`delete` reports each id and may be repeated when several are given", async () => {
  await withLocalCos(async (env) => {
    for (let i = 0; i < 2; i++) {
      const { code, out } = await invoke(["delete", "list1", "list2", "--yes"], { env })
      assert.equal(code, 0)
      assert.match(out, /rule "list1"[^]*rule "list2"/u)
    }
    assert.match((await invoke(["list"], { env })).out, /^1 rule in/u)
  })
})

for (const form of ["json", "yaml"] as const) {
  test(`A change of several reports each under -o ${form}, made or failed, when one of them fails`, async () => {
    await withLocalCos(async (env) => {
      const gone = await invoke(["delete", "list1", "", "list2", "--yes", "-o", form], { env })
      assert.equal(gone.code, 8)
      for (const said of [/list1[^]*deleted/u, /failed/u, /list2[^]*deleted/u]) assert.match(gone.out, said)
      if (form === "yaml") return
      assert.deepEqual(JSON.parse(gone.out).results, [
        { id: "list1", result: "deleted" },
        { id: "", result: "failed", exitCode: 5 },
        { id: "list2", result: "deleted" },
      ])
      const { error } = JSON.parse(gone.err)
      assert.equal(error.exitCode, 8)
      assert.equal(error.failures[0].type, "InvalidInput")
      const job = (id: string) => ({
        id,
        includedObjectVersions: "All",
        destination: { bucket: "examplebucket-1250000000", format: "CSV" },
      })
      const run = await invoke(["run", "-", "-o", "json"], { env, stdin: JSON.stringify([job("j1"), job("list3")]) })
      assert.equal(run.code, 8)
      const [first, second] = JSON.parse(run.out).results
      assert.match(first.jobId, /./u)
      assert.deepEqual(second, { id: "list3", result: "failed", exitCode: 7 })
      assert.equal(JSON.parse(run.err).error.failures[0].code, "DuplicateInventoryId")
    })
  })
}

test("Under -o json standard error holds one object, or nothing, when a command fails or not", async () => {
  await withLocalCos(async (env) => {
    const rule = (await invoke(["get", "list1", "-o", "json"], { env })).out
    for (
      const [args, stdin, code] of [
        [["put", "-", "--if-absent", "-o", "json"], rule, 7],
        [["delete", "list1", "-o", "json"], "", 64],
        [["fmt", "-", "-o", "json"], "{}", 5],
        [["validate", "/nowhere", "-o", "json"], "", 5],
        [["get", "--bogus", "-o", "json"], "", 64],
        [["get", "nope", "--demo", "-o", "json"], "", 3],
      ] as const
    ) {
      const { code: ended, err, out } = await invoke(args, { env, stdin })
      assert.equal(ended, code, args.join(" ") + err)
      assert.equal(JSON.parse(err).error.exitCode, code, err)
      if (out !== "") assert.equal(JSON.parse(out).results[0].result, "failed")
    }
    for (
      const args of [["get", "list1", "--demo", "-o", "json"], ["delete", "x", "--demo", "--dry-run", "-o", "json"]]
    ) {
      const { err, out } = await invoke(args, { env })
      assert.equal(err, "")
      assert.equal(JSON.parse(out).version, 1)
    }
  })
})

test("`--dry-run -o json` prints the requests as data, without secrets, when given", async () => {
  const { out } = await invoke(["delete", "list1", "--demo", "--dry-run", "-o", "json"])
  const [request] = JSON.parse(out).requests
  assert.equal(request.method, "DELETE")
  assert.equal(request.target, "/?inventory&id=list1")
  assert.doesNotMatch(out, /q-signature=[0-9a-f]/u)
})

test("A change of several ends with 8 when one of them fails", async () => {
  await withLocalCos(async (env) => {
    const { code, out, err } = await invoke(["delete", "list1", "", "--yes"], { env })
    assert.equal(code, 8)
    assert.match(out, /Deleted rule "list1"/u)
    assert.match(err, /The id is empty/u)
  })
})

test("`delete --dry-run` and `run --dry-run` print their requests when given", async () => {
  const gone = await invoke(["delete", "list1", "list2", "--dry-run", "--demo"])
  assert.equal(gone.code, 0, gone.err)
  assert.match(gone.out, /^DELETE \/\?inventory&id=list1 HTTP\/1\.1$/mu)
  assert.match(gone.out, /^DELETE \/\?inventory&id=list2 HTTP\/1\.1$/mu)
  const job = await invoke(["run", "-", "--dry-run", "--demo"], { stdin: (await invoke(["new", "once"])).out })
  assert.match(job.out, /^POST \/\?inventory&id=once-1 HTTP\/1\.1$/mu)
})
