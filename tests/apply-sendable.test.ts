/** Whatever a plan shows as a write may be sent: what `put` refuses is refused before anything is written. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { hashes } from "../adapters/hashes/node.ts"
import { applyPlan, makeLedger } from "../core/apply.ts"
import { isError, lint } from "../core/lint/mod.ts"
import { type BucketPlan, type Desired, errorsOf, isWrite, plan } from "../core/plan/mod.ts"
import { Hashing, type Send, Transport } from "../core/ports.ts"
import type { Draft, InventoryConfiguration } from "../core/rule.ts"
import { readingOf } from "../core/wire/reading.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { writeList } from "../core/wire/list.ts"
import { Generated, good, ruleOf, settled } from "./generated.ts"
import { prop } from "./harness.ts"

const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }

/** What a generated rule takes from a good one, so that few things are wrong with it. */
const Case = Schema.Struct({
  wanted: Generated,
  present: Schema.optionalKey(Generated),
  mended: Schema.Array(
    Schema.Literals(["filter", "optionalFields", "schedule", "destination", "includedObjectVersions"]),
  ),
  alike: Schema.Array(Schema.Literals(["filter", "optionalFields", "schedule", "destination", "extra"])),
  isProtected: Schema.Boolean,
  asIs: Schema.Boolean,
})

/** The rule with some parts of another. */
const withParts = (rule: InventoryConfiguration, parts: ReadonlyArray<string>, from: InventoryConfiguration) => {
  const without = Object.entries(rule).filter(([key]) => !parts.includes(key))
  const taken = Object.entries(from).filter(([key]) => parts.includes(key))
  return settled({ ...Object.fromEntries([...without, ...taken]), id: "daily" } as Draft)
}

prop(
  "`applyPlan` sends every write of a plan against which nothing is said, whatever the rules",
  Case,
  ({ wanted, present, mended, alike, isProtected, asIs }) =>
    Effect.gen(function* () {
      const rule = withParts(ruleOf(wanted), mended, good)
      const before = present === undefined
        ? undefined
        : withParts(withParts(ruleOf(present), mended, good), alike, rule)
      const desired: Desired = {
        ...at,
        rules: [rule],
        protected: new Set(isProtected ? ["daily"] : []),
        manages: [],
        errors: new Map([[
          "daily",
          lint(readingOf(rule), { kind: "configuration", region: at.region }).filter(isError),
        ]]),
      }
      const made = plan(desired, before === undefined ? [] : [before], { prune: false, asIs })
      if (errorsOf(made, desired).length > 0) return true
      const sent: Array<string> = []
      const ledger = makeLedger()
      yield* applyPlan(at, made, ledger).pipe(
        Effect.provideService(Transport, taking(before, after(made), sent)),
        Effect.provideService(Hashing, hashes),
      )
      assert.deepEqual(
        sent,
        made.steps.filter(isWrite).map(({ id }) => id),
        JSON.stringify([...ledger.errors], null, 2),
      )
      return true
    }),
  { runs: 150 },
)

const after = ({ steps }: BucketPlan): InventoryConfiguration | undefined =>
  steps.flatMap((step) => "after" in step ? [step.after] : [])[0]

/** A COS that takes every rule, and holds this one or none until another is put. */
const taking = (
  before: InventoryConfiguration | undefined,
  put: InventoryConfiguration | undefined,
  sent: Array<string>,
): Send => {
  let held = before
  const answer = (body: string, status = 200) => ({ status, headers: [], body: new TextEncoder().encode(body) })
  return {
    send: ({ method, target }) =>
      Effect.sync(() => {
        if (method === "PUT") {
          sent.push("daily")
          held = put
          return answer("")
        }
        if (!target.includes("id=")) {
          return answer(writeList({ rules: held === undefined ? [] : [held], isTruncated: false }))
        }
        return held === undefined
          ? answer("<Error><Code>InventoryConfigurationNotFoundError</Code><Message/></Error>", 404)
          : answer(writeConfiguration(held))
      }),
  }
}
