/** The commands over several buckets: each does in every bucket what it does in one, and one failure stops no other. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { parse } from "yaml"
import { exits } from "../cli/exit.ts"
import { prop } from "./harness.ts"
import {
  account,
  bucket,
  ghost,
  guangzhou,
  lost,
  named,
  newJob,
  newRule,
  one,
  shut,
  two,
  withFleet,
} from "./fleet-world.ts"

interface Command {
  readonly args: ReadonlyArray<string>
  readonly stdin?: string
}

const reads: Readonly<Record<string, Command>> = { list: { args: ["list"] }, get: { args: ["get", "a"] } }
const writes: Readonly<Record<string, Command>> = {
  put: { args: ["put", "-"], stdin: newRule("a") },
  delete: { args: ["delete", "a", "b", "--yes"] },
  disable: { args: ["disable", "a"] },
  enable: { args: ["enable", "a"] },
  run: { args: ["run", "-"], stdin: newJob("once") },
}
const commands = { ...reads, ...writes }

/** Without what differs between two runs that do the same: ids of jobs, and the day of a manifest. */
const steady = (document: unknown) =>
  JSON.parse(JSON.stringify(document, (key, value) => key === "jobId" || key === "manifest" ? undefined : value))

for (const [name, { args, stdin = "" }] of Object.entries(commands)) {
  test(`\`${name}\` says of each of several buckets what it says of that bucket alone when it is asked for documents`, async () => {
    const alone = await Promise.all(
      [one, two].map((ref) => withFleet(({ go }) => go([...args, ...named(ref), "-o", "json"], { stdin }))),
    )
    const buckets = alone.map(({ out }) => {
      const { version, ...rest } = steady(JSON.parse(out))
      assert.equal(version, 1)
      return rest
    })
    for (const form of ["json", "yaml"] as const) {
      const { code, out, err } = await withFleet(({ go }) => go([...args, ...named(one, two), "-o", form], { stdin }))
      assert.equal(code, 0, err)
      assert.equal(err, "")
      assert.deepEqual(steady(form === "json" ? JSON.parse(out) : parse(out)), { version: 1, buckets })
    }
  })

  for (
    const [what, refs, code] of [
      ["each of them answers", [one, two], exits.done],
      ["one of them is denied", [one, shut, two], exits.partial],
      ["one of them is missing", [ghost, one], exits.partial],
      ["one of them has no region", [lost, one], exits.partial],
      ["all of them are denied", [shut, shut.replace("shut", "barred")], exits.denied],
      ["all of them are missing", [ghost, ghost.replace("ghost", "phantom")], exits.notFound],
      ["none of them has a region", [lost, "gone-1250000000"], exits.invalid],
      ["they fail for different reasons", [shut, ghost], exits.partial],
    ] as const
  ) {
    test(`\`${name}\` over buckets ends with ${code} when ${what}`, async () => {
      const buckets = [...account, { ...account[2]!, name: "barred-1250000000" }]
      for (const form of ["table", "json"] as const) {
        await withFleet(async ({ go, asked }) => {
          const { code: ended, out, err } = await go([...args, ...named(...refs), "-o", form], { stdin })
          assert.equal(ended, code, err)
          assert.ok(asked.length > 0 || code === exits.invalid)
          if (form === "json") {
            const document = JSON.parse(out)
            assert.deepEqual(
              document.buckets.map(({ bucket }: { bucket: string }) => bucket),
              refs.map((ref) => ref.split("@")[0]),
            )
            if (code === 0) assert.equal(err, "")
            else assert.equal(JSON.parse(err).error.exitCode, code)
          } else if (code !== 0) assert.match(err, /\d of \d buckets failed$/u)
          assert.doesNotMatch(out + err, /\n\s+at |Unexpected failure/u)
        }, buckets)
      }
    })
  }
}

/** What becomes of `disable a` in each bucket alone. */
const fates = {
  [one]: exits.done,
  [two]: exits.done,
  [shut]: exits.denied,
  [ghost]: exits.notFound,
  [lost]: exits.invalid,
} as const
type Ref = keyof typeof fates

prop(
  "What becomes of a bucket, and the code of all, follow from each bucket alone when any are changed in any order",
  Schema.Array(Schema.Literals(Object.keys(fates) as [Ref, ...Array<Ref>])),
  (drawn) => {
    const refs = [...new Set(drawn)]
    if (refs.length < 2) return true
    const codes = refs.map((ref) => fates[ref])
    const expected = codes.every((code) => code === codes[0]) ? codes[0] : exits.partial
    return Effect.promise(() =>
      withFleet(async ({ go }) => {
        const { code, out } = await go(["disable", "a", ...named(...drawn), "-o", "json"])
        const found = JSON.parse(out).buckets.map((
          { bucket, results, error }: {
            readonly bucket: string
            readonly results?: ReadonlyArray<{ readonly result: string; readonly exitCode?: number }>
            readonly error?: { readonly exitCode: number }
          },
        ) =>
          `${bucket} ${error?.exitCode ?? results?.[0]?.exitCode ?? (results?.[0]?.result === "disabled" ? 0 : "?")}`
        )
        assert.deepEqual(found, refs.map((ref) => `${ref.split("@")[0]} ${fates[ref]}`))
        const off = await go(["get", "a", ...named(one, two), "-o", "json"])
        for (const { bucket, configuration } of JSON.parse(off.out).buckets) {
          assert.equal(configuration.isEnabled, !refs.some((ref) => ref.startsWith(bucket)))
        }
        return code === expected
      })
    )
  },
  { runs: 40 },
)

test("`put` says of which bucket it cannot show the difference when reading is denied in one of several", async () => {
  const half = { ...bucket("half", guangzhou, ["a"]), denied: ["GetBucketInventory"] }
  await withFleet(async ({ go }) => {
    const { code, err } = await go(["put", "-", ...named("half-1250000000@ap-guangzhou", one)], { stdin: newRule("a") })
    assert.equal(code, 0)
    assert.equal(err, 'Note: reading "a" of half-1250000000 is denied, so no difference is shown')
  }, [...account, half])
})

test("Standard error holds the failures of several buckets when a list holds one that fails", async () => {
  await withFleet(async ({ fileOf, go }) => {
    for (const { args, stdin = "" } of [commands.list!, commands.put!]) {
      const file = await fileOf("list.txt", shut)
      const { code, err } = await go([...args, "--buckets-from", file, "-o", "json"], { stdin })
      assert.equal(code, 4)
      assert.deepEqual([JSON.parse(err).error.type, JSON.parse(err).error.failures.length], ["Failures", 1])
    }
  })
})

test("Every bucket's failure keeps its own words when several fail", async () => {
  await withFleet(async ({ go }) => {
    const { out, err, code } = await go(["disable", "a", ...named(shut, ghost, lost, one)])
    assert.equal(code, 8)
    assert.match(
      err,
      /Cannot disable "a" in shut-1250000000 \(ap-guangzhou\): AccessDenied\n {2}why: .*\(status 403\)/u,
    )
    assert.match(
      err,
      /Cannot disable "a" in ghost-1250000000 \(ap-guangzhou\): NoSuchBucket\n {2}why: .*\(status 404\)/u,
    )
    assert.match(err, /Cannot disable "a" in lost-1250000000: no region is set for the bucket lost-1250000000/u)
    assert.match(err, /^3 of 4 buckets failed$/mu)
    const rows = out.slice(out.indexOf("BUCKET")).split("\n").map((line) => line.split(/ {2,}/u))
    assert.deepEqual(rows, [
      ["BUCKET", "REGION", "RESULT"],
      ["shut-1250000000", "ap-guangzhou", "failed: AccessDenied (status 403)"],
      ["ghost-1250000000", "ap-guangzhou", "failed: NoSuchBucket (status 404)"],
      ["lost-1250000000", "-", "failed: No region is set for the bucket lost-1250000000"],
      ["one-1250000000", "ap-guangzhou", "disabled"],
      [""],
      ["3 failed, 1 disabled in 4 buckets"],
    ])
    assert.match((await go(["get", "a", ...named(one)])).out, /IsEnabled +false/u)
  })
})

test("A bucket that failed as a whole stands in the document with its error when others went well", async () => {
  await withFleet(async ({ go }) => {
    const { out, err } = await go(["list", ...named(lost, shut, two), "-o", "json"])
    const [first, second, third] = JSON.parse(out).buckets
    assert.deepEqual([first.bucket, first.region, first.error.type], ["lost-1250000000", undefined, "ConfigError"])
    assert.deepEqual([second.region, second.error.code, second.error.exitCode], [guangzhou, "AccessDenied", 4])
    assert.deepEqual(Object.keys(third), ["bucket", "region", "configurations"])
    const { error } = JSON.parse(err)
    assert.deepEqual([error.type, error.failures.length, error.exitCode], ["Failures", 2, 8])
    assert.deepEqual(error.failures.map(({ code, type }: Record<string, string>) => code ?? type), [
      "ConfigError",
      "AccessDenied",
    ])
  })
})

test("No answer at all ends with 6 when it is so of every bucket", async () => {
  await withFleet(async ({ go }) => {
    const { code, err } = await go(["list", ...named(one, two), "--timeout", "300ms"], {
      env: { COS_ENDPOINT: "http://127.0.0.1:1" },
    })
    assert.equal(code, 6, err)
    assert.match(err, /Cannot list the rules of one-1250000000[^]*no answer[^]*2 of 2 buckets failed/iu)
  })
})

test("`list` prints one table with a column of buckets when there are several", async () => {
  await withFleet(async ({ go }) => {
    const { out } = await go(["list", ...named(one, two)])
    const [head, empty, ...rows] = out.split("\n")
    assert.deepEqual([head, empty], ["3 rules in 2 buckets", ""])
    assert.deepEqual(rows.map((row) => row.split(/ +/u).slice(0, 2).join(" ")), [
      "BUCKET ID",
      "one-1250000000 a",
      "one-1250000000 b",
      "two-1250000000 a",
    ])
  })
})

test("What is printed is about one bucket when one is named twice, and about several when a list holds one", async () => {
  await withFleet(async ({ go }) => {
    const alone = await go(["list", ...named(one), "-o", "json"])
    assert.equal(
      (await go(["list", ...named("one-1250000000", one), "-o", "json"], { env: { COS_REGION: guangzhou } })).out,
      alone.out,
    )
    const { out } = await go(["list", "--buckets-from", "-", "-o", "json"], { stdin: one })
    const { version: _, ...rest } = JSON.parse(alone.out)
    assert.deepEqual(JSON.parse(out), { version: 1, buckets: [rest] })
  })
})

test("`delete` asks once and names every bucket when there are several, and does nothing when declined", async () => {
  await withFleet(async ({ go, asked }) => {
    const no = await go(["delete", "a", ...named(one, two)], { terminal: true, answer: false })
    assert.deepEqual(no.asked, ['Delete "a" from one-1250000000 (ap-guangzhou), two-1250000000 (ap-nanjing)?'])
    assert.equal(no.code, 1)
    assert.deepEqual(asked, [])
    assert.equal((await go(["delete", "a", ...named(one, two)])).code, 64)
    assert.deepEqual(asked, [])
    const yes = await go(["delete", "a", "c", ...named(one, two)], { terminal: true, answer: true })
    assert.equal(yes.code, 0, yes.err)
    assert.equal(yes.asked.length, 1)
    assert.match(yes.out, /^two-1250000000 +ap-nanjing +2 deleted$/mu)
    assert.match((await go(["list", ...named(one, two)])).out, /^1 rule in 2 buckets$/mu)
  })
})

test("`delete` asks about the buckets that can be reached alone when one has no region", async () => {
  await withFleet(async ({ go }) => {
    const { asked, code } = await go(["delete", "a", ...named(lost, one)], { terminal: true, answer: true })
    assert.deepEqual(asked, ['Delete "a" from one-1250000000 (ap-guangzhou)?'])
    assert.equal(code, 8)
  })
})

test("`put` judges its file for every region before the first request when there are several", async () => {
  await withFleet(async ({ go, asked }) => {
    const fixed = newRule("new").replace("dest-1250000000", "qcs::cos:ap-guangzhou::dest-1250000000")
    const { code, err, out } = await go(["put", "-", ...named(one, two)], { stdin: fixed })
    assert.equal(code, 5)
    assert.match(err, /Cannot put - into the buckets: 1 problem[^]*standard input:1:\d+ destination\.bucket/u)
    assert.equal(out, "")
    assert.deepEqual(asked, [])
  })
})

test("`put` writes a destination without a region into each bucket's own when there are several", async () => {
  await withFleet(async ({ go }) => {
    assert.equal((await go(["put", "-", ...named(one, two)], { stdin: newRule("new") })).code, 0)
    const { buckets } = JSON.parse((await go(["get", "new", ...named(one, two), "-o", "json"])).out)
    assert.deepEqual(
      buckets.map(({ configuration }: { configuration: { destination: { bucket: string } } }) =>
        configuration.destination.bucket
      ),
      ["qcs::cos:ap-guangzhou::dest-1250000000", "qcs::cos:ap-nanjing::dest-1250000000"],
    )
  })
})

test("A bucket's row counts its results when several rules are written, made or failed", async () => {
  const full = { ...bucket("full", guangzhou, []), rules: account[0]!.rules! }
  await withFleet(
    async ({ go }) => {
      const stdin = `[${[newRule("a"), newRule("c"), newRule("d")].join()}]`
      const { out, code } = await go(["put", "-", ...named("full-1250000000@ap-guangzhou", one)], { stdin })
      assert.equal(code, 8)
      assert.match(out, /^full-1250000000 +ap-guangzhou +1 unchanged, 1 failed, 1 created: \S+ \(status 403\)$/mu)
      assert.match(out, /^one-1250000000 +ap-guangzhou +1 unchanged, 2 created$/mu)
    },
    [...account, full],
    [{ match: { operation: "PutBucketInventory", bucket: "full-1250000000", id: "c" }, status: 403 }],
  )
})

test("`-o xml` is refused before anything is sent when there are several buckets", async () => {
  await withFleet(async ({ go, asked }) => {
    for (const args of [["list"], ["get", "a"]]) {
      const { code, err, out } = await go([...args, ...named(one, two), "-o", "xml"])
      assert.equal(code, 64)
      assert.equal(out, "")
      assert.match(err, /-o xml is the document of one bucket/u)
    }
    assert.deepEqual(asked, [])
  })
})

test("`--dry-run` prints the requests to every bucket and sends none when there are several", async () => {
  await withFleet(async ({ go, asked }) => {
    for (const name of ["put", "delete", "run"] as const) {
      const { args, stdin = "" } = writes[name]!
      const { code, out, err } = await go([...args, ...named(one, two), "--dry-run"], { stdin })
      assert.equal(code, 0, err)
      const targets = out.match(/^(?:PUT|DELETE|POST) \/[^?]*/gmu)
      const each = name === "delete" ? 2 : 1
      assert.deepEqual(targets?.map((line) => line.split("/")[1]), [
        ...Array<string>(each).fill("one-1250000000"),
        ...Array<string>(each).fill("two-1250000000"),
      ])
      const all = await go([...args, "--all-buckets", "--dry-run"], { stdin })
      assert.equal(all.code, 64)
      assert.match(all.err, /--dry-run sends nothing, so it cannot ask which buckets there are/u)
    }
    assert.deepEqual(asked, [])
  })
})

test("The demo is named wherever it is shown when it is asked for as a fleet", async () => {
  await withFleet(async ({ go }) => {
    const table = await go(["list", "--demo", "--all-buckets"], { env: { COS_REGION: "ap-beijing" } })
    assert.equal(table.code, 0, table.err)
    assert.match(table.out, /^3 rules in 1 bucket, the demo$/mu)
    const { buckets } = JSON.parse((await go(["get", "list1", "--demo", "--all-buckets", "-o", "json"])).out)
    assert.equal(buckets[0].demo, true)
    const gone = await go(["get", "nope", "--demo", "--buckets-from", "-"], { stdin: "examplebucket-1250000000" })
    assert.equal(gone.code, 3)
    assert.match(gone.err, /Cannot get "nope" from examplebucket-1250000000 \(ap-guangzhou, the demo\)/u)
  })
})
