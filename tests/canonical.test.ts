/** Canonical equality: the laws it states of itself, over generated rules and over all the ways of writing them. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { TestClock } from "effect/testing"
import { hashes } from "../adapters/hashes/node.ts"
import { canonical, canonicalText, fingerprint, isSame } from "../core/canonical.ts"
import { allInventories, getInventory } from "../core/client.ts"
import { diff } from "../core/diff.ts"
import { bucketAddress } from "../core/endpoint.ts"
import type { HttpRequest } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readApiJson } from "../core/wire/api-json.ts"
import { readJson, writeJson } from "../core/wire/json.ts"
import { readList, writeList } from "../core/wire/list.ts"
import { writeRequest } from "../core/wire/operations.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { deepened, othersThan, shuffled, variantOf } from "./canonical-variants.ts"
import { apiOf, xmlOf } from "./canonical-spellings.ts"
import { dice, Generated, good, jobOf, ruleOf } from "./generated.ts"
import { prop } from "./harness.ts"
import { at as bucket, bench, someRule } from "./plan-world.ts"

/** A rule of any shape, and the dice that vary it. */
const Varied = Schema.Struct({ generated: Generated, seed: Schema.Int, documented: Schema.Boolean })

const rolled = ({ generated, seed, documented }: typeof Varied.Type) => {
  const roll = dice(seed)
  const drawn = ruleOf(generated)
  const rule = deepened(
    documented ? { ...good, ...(drawn.extra === undefined ? {} : { extra: drawn.extra }) } : drawn,
    roll,
  )
  return { roll, rule }
}

prop("`isSame` is true when a rule is held against itself or a copy", Varied, (varied) => {
  const { rule } = rolled(varied)
  return isSame(rule, rule) && isSame(rule, structuredClone(rule))
})

prop("`isSame` is true, both ways, when two rules are writings of one", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const all = [rule, ...Array.from({ length: 4 }, () => variantOf(rule, roll))]
  return all.every((a) => all.every((b) => isSame(a, b) && diff(a, b).length === 0))
}, { runs: 400 })

prop("`isSame` is symmetric and transitive when two rules are written in several ways each", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const others = Object.values(othersThan(rule))
  const other = others[roll(others.length)]!
  const all = [rule, other].flatMap((one) => [one, variantOf(one, roll), variantOf(one, roll)])
  return all.every((a, i) =>
    all.every((b, j) =>
      isSame(a, b) === isSame(b, a) && isSame(a, b) === (Math.floor(i / 3) === Math.floor(j / 3)) &&
      (diff(a, b).length === 0) === isSame(a, b)
    )
  )
})

prop(
  "`isSame` is false and `diff` names it when one thing differs, however both are written",
  Varied,
  (varied) => {
    const { rule, roll } = rolled(varied)
    return Object.values(othersThan(rule)).every((other) => {
      const [a, b] = [variantOf(rule, roll), variantOf(other, roll)]
      const changes = diff(a, b)
      return !isSame(a, b) && !isSame(b, a) && changes.length > 0 &&
        changes.every(({ before, after }) => before !== undefined || after !== undefined)
    })
  },
)

prop(
  "`canonical` changes nothing more when a rule is canonical, and gives the same rule when it is not",
  Varied,
  (varied) => {
    const { rule, roll } = rolled(varied)
    const once = canonical(variantOf(rule, roll))
    assert.deepEqual(canonical(once), once)
    return isSame(once, rule)
  },
)

const readXml = (xml: string): InventoryConfiguration => {
  const reading = Result.getOrThrow(readConfiguration(xml))
  assert.deepEqual(reading.findings, [])
  return Result.getOrThrow(completeConfiguration(reading.draft))
}

prop("`isSame` is true when a rule is read back of its XML", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const variant = variantOf(rule, roll)
  return isSame(readXml(writeConfiguration(variant)), rule) &&
    isSame(readXml(writeConfiguration(canonical(rule))), rule)
})

prop("`isSame` is true when a rule is read back of a LIST", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const rules = [variantOf(rule, roll), canonical(rule)]
  const { rules: readings } = Result.getOrThrow(readList(writeList({ rules, isTruncated: false })))
  return readings.length === 2 &&
    readings.every(({ draft }) => isSame(Result.getOrThrow(completeConfiguration(draft)), rule))
})

prop("`isSame` is true when a rule is read back of its JSON form", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const value: unknown = JSON.parse(JSON.stringify(writeJson(variantOf(rule, roll))))
  const reading = readJson({ value })
  assert.deepEqual(reading.findings, [])
  return isSame(Result.getOrThrow(completeConfiguration(reading.draft)), rule)
})

prop("`isSame` is true when a rule is read of any spelling of its XML", Varied, (varied) => {
  const { rule: { extra: _, ...rule }, roll } = rolled(varied)
  return isSame(readXml(xmlOf(rule, roll)), rule) && isSame(readXml(xmlOf(variantOf(rule, roll), roll)), rule)
}, { runs: 400 })

prop("`isSame` is true when a rule is read of the API's own JSON", Varied, (varied) => {
  const { rule: { extra: _, ...rule }, roll } = rolled(varied)
  const reading = readApiJson({ value: apiOf(rule, roll) })
  assert.deepEqual(reading.findings, [])
  return isSame(Result.getOrThrow(completeConfiguration(reading.draft)), rule)
})

prop("`isSame` is true when GET and LIST bring what anybody put", Schema.Int, (seed) => {
  const roll = dice(seed)
  const { extra: _, ...rule } = someRule("rule", roll)
  return Effect.gen(function* () {
    const { run, held } = yield* bench([])
    const { status } = yield* run(Effect.flatMap(Transport, ({ send }) => send(putOf(rule, xmlOf(rule, roll)))))
    const { configuration } = yield* run(getInventory(bucket, rule.id))
    const listed = yield* run(allInventories(bucket))
    return status === 200 && listed.length === 1 && held().size === 1 &&
      [configuration, listed[0]!].every((one) => isSame(one, rule))
  }).pipe(Effect.scoped, Effect.provide(TestClock.layer()))
}, { runs: 60 })

/** A PUT of a document that this project did not write. */
const putOf = (configuration: InventoryConfiguration, xml: string): HttpRequest => {
  const address = Result.getOrThrow(bucketAddress(bucket))
  const request = Result.getOrThrow(writeRequest({ _tag: "PutBucketInventory", configuration }, address, hashes))
  return { ...request, headers: [], body: new TextEncoder().encode(xml) }
}

prop("`isSame` is true when two one-time jobs are writings of one, and false when they are two", Varied, (varied) => {
  const { rule, roll } = rolled(varied)
  const job = jobOf(rule)
  return isSame(job, jobOf(variantOf(rule, roll))) && diff(job, jobOf(variantOf(rule, roll))).length === 0 &&
    !isSame(job, { ...job, includedObjectVersions: `${job.includedObjectVersions}x` }) &&
    canonicalText(job) !== canonicalText(rule)
})

prop(
  "`fingerprint` stays when rules are written otherwise or turned round, and differs when any of them changes",
  Varied,
  (varied) => {
    const { rule, roll } = rolled(varied)
    const rules = Array.from({ length: 5 }, (_, i): InventoryConfiguration => ({ ...rule, id: `${rule.id}${i}` }))
    const sum = fingerprint(rules)
    const others = Object.values(othersThan(rules[2]!))
    return fingerprint(shuffled(rules, roll).map((one) => variantOf(one, roll))) === sum &&
      fingerprint(rules.slice(1)) !== sum && fingerprint([...rules, rules[0]!]) !== sum &&
      others.every((other) => fingerprint(rules.with(2, other)) !== sum)
  },
)

test("`fingerprint` differs when there is no rule and when there is one", () => {
  assert.notEqual(fingerprint([]), fingerprint([good]))
})

const at = (prefix: string | undefined): InventoryConfiguration => {
  const { prefix: _, ...destination } = good.destination
  return { ...good, destination: prefix === undefined ? destination : { ...destination, prefix } }
}

test("`isSame` is true when destination prefixes differ in one separator at the end, and in nothing else", () => {
  assert.ok(isSame(at("a"), at("a/")))
  assert.ok(isSame(at(""), at(undefined)))
  const folders = [undefined, "/", "//", "a", "a//", "/a", "a/b", " "].map(at)
  for (const [i, a] of folders.entries()) {
    for (const [j, b] of folders.entries()) assert.equal(isSame(a, b), i === j, `${i} and ${j}`)
  }
})

const withExtra = (extra: ReadonlyArray<readonly [place: string, xml: string]>, tags = good.filter!.tags!) =>
  ({
    ...good,
    filter: { ...good.filter, tags },
    extra: extra.map(([place, xml]) => ({ in: place, xml })),
  }) as unknown as InventoryConfiguration

const and = "/Filter/And"
const a = { key: "a", value: "1" }
const b = { key: "b", value: "2" }

test("`isSame` moves unknown elements with their tag when tags stand in another order", () => {
  const first = withExtra([[`${and}/Tag[1]`, "<X/>"], [`${and}/Tag[2]`, "<Y/>"]], [a, b])
  const second = withExtra([[`${and}/Tag[2]`, "<X/>"], [`${and}/Tag[1]`, "<Y/>"]], [b, a])
  const crossed = withExtra([[`${and}/Tag[1]`, "<X/>"], [`${and}/Tag[2]`, "<Y/>"]], [b, a])
  assert.ok(isSame(first, second))
  assert.ok(!isSame(first, crossed))
  assert.deepEqual(diff(first, crossed), [{
    path: "extra",
    before: [{ in: `${and}/Tag[1]`, xml: "<X/>" }, { in: `${and}/Tag[2]`, xml: "<Y/>" }],
    after: [{ in: `${and}/Tag[1]`, xml: "<Y/>" }, { in: `${and}/Tag[2]`, xml: "<X/>" }],
  }])
})

test("`isSame` takes two tags of one key and value as two when they hold different elements", () => {
  const apart = withExtra([[`${and}/Tag[1]`, "<X/>"], [`${and}/Tag[2]`, "<Y/>"]], [a, a])
  const turned = withExtra([[`${and}/Tag[1]`, "<Y/>"], [`${and}/Tag[2]`, "<X/>"]], [a, a])
  const together = withExtra([[`${and}/Tag[1]`, "<X/>"], [`${and}/Tag[1]`, "<Y/>"]], [a])
  const bare = withExtra([[`${and}/Tag[1]`, "<X/>"]], [a, a])
  assert.ok(isSame(apart, turned))
  for (const [one, other] of [[apart, together], [apart, bare], [together, bare]] as const) {
    assert.ok(!isSame(one, other))
    assert.notDeepEqual(diff(one, other), [])
  }
  assert.equal(canonical(apart).filter?.tags?.length, 2)
})

test("`isSame` and `diff` heed the order of unknown elements when they stand in one place", () => {
  const xy = withExtra([[and, "<X/>"], [and, "<Y/>"]])
  const yx = withExtra([[and, "<Y/>"], [and, "<X/>"]])
  assert.ok(!isSame(xy, yx))
  assert.equal(diff(xy, yx).length, 1)
  assert.ok(isSame(withExtra([["/", "<Z/>"], [and, "<X/>"]]), withExtra([[and, "<X/>"], ["/", "<Z/>"]])))
})

test("`isSame` takes encryption as asked for when an unknown element stands in SSE-COS", () => {
  const { encryption: _, ...plain } = good.destination
  const inside = withExtra([["/Destination/COSBucketDestination/Encryption/SSE-COS", "<KeyId>1</KeyId>"]])
  assert.ok(isSame({ ...inside, destination: plain }, inside))
  assert.ok(!isSame(inside, good))
  const beside = withExtra([["/Destination/COSBucketDestination/Encryption", "<SSE-KMS/>"]])
  assert.ok(!isSame({ ...beside, destination: plain }, beside))
})

test("`isSame` takes a field by its documented name when it is written in another case", () => {
  const fields = (...names: ReadonlyArray<string>) => ({ ...good, optionalFields: names }) as InventoryConfiguration
  assert.ok(isSame(fields("SIZE", "Etag", "Replicationstatus"), fields("ReplicationStatus", "ETag", "Size")))
  assert.ok(isSame(fields("IsMultipartUpload"), fields("IsMultipartUploaded", "ISMULTIPARTUPLOADED")))
  assert.ok(isSame(fields("X-Cos-Meta-Team"), fields("x-cos-meta-team")))
  assert.ok(!isSame(fields("Owner"), fields("owner")))
  assert.ok(!isSame(fields("x-cos-meta-*"), fields("x-cos-meta-a")))
})
