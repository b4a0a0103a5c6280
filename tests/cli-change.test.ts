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
    assert.match(err, /give --yes/u)
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
