/** `export --to terraform` and `export --from-terraform` from the command line. */
import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { invoke, withLocalCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { good } from "./generated.ts"
import { readHcl } from "./hcl.ts"

const owner = "100000000001"
const type = "tencentcloud_cos_bucket_inventory"
const daily = { ...good, filter: { prefix: "logs/" }, schedule: { frequency: "Daily" } }
const there = (region: string) => ({ ...good.destination, bucket: `qcs::cos:${region}::reports-1250000000` })

const world = {
  buckets: [
    {
      name: "a-1250000000",
      region: "ap-guangzhou",
      owner,
      rules: [daily, { ...daily, id: "list.1" }, { ...daily, id: "list_1" }],
    },
    {
      name: "b-1250000000",
      region: "ap-beijing",
      owner,
      rules: [{ ...daily, destination: there("ap-beijing") }, { ...good, id: "tags" }],
    },
  ],
}

const both = ["--bucket", "a-1250000000@ap-guangzhou", "--bucket", "b-1250000000@ap-beijing"]

test("`export --to terraform` writes one resource and one import for each rule under a name of its own", async () => {
  await withLocalCos(async (env) => {
    const { code, out, err } = await invoke(["export", "--to", "terraform", "--bucket", "a-1250000000"], { env })
    assert.deepEqual([code, err], [0, ""])
    const blocks = readHcl(out)
    const imports = blocks.filter((b) => b.type === "import").map(({ attributes }) => attributes)
    assert.deepEqual(
      imports.map(({ id }) => id).toSorted(),
      ["list.1", "list1", "list_1"].map((id) => `a-1250000000#${id}`),
    )
    const names = blocks.filter((b) => b.type === "resource").map(({ labels }) => labels[1]!)
    assert.deepEqual(imports.map(({ to }) => to), names.map((name) => ({ reference: `${type}.${name}` })))
    // Those that Terraform would write alike end in a sum of what they are
    assert.deepEqual(names.map((name) => name.replace(/_[0-9a-f]{8}$/u, "_sum")).toSorted(), [
      "a_1250000000_list1",
      "a_1250000000_list_1_sum",
      "a_1250000000_list_1_sum",
    ])
    assert.equal(new Set(names).size, 3)
  }, world)
})

test("`export --to terraform` leaves a rule out, names it, and exits 8 when Terraform cannot say it", async () => {
  await withLocalCos(async (env) => {
    const { code, out, err } = await invoke(["export", "--to", "terraform", ...both], { env })
    assert.equal(code, 8)
    assert.match(err, /b-1250000000, rule "tags" filter\.tags: [^]*rule "tags" schedule\.frequency: /u)
    assert.doesNotMatch(out, /"tags"|#tags/u)
    const resources = readHcl(out).filter((block) => block.type === "resource")
    assert.deepEqual(resources.map(({ attributes }) => attributes["provider"]), [
      ...Array.from({ length: 3 }, () => ({ reference: "tencentcloud.ap_guangzhou" })),
      { reference: "tencentcloud.ap_beijing" },
    ])
    const alone = await invoke(["export", "--to", "terraform", "--bucket", "c-1250000000"], { env })
    assert.deepEqual([alone.code, alone.out], [3, ""])
  }, world)
})

test("`export --to terraform` exits 5 when it can say nothing of what it was given", async () => {
  const buckets = [{ name: "a-1250000000", region: "ap-guangzhou", owner, rules: [good] }]
  await withLocalCos(async (env) => {
    const { code, out } = await invoke(["export", "--to", "terraform", "--bucket", "a-1250000000"], { env })
    assert.equal(code, 5)
    assert.deepEqual(readHcl(out), [])
  }, { buckets })
})

const state = (rules: ReadonlyArray<Record<string, unknown>>) =>
  JSON.stringify({
    version: 4,
    outputs: { password: { value: "hunter2" } },
    resources: [{
      mode: "managed",
      type,
      name: "all",
      instances: rules.map((rule, i) => ({
        index_key: i,
        attributes: {
          bucket: "a-1250000000",
          name: "list1",
          is_enabled: "true",
          included_object_versions: "All",
          filter: [{ prefix: "logs/", period: [] }],
          optional_fields: [{ fields: ["Tag", "x-cos-meta-team", "Size"] }],
          schedule: [{ frequency: "Daily" }],
          destination: [{
            bucket: good.destination.bucket,
            account_id: owner,
            prefix: "list1",
            format: "CSV",
            encryption: [{ sse_cos: "" }],
          }],
          ...rule,
        },
      })),
    }],
  })

test("`export --from-terraform` gives rules files without keys or a network, in which plan finds no change", async () => {
  await withFiles({ "state.json": state([{}, { name: "list.1" }, { name: "list_1" }]) }, async (at) => {
    const { code, out, err } = await invoke(["export", "--from-terraform", at("state.json")])
    assert.equal(code, 0, err)
    assert.match(err, /^Note: a Terraform state never holds tags[^]*run plan[^]*before apply$/u)
    await withLocalCos(async (env) => {
      const planned = await invoke(["plan", "-"], { env, stdin: out })
      assert.equal(planned.code, 0, planned.out + planned.err)
      assert.match(planned.out, /3 kept, 0 unmanaged/u)
    }, world)
  })
})

test("`export --from-terraform` warns of a lost prefix, and plan shows it before anything is changed", async () => {
  const lost = state([{ filter: [{ prefix: "", period: [] }] }])
  const { code, out, err } = await invoke(["export", "--from-terraform", "-"], { stdin: lost })
  assert.equal(code, 0)
  assert.match(
    err,
    /standard input, tencentcloud_cos_bucket_inventory\.all\[0\] filter\.prefix: The state has no prefix/u,
  )
  await withLocalCos(async (env) => {
    const planned = await invoke(["plan", "-"], { env, stdin: out })
    assert.equal(planned.code, 2)
    assert.match(planned.out, /- filter\.prefix: logs\//u)
  }, world)
})

test("`export --from-terraform` writes a file for each bucket, and those of --bucket alone when it is given", async () => {
  const many = state([{}, { bucket: "b-1250000000", name: "x" }, { bucket: "c-1250000000", name: "y" }])
  await withFiles({ "state.json": many }, async (at) => {
    const [file, out] = [at("state.json"), at("rules")]
    const done = await invoke([
      "export",
      "--from-terraform",
      file,
      "--out",
      out,
      "--bucket",
      "c-1250000000",
      "-o",
      "json",
    ])
    assert.equal(done.code, 0, done.err)
    assert.equal(done.err, "")
    assert.deepEqual(JSON.parse(done.out).results.map((r: { readonly bucket: string }) => r.bucket), ["c-1250000000"])
    assert.match(readFileSync(join(out, "c-1250000000.json"), "utf8"), /"c-1250000000@ap-guangzhou"/u)
    const none = await invoke(["export", "--from-terraform", file, "--bucket", "d-1250000000"])
    assert.deepEqual([none.code, none.out], [5, ""])
  })
})

test("`export --from-terraform` leaves a rule out and exits 8 when the state has an attribute it cannot read", async () => {
  const text = state([{}, { name: "odd", is_enabled: "perhaps" }])
  const { code, out, err } = await invoke(["export", "--from-terraform", "-"], { stdin: text })
  assert.equal(code, 8)
  assert.match(err, /all\[1\] is_enabled: The rule is left out/u)
  assert.doesNotMatch(out, /id: odd/u)
  assert.match(out, /id: list1/u)
  const json = await invoke(["export", "--from-terraform", "-", "-o", "json"], { stdin: text })
  assert.equal(json.code, 8)
  assert.equal(JSON.parse(json.out).rules.length, 1)
  assert.equal(JSON.parse(json.err).error.exitCode, 8)
})

test("`export --from-terraform` refuses what is no state, and says nothing of what a state holds besides", async () => {
  const cut = state([{}]).slice(0, 60)
  for (
    const [text, says] of [["{}", /no state of Terraform/u], [cut, /1:61: The state is not JSON/u], ["", /not JSON/u], [
      "[".repeat(1e6),
      /not JSON/u,
    ]] as const
  ) {
    const { code, out, err } = await invoke(["export", "--from-terraform", "-"], { stdin: text })
    assert.deepEqual([code, out], [5, ""])
    assert.match(err, says)
    assert.doesNotMatch(err, /hunter2/u)
  }
  const gone = await invoke(["export", "--from-terraform", "/nowhere/state.json", "-o", "json"])
  assert.equal(gone.code, 5)
  assert.equal(JSON.parse(gone.err).error.type, "ConfigError")
})

test("`export --from-terraform` says that a resource waits to be destroyed when the state has no other, of any bucket or of one", async () => {
  const only = JSON.parse(state([{}])) as { readonly resources: ReadonlyArray<{ readonly instances: Array<object> }> }
  for (const { instances } of only.resources) instances.splice(0, 9, { ...instances[0], deposed: "00000001" })
  const stdin = JSON.stringify(only)
  const any = await invoke(["export", "--from-terraform", "-"], { stdin })
  assert.equal(any.code, 5)
  assert.match(any.err, /waits to be destroyed/u)
  assert.doesNotMatch(any.err, /--bucket/u)
  const one = await invoke(["export", "--from-terraform", "-", "--bucket", "zz-1250000000"], { stdin })
  assert.match(one.err, /Leave out --bucket[^]*waits to be destroyed/u)
})
