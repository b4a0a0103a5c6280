/** Rules turned from one bucket to others, and `copy` from the command line. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { writeResource } from "../core/bucket.ts"
import { isError, lint } from "../core/lint/mod.ts"
import { type Bucket, retarget } from "../core/retarget.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { readingOf } from "../core/wire/reading.ts"
import { invoke, withLocalCos } from "./cli.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

const from: Bucket = { bucket: "a-1250000000", region: "ap-guangzhou" }
const near: Bucket = { bucket: "b-1250000000", region: "ap-guangzhou" }
const far: Bucket = { bucket: "c-1250000000", region: "ap-beijing" }
const own = ({ bucket, region }: Bucket): string => writeResource(region, bucket)
const reports = "qcs::cos:ap-guangzhou::reports-1250000000"

const into = (bucket: string, rule: InventoryConfiguration = good): InventoryConfiguration => ({
  ...rule,
  destination: { ...rule.destination, bucket },
})

const Case = Schema.Struct({
  generated: Generated,
  destination: Schema.Literals([own(from), reports, own(far), "odd", ""]),
  target: Schema.Literals(["near", "far"]),
  given: Schema.optionalKey(Schema.Literals([reports, "reports-1250000000", own(far)])),
})

prop(
  "`retarget` changes the destination bucket alone, and brings in no error, when a rule is of any shape",
  Case,
  ({ generated, destination, target, given }) => {
    const rule = settled(ruleOf(generated))
    const before = destination === "" ? rule : into(destination, rule)
    const to = target === "near" ? near : far
    const result = retarget(before, from, to, given === undefined ? {} : { destination: given })
    const errorsOf = (one: InventoryConfiguration, { region }: Bucket) =>
      lint(readingOf(one), { kind: "configuration", region }).filter(isError).map(({ code, path }) => `${code} ${path}`)
    if (Result.isFailure(result)) {
      return given !== undefined
        ? errorsOf(into(given, before), to).length > 0
        : target === "far" && before.destination.bucket !== own(from)
    }
    const { rule: after } = result.success
    assert.deepEqual(into(before.destination.bucket, after), before)
    const known = errorsOf(before, from)
    return errorsOf(after, to).every((error) => known.includes(error))
  },
)

const moved = (rule: InventoryConfiguration, to: Bucket, destination?: string) =>
  Result.map(
    retarget(rule, from, to, destination === undefined ? {} : { destination }),
    (done) => done.rule.destination.bucket,
  )

test("`retarget` makes the target its own destination when the source was its own", () => {
  assert.deepEqual(moved(into(own(from)), near), Result.succeed(own(near)))
  assert.deepEqual(moved(into(own(from)), far), Result.succeed(own(far)))
})

test("`retarget` keeps another destination when the regions are equal, and asks for one when they are not", () => {
  assert.deepEqual(moved(into(reports), near), Result.succeed(reports))
  const [finding, ...more] = Result.getOrThrow(Result.flip(retarget(into(reports), from, far)))
  assert.deepEqual(more, [])
  assert.deepEqual([finding!.code, finding!.file, finding!.path, finding!.found], [
    "copy-region",
    'rule "list1" for c-1250000000',
    "destination.bucket",
    reports,
  ])
})

test("`retarget` takes the destination that is given, in the target's region when none is said", () => {
  assert.deepEqual(moved(into(reports), far, "x-1250000000"), Result.succeed("qcs::cos:ap-beijing::x-1250000000"))
  assert.deepEqual(moved(into(own(from)), near, reports), Result.succeed(reports))
  const wrong = Result.getOrThrow(Result.flip(retarget(into(reports), from, far, { destination: reports })))
  assert.deepEqual(wrong.map(({ code }) => code), ["destination-region"])
})

test("`retarget` takes the prefix of the destination when one is given, and lets each rule keep its own when none is", () => {
  const rule = into(own(from), { ...good, destination: { ...good.destination, prefix: "x/" } })
  const to = (destination: string) => Result.getOrThrow(retarget(rule, from, near, { destination })).rule.destination
  const { bucket, prefix } = to("cos://reports-1250000000/new/place")
  assert.deepEqual([bucket, prefix], [reports, "new/place"])
  for (const plain of ["cos://reports-1250000000/", "cos://reports-1250000000", "reports-1250000000", reports]) {
    assert.deepEqual([to(plain).bucket, to(plain).prefix], [reports, "x/"], plain)
  }
})

test("`retarget` refuses an error that the rule has in another way already", () => {
  const wrong = into("qcs::cos:ap-shanghai::reports-1250000000")
  assert.ok(Result.isSuccess(retarget(wrong, from, near)))
  const brought = Result.getOrThrow(Result.flip(retarget(wrong, from, near, { destination: own(far) })))
  assert.deepEqual(brought.map(({ code, found }) => [code, found]), [["destination-region", own(far)]])
})

test("`retarget` warns when the reports come to another account under the account id of the one before", () => {
  const stranger: Bucket = { bucket: "b-1300000000", region: "ap-guangzhou" }
  const { findings } = Result.getOrThrow(retarget(into(own(from)), from, stranger))
  assert.deepEqual(findings.map(({ code, severity }) => [code, severity]), [["copy-account", "warning"]])
  assert.deepEqual(Result.getOrThrow(retarget(into(own(from)), from, near)).findings, [])
})

test("`retarget` lets an error travel along when the rule has it already", () => {
  const odd = into(own(from), { ...good, destination: { ...good.destination, format: "ORC" } })
  assert.equal(Result.getOrThrow(retarget(odd, from, near)).rule.destination.format, "ORC")
})

const owner = "100000000001"
const world = {
  buckets: [
    {
      name: from.bucket,
      region: from.region,
      owner,
      rules: [
        into(own(from), { ...good, id: "daily-1", extra: [{ in: "/", xml: "<Later>1</Later>" }] }),
        into(own(from), { ...good, id: "daily-2", isEnabled: false }),
        into(reports, { ...good, id: "other" }),
      ],
    },
    {
      name: near.bucket,
      region: near.region,
      owner,
      rules: [into(reports, { ...good, id: "daily-2" }), into(reports, { ...good, id: "theirs" })],
    },
    { name: far.bucket, region: far.region, owner },
  ],
}

const rulesOf = async (env: Record<string, string>, { bucket, region }: Bucket) =>
  JSON.parse((await invoke(["list", "--bucket", bucket, "--region", region, "-o", "json"], { env })).out)
    .configurations as ReadonlyArray<InventoryConfiguration>
const idsOf = async (env: Record<string, string>, at: Bucket) => (await rulesOf(env, at)).map(({ id }) => id).toSorted()

test("`copy` shows its plan, makes it so, deletes nothing, and does nothing when it is run again", async () => {
  await withLocalCos(async (env) => {
    const args = ["copy", from.bucket, near.bucket, "--yes"]
    const { code, out, err } = await invoke(args, { env })
    assert.equal(code, 0, err)
    assert.match(out, /\+ create +daily-1/u)
    assert.match(out, /~ update +daily-2/u)
    assert.match(out, /2 to create, 1 to update, 0 to delete/u)
    assert.deepEqual(await idsOf(env, near), ["daily-1", "daily-2", "other", "theirs"])
    const byId = new Map((await rulesOf(env, near)).map((rule) => [rule.id, rule]))
    assert.equal(byId.get("daily-1")?.destination.bucket, own(near))
    assert.deepEqual(byId.get("daily-1")?.extra, [{ in: "/", xml: "<Later>1</Later>" }])
    assert.equal(byId.get("daily-2")?.isEnabled, false)
    assert.equal(byId.get("other")?.destination.bucket, reports)
    assert.deepEqual(await idsOf(env, from), ["daily-1", "daily-2", "other"])
    const again = await invoke(["copy", from.bucket, near.bucket], { env })
    assert.equal(again.code, 0, again.err)
    assert.match(again.out, /No changes/u)
  }, world)
})

test("`copy` asks before it writes, and writes nothing when nobody says yes", async () => {
  await withLocalCos(async (env) => {
    const quiet = await invoke(["copy", from.bucket, near.bucket], { env })
    assert.equal(quiet.code, 64)
    const no = await invoke(["copy", from.bucket, near.bucket], { env, terminal: true, answer: false })
    assert.equal(no.code, 1)
    assert.equal(no.asked.length, 1)
    assert.deepEqual(await idsOf(env, near), ["daily-2", "theirs"])
  }, world)
})

test("`copy --plan` writes nothing when it prints the plan as a table or as JSON", async () => {
  await withLocalCos(async (env) => {
    const table = await invoke(["copy", from.bucket, near.bucket, "--plan"], { env })
    assert.equal(table.code, 2, table.err)
    const { code, out, err } = await invoke(["copy", from.bucket, near.bucket, "--plan", "-o", "json"], { env })
    assert.deepEqual([code, err], [2, ""])
    const { plan } = JSON.parse(out)
    assert.equal(plan.counts.create, 2)
    assert.equal(plan.counts.delete, 0)
    assert.deepEqual(await idsOf(env, near), ["daily-2", "theirs"])
  }, world)
})

test("`copy --id` copies what matches alone, and exits 3 when nothing does", async () => {
  await withLocalCos(async (env) => {
    const args = ["copy", from.bucket, near.bucket, "--yes", "--id", "other", "--id"]
    const none = await invoke([...args, "weekly-*"], { env })
    assert.equal(none.code, 3)
    assert.match(none.err, /no rule of a-1250000000 matches "weekly-\*"/u)
    assert.equal((await invoke([...args, "*-1"], { env })).code, 0)
    assert.deepEqual(await idsOf(env, near), ["daily-1", "daily-2", "other", "theirs"])
    const two = (await rulesOf(env, near)).find(({ id }) => id === "daily-2")
    assert.equal(two?.isEnabled, true)
  }, world)
})

test("`copy` to another region copies nothing anywhere when one rule needs a destination, and takes the one given", async () => {
  await withLocalCos(async (env) => {
    const args = ["copy", from.bucket, near.bucket, `${far.bucket}@${far.region}`, "--yes"]
    const refused = await invoke(args, { env })
    assert.deepEqual([refused.code, refused.out], [5, ""])
    assert.match(refused.err, /rule "other" for c-1250000000 destination\.bucket: [^]*--destination/u)
    assert.deepEqual(await idsOf(env, near), ["daily-2", "theirs"])
    const done = await invoke([...args, "--destination", "reports-1250000000"], { env })
    assert.equal(done.code, 0, done.err)
    assert.deepEqual([...new Set((await rulesOf(env, far)).map(({ destination }) => destination.bucket))], [
      "qcs::cos:ap-beijing::reports-1250000000",
    ])
  }, world)
})

test("`copy` refuses when it is to copy onto the source, to nowhere, from nowhere, or by names that are none", async () => {
  await withLocalCos(async (env) => {
    for (
      const [args, code, says] of [
        [[from.bucket, from.bucket], 5, /A target is the source/u],
        [[from.bucket], 64, /no bucket is given to copy to/u],
        [["nobody-1250000000", near.bucket], 3, /NoSuchBucket/u],
        [[`${far.bucket}@${far.region}`, near.bucket], 3, /has no rules/u],
        [["Not_A_Bucket", near.bucket], 5, /<source>/u],
        [[from.bucket, "x"], 5, /<target>/u],
      ] as const
    ) {
      const outcome = await invoke(["copy", ...args, "--yes"], { env })
      assert.deepEqual([outcome.code, outcome.out], [code, ""], args.join(" "))
      assert.match(outcome.err, says)
    }
  }, world)
})

test("`copy` copies to every bucket but the source when --all-buckets chooses them", async () => {
  await withLocalCos(async (env) => {
    const { code, err } = await invoke(["copy", from.bucket, "--all-buckets", "--id", "daily-*", "--yes"], { env })
    assert.equal(code, 0, err)
    assert.deepEqual(await idsOf(env, far), ["daily-1", "daily-2"])
    assert.deepEqual(await idsOf(env, near), ["daily-1", "daily-2", "theirs"])
    assert.deepEqual(await idsOf(env, from), ["daily-1", "daily-2", "other"])
  }, world)
})
