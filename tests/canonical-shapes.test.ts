/** Every shape that SDKs and tools are known to send plans as no change, once it stands in COS. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { readYaml } from "../adapters/yaml/mod.ts"
import { isSame } from "../core/canonical.ts"
import { allInventories, getInventory } from "../core/client.ts"
import { isPending, plan } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { readRuleSet, targetsOf } from "../core/ruleset/mod.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { shapes } from "./canonical-shapes.ts"
import { effect } from "./harness.ts"
import { at, bench, readRule } from "./plan-world.ts"

/** The only rule of a document, as a bucket is to have it. */
const fromYaml = (rule: string): InventoryConfiguration => {
  const text = `rules:\n- ${rule.trim().replaceAll("\n", "\n  ")}\n`
  const [source] = Result.getOrThrow(readYaml(text))
  const [target] = targetsOf([{ set: readRuleSet(source!), buckets: [at] }])
  const { draft, findings } = target!.wanted[0]!.reading
  assert.deepEqual(findings, [])
  return Result.getOrThrow(completeConfiguration(draft))
}

/** A COS that keeps this document as it is. */
const holding = (xml: string) =>
  Effect.tap(bench([]), ({ cos }) =>
    Effect.sync(() => {
      const raw = xml.replace(/^\s*<\?xml[^>]*>\s*/u, "").trim()
      const rule = { id: readRule(raw).id, sequence: cos.store.nextSequence(), xml: raw, since: 0 }
      cos.store.commit([{ _tag: "RulePut", bucket: at.bucket, rule }])
    }))

const wanting = (rule: InventoryConfiguration) => ({
  ...at,
  rules: [rule],
  protected: new Set<string>(),
  manages: ["*"],
})

for (const { name, xml, yaml } of shapes) {
  effect(
    `\`plan\` finds no change in what is sent by ${name}`,
    Effect.gen(function* () {
      const wanted = fromYaml(yaml)
      const { run } = yield* holding(xml)
      const actual = yield* run(allInventories(at))
      assert.deepEqual(plan(wanting(wanted), actual, { prune: true }).steps, [{ action: "keep", id: wanted.id }])
      const { configuration } = yield* run(getInventory(at, wanted.id))
      assert.ok(isSame(configuration, actual[0]!))
      // Nor would a change of anything else be taken for none
      for (
        const other of [{ ...wanted, isEnabled: !wanted.isEnabled }, { ...wanted, filter: { prefix: "elsewhere" } }]
      ) {
        assert.ok(isPending(plan(wanting(other), actual, { prune: true })))
      }
    }),
  )
}

effect(
  "`plan` adds the encryption that a file asks for to a rule that the Python SDK put, whose SSECOS may mean nothing",
  Effect.gen(function* () {
    const { xml, yaml } = shapes.find(({ name }) => name.includes("unknown SSECOS"))!
    const wanted = fromYaml(yaml.replace("format: CSV", "format: CSV, encryption: SSE-COS"))
    const { run } = yield* holding(xml)
    const [step] = plan(wanting(wanted), yield* run(allInventories(at)), { prune: false }).steps
    assert.ok(step?.action === "update")
    assert.deepEqual(step.changes, [{ path: "destination.encryption", after: "SSE-COS" }])
    assert.deepEqual(step.after.extra?.map((one) => one.xml), ["<SSECOS></SSECOS>"])
  }),
)
