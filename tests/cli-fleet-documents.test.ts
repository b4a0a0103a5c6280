/** Which buckets rules documents are for: those they name, narrowed by those that flags choose. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { type Invocation } from "./cli.ts"
import { account, type FleetWorld, guangzhou, lost, named, nanjing, one, two, withFleet } from "./fleet-world.ts"

const document = (buckets: ReadonlyArray<unknown> | undefined, id = "a"): string =>
  JSON.stringify({
    ...(buckets === undefined ? {} : { buckets }),
    rules: [{ id, schedule: { frequency: "Daily" }, destination: { bucket: "dest-1250000000", format: "CSV" } }],
  })

/** `bucket@region` of every bucket that is planned for. */
const planned = async (
  { fileOf, go }: FleetWorld,
  documents: ReadonlyArray<string>,
  flags: ReadonlyArray<string> = [],
  invocation: Invocation = {},
): Promise<ReadonlyArray<string>> => {
  const files = await Promise.all(documents.map((text, i) => fileOf(`${i}.yaml`, text)))
  const { out, err } = await go(["plan", ...files, ...flags, "-o", "json"], invocation)
  assert.notEqual(out, "", err)
  const { plan: { buckets }, failures = [] } = JSON.parse(out)
  return [...buckets, ...failures].map(({ bucket, region }) => `${bucket}@${region}`).toSorted()
}

const refused = async (
  { fileOf, go }: FleetWorld,
  documents: ReadonlyArray<string>,
  flags: ReadonlyArray<string> = [],
): Promise<string> => {
  const files = await Promise.all(documents.map((text, i) => fileOf(`${i}.yaml`, text)))
  const { code, out, err } = await go(["plan", ...files, ...flags])
  assert.equal(code, 5, out)
  assert.equal(out, "")
  return err
}

test("Rules without buckets are for all that flags choose when they choose several", async () => {
  await withFleet(async (world) => {
    assert.deepEqual(await planned(world, [document(undefined)], named(one, two)), [one, two])
    const list = await world.fileOf("list.txt", `${two}\n`)
    assert.deepEqual(await planned(world, [document(undefined)], ["--buckets-from", list]), [two])
    assert.deepEqual(await planned(world, [document(undefined)], ["--all-buckets"]), [
      one,
      "shut-1250000000@ap-guangzhou",
      two,
    ])
    assert.deepEqual(await planned(world, [document(undefined)], [], { env: { COS_BUCKET: one } }), [one])
  })
})

test("A document's own buckets are narrowed when flags choose some of them", async () => {
  await withFleet(async (world) => {
    const both = document([one, two])
    assert.deepEqual(await planned(world, [both]), [one, two])
    assert.deepEqual(await planned(world, [both], named(two)), [two])
    assert.deepEqual(await planned(world, [both], ["--all-buckets", "--region", guangzhou]), [one])
    assert.deepEqual(await planned(world, [document([one]), document(undefined, "b")], named(two)), [two])
  })
})

test("A chosen bucket is an error when every document names others", async () => {
  await withFleet(async (world) => {
    const flag = await refused(world, [document([one]), document([two], "b")], named(one, "three-1250000000@ap-tokyo"))
    assert.match(flag, /--bucket: No rules file is for this bucket[^]*found: {3}three-1250000000\n/u)
    assert.doesNotMatch(flag, /found: {3}one-/u)
    const list = await world.fileOf("list.txt", `${one}\n# more\nthree-1250000000\n`)
    assert.match(
      await refused(world, [document([one])], ["--buckets-from", list]),
      /list\.txt:3:1: No rules file is for/u,
    )
    assert.deepEqual(world.asked, [])
  })
})

test("A bucket's region counts everywhere when one document or flag says it", async () => {
  await withFleet(async (world) => {
    const region = ["--region", "eu-frankfurt"]
    assert.deepEqual(await planned(world, [document(["two-1250000000"]), document([two], "b")], region), [two])
    assert.deepEqual(await planned(world, [document(["two-1250000000"])], [...named(two), ...region]), [two])
    assert.deepEqual(await planned(world, [document(["two-1250000000"])], ["--region", nanjing]), [two])
    // The account knows better than a usual region
    const glob = document([{ match: "one-*" }], "b")
    assert.deepEqual(await planned(world, [document(["two-1250000000"]), glob], region), [one, two])
  })
})

test("A bucket in two regions is an error at its place when documents or flags say so", async () => {
  await withFleet(async (world) => {
    const other = document(["one-1250000000@eu-frankfurt"], "b")
    assert.match(
      await refused(world, [document([one]), other]),
      /1\.yaml:1:\d+ buckets: The bucket is named with two regions/u,
    )
    assert.match(
      await refused(world, [other], named(one)),
      /0\.yaml:1:\d+ buckets: The bucket is named with two regions/u,
    )
    assert.match(
      await refused(world, [other], ["--all-buckets"]),
      /0\.yaml:1:\d+ buckets: The bucket is named with two/u,
    )
  })
})

test("Every bucket without a region is an error at its place when nothing says it", async () => {
  await withFleet(async (world) => {
    const err = await refused(world, [document([lost, one, "gone-1250000000"])])
    assert.match(err, /2 problems\n.*0\.yaml:1:\d+ buckets: No region is set[^]*lost-1250000000[^]*gone-1250000000/u)
    assert.deepEqual(world.asked, [])
  })
})

test("A glob that matches no bucket is a warning at its place when the rest is planned", async () => {
  await withFleet(async (world) => {
    const file = await world.fileOf(
      "rules.yaml",
      document([one, { match: "logs-*" }, { match: "two-*", region: guangzhou }]),
    )
    const { err, out } = await world.go(["plan", file])
    assert.match(
      err,
      /rules\.yaml:1:\d+ buckets: No bucket of the account matches \[match-nothing\]\n {4}found: {3}logs-\*/u,
    )
    assert.match(err, /found: {3}two-\* in ap-guangzhou/u)
    assert.match(out, /one-1250000000 \(ap-guangzhou\)/u)
    assert.equal((await world.go(["plan", file, "-o", "json"])).err, "")
  })
})

test("A document's bucket that is none of the account's is a warning when all of the account are chosen", async () => {
  await withFleet(async ({ fileOf, go }) => {
    const file = await fileOf("rules.yaml", document([one, "elsewhere-1250000000@ap-tokyo"]))
    const { err, out } = await go(["plan", file, "--all-buckets"])
    assert.match(err, /rules\.yaml:1:\d+ buckets: The bucket is none of the account's[^]*elsewhere-1250000000/u)
    assert.doesNotMatch(out, /elsewhere/u)
  })
})

test("The account is asked once when flags and several documents need it", async () => {
  await withFleet(async (world) => {
    const documents = [{ match: "one-*" }, { match: "two-*" }, { match: "*" }].map((at, i) => document([at], `r${i}`))
    await planned(world, documents, ["--all-buckets"])
    assert.equal(world.asked.filter((request) => request === "GET /").length, 1)
    assert.equal(world.asked.filter((request) => request.endsWith("/?inventory")).length, account.length)
  })
  await withFleet(async (world) => {
    await planned(world, [document([one])])
    assert.equal(world.asked.filter((request) => request === "GET /").length, 0)
  })
})

test("`plan` works on the demo when its bucket is named, chosen or matched", async () => {
  await withFleet(async (world) => {
    const demo = "examplebucket-1250000000@ap-guangzhou"
    for (const buckets of [undefined, [demo], [{ match: "*" }], ["examplebucket-1250000000"]]) {
      assert.deepEqual(await planned(world, [document(buckets)], ["--demo"], { env: { COS_BUCKET: "x-1250000000" } }), [
        demo,
      ])
    }
    assert.deepEqual(await planned(world, [document(undefined)], ["--demo", "--all-buckets"]), [demo])
    assert.deepEqual(world.asked, [])
  })
})
