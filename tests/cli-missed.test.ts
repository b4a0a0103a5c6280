/** What a `match` does not find: said where it matters, and never the reason why a rule is deleted. */
import { strict as assert } from "node:assert"
import { writeFile } from "node:fs/promises"
import { test } from "node:test"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Cos } from "../adapters/memory/mod.ts"
import type { Wired } from "../cli/connection.ts"
import type { Fleet } from "../cli/fleet.ts"
import { placedBuckets } from "../cli/placing.ts"
import { isOfOneRegion } from "../core/endpoint.ts"
import { readRuleSet } from "../core/ruleset/mod.ts"
import { type LocalCos, withCos } from "./cli.ts"
import { type At, withFiles } from "./folder.ts"
import { goodRule } from "./generated.ts"
import { document } from "./rules-document.ts"

const region = "ap-guangzhou"
const [one, two, far] = ["one-1250000000", "two-1250000000", "far-1250000000"]

/** A COS whose account does not list one of its buckets, or lists it elsewhere. */
const listing = (change: (xml: string) => string) => (cos: Cos) => ({
  answer: (request: Parameters<Cos["answer"]>[0]) =>
    Effect.map(cos.answer(request), (response) => {
      const { body } = response
      if (request.target !== "/" || !(body instanceof Uint8Array)) return response
      const text = new TextDecoder().decode(body)
      return {
        ...response,
        headers: response.headers.filter(([name]) => name.toLowerCase() !== "content-length"),
        body: new TextEncoder().encode(change(text)),
      }
    }),
})
const without = (name: string) =>
  listing((xml) => xml.replace(new RegExp(`<Bucket><Name>${name}.*?</Bucket>`, "u"), ""))

interface World extends LocalCos {
  readonly at: At
  readonly idsOf: (bucket: string) => ReadonlyArray<string>
}

const withWorld = (
  files: Readonly<Record<string, string>>,
  body: (world: World) => Promise<void>,
  around: (cos: Cos) => Pick<Cos, "answer"> = (cos) => cos,
): Promise<void> =>
  withFiles(files, (at) => {
    const buckets = [
      { name: one, region, rules: [goodRule("daily-p", "p")] },
      { name: two, region, rules: [goodRule("daily-p", "p")] },
      { name: far, region: "ap-beijing", rules: [] },
    ]
    return withCos({ buckets, around }, (local) =>
      body({ ...local, at, idsOf: (bucket) => [...local.cos.store.bucket(bucket)!.rules.keys()].sort() }))
  })

const own = document([one], [], { manages: ["daily-*"] })
const base = (selectors: ReadonlyArray<unknown>, id = "daily-p") =>
  document([], [{ id, protect: true }], { buckets: selectors })
const everything = { match: "*-1250000000" }

test("`--prune` deletes nothing, and names both places, when the account does not list a bucket that a match means", async () => {
  await withWorld(
    { "rules/base.yaml": base([everything]), "rules/own.yaml": own },
    async ({ go, at, asked, idsOf }) => {
      const { code, err } = await go(["apply", at("rules"), "--prune", "--yes"])
      assert.equal(code, 5)
      assert.match(err, /rules\/base\.yaml:1:\d+ buckets: The account does not list a bucket[^]*match-unlisted/u)
      assert.match(err, /found: {3}one-1250000000, named at .*rules\/own\.yaml:1:\d+ buckets/u)
      assert.deepEqual(idsOf(one), ["daily-p"])
      assert.ok(!asked.some((request) => /^(?:PUT|DELETE)/u.test(request)))
      const plan = await go(["plan", at("rules"), "--prune", "-o", "json"])
      assert.deepEqual([plan.code, plan.out], [5, ""])
      const flag = await go(["plan", at("rules/base.yaml"), "-", "--prune", "--bucket", `${one}@${region}`], {
        stdin: document([], [], { manages: ["*"] }),
      })
      assert.equal(flag.code, 5, flag.out)
    },
    without(one),
  )
})

test("A bucket that a match means and the account does not list is a warning when nothing is pruned or managed", async () => {
  await withWorld({ "rules/base.yaml": base([everything]), "rules/own.yaml": own }, async ({ go, at }) => {
    const plain = await go(["plan", at("rules")])
    assert.match(plain.err, /^ *warning: .*base\.yaml:1:\d+ buckets: The account does not list/mu)
    assert.equal(plain.code, 2)
    const json = await go(["plan", at("rules"), "-o", "json"])
    assert.equal(json.err, "")
    const { warnings } = JSON.parse(json.out)
    assert.deepEqual(warnings.map(({ code }: { code: string }) => code), ["match-unlisted"])
  }, without(one))
  const others = document([one], [], { manages: ["weekly-*"] })
  await withWorld({ "rules/base.yaml": base([everything]), "rules/own.yaml": others }, async ({ go, at, idsOf }) => {
    const { code, err } = await go(["apply", at("rules"), "--prune", "--yes"])
    assert.equal(code, 0, err)
    assert.match(err, /^ *warning: .*The account does not list/mu)
    assert.deepEqual(idsOf(one), ["daily-p"])
  }, without(one))
})

test("`--prune` deletes nothing when a match is for another region than the bucket that it means", async () => {
  const beijing = { match: "*-1250000000", region: "ap-beijing" }
  await withWorld({ "rules/base.yaml": base([beijing]), "rules/own.yaml": own }, async ({ go, at, idsOf }) => {
    const { code, err } = await go(["apply", at("rules"), "--prune", "--yes"])
    assert.equal(code, 5)
    assert.match(err, /base\.yaml:1:\d+ buckets: A bucket that this matches is in another region/u)
    assert.match(err, /one-1250000000 in ap-guangzhou, named at .*own\.yaml:1:\d+/u)
    assert.deepEqual(idsOf(one), ["daily-p"])
    const plain = await go(["plan", at("rules")])
    assert.match(plain.err, /^ *warning: .*is in another region/mu)
  })
})

test("Documents for one region each are no mistake when every bucket gets its rules from one of them", async () => {
  const files = {
    "rules/gz.yaml": base([{ match: "*-1250000000", region }]),
    "rules/bj.yaml": base([{ match: "*-1250000000", region: "ap-beijing" }]),
    "rules/own.yaml": own,
  }
  await withWorld(files, async ({ go, at, idsOf }) => {
    const { code, err } = await go(["apply", at("rules"), "--prune", "--yes"])
    assert.equal(code, 0, err)
    assert.doesNotMatch(err, /match-/u)
    assert.deepEqual([idsOf(one), idsOf(two), idsOf(far)], [["daily-p"], ["daily-p"], ["daily-p"]])
  })
})

test("A match that finds nothing is an error when rules are pruned", async () => {
  const files = { "rules/base.yaml": base([{ match: "logs-*" }]), "rules/own.yaml": own }
  await withWorld(files, async ({ go, at, idsOf }) => {
    const { code, err } = await go(["apply", at("rules"), "--prune", "--yes"])
    assert.equal(code, 5)
    assert.match(err, /No bucket of the account matches \[match-nothing\]/u)
    assert.deepEqual(idsOf(one), ["daily-p"])
    const plain = await go(["apply", at("rules"), "--yes", "-o", "json"])
    assert.deepEqual([plain.code, plain.err], [0, ""])
    assert.deepEqual(JSON.parse(plain.out).warnings.map(({ code }: { code: string }) => code), ["match-nothing"])
  })
})

test("Files that choose no bucket are an error, unless one of them says so", async () => {
  const files = { "none.yaml": base([{ match: "logs-*" }]), "empty.yaml": document([], [{ id: "a" }], { buckets: [] }) }
  await withWorld(files, async ({ go, at }) => {
    for (const command of [["plan"], ["apply", "--yes"], ["diff"]]) {
      for (const form of ["table", "json"]) {
        const { code, err, out } = await go([...command, at("none.yaml"), "-o", form])
        assert.deepEqual([code, out], [5, ""], command.join(" "))
        assert.match(err, /The files choose no bucket/u)
      }
      assert.equal((await go([...command, at("empty.yaml")])).code, 0, command.join(" "))
    }
  })
})

test("An endpoint of one region is told of when a match would mean more", async () => {
  assert.ok(isOfOneRegion("https://cos.{region}.myqcloud.com"))
  assert.ok(!isOfOneRegion("https://{bucket}.example.com") && !isOfOneRegion(undefined))
  const codesOf = async (selectors: ReadonlyArray<unknown>, oneRegion: { readonly oneRegion?: string }) => {
    const fleet: Fleet = {
      chosen: [],
      named: [],
      isAll: false,
      isDemo: false,
      usual: undefined,
      endpoint: undefined,
      account: Effect.succeed([{ name: two, location: region, creationDate: "" }]),
      at: () => Effect.die("nothing is asked of a bucket"),
      located: (ref) => ref,
      region,
      form: "table",
      ...oneRegion,
    }
    const set = readRuleSet({ value: JSON.parse(base(selectors)) })
    const nothing = Context.empty() as Context.Context<Wired>
    const found = await Effect.runPromise(Effect.provideContext(placedBuckets([set], fleet), nothing))
    return found.findings.map(({ code }) => code)
  }
  const any = [{ match: "two-*" }]
  assert.deepEqual(await codesOf(any, { oneRegion: region }), ["match-one-region"])
  assert.deepEqual(await codesOf(any, {}), [])
  assert.deepEqual(await codesOf([{ match: "two-*", region }], { oneRegion: region }), [])
})

test("`apply` of a plan that some buckets could not be read for counts those as failed, in every form", async () => {
  const rules = document([one, two], [{ id: "daily-new", filter: { prefix: "new/" } }])
  for (const form of ["table", "json", "yaml"]) {
    await withWorld({ "rules.yaml": rules, "plan.json": "" }, async ({ go, at, fault, idsOf }) => {
      fault({ match: { operation: "ListBucketInventory", bucket: two }, code: "AccessDenied", times: 1 })
      const made = await go(["plan", at("rules.yaml"), "-o", "json"])
      await writeFile(at("plan.json"), made.out)
      const { code, err, out } = await go(["apply", at("plan.json"), "--yes", "-o", form])
      assert.equal(code, 8, err)
      assert.deepEqual([idsOf(one), idsOf(two)], [["daily-new", "daily-p"], ["daily-p"]])
      assert.match(err, /it could not be read when the plan was made[^]*AccessDenied/u)
      if (form !== "json") return
      const { results, warnings } = JSON.parse(out)
      assert.deepEqual(
        results.map(({ bucket, state }: { bucket: string; state: string }) => [bucket, state]),
        [[one, "done"], [two, "failed"]],
      )
      assert.deepEqual(warnings.map(({ code }: { code: string }) => code), ["plan-partial"])
      // Nothing is left to be done, and it still does not end well
      assert.equal((await go(["apply", at("plan.json"), "--yes"])).code, 8)
    })
  }
})
