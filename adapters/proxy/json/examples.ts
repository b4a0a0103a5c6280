/** Values as the description and the reference page show them. */
import type { ShapeName } from "./shapes.ts"

/** A rule to try everything with. */
const exampleRule = {
  id: "ci-daily",
  isEnabled: true,
  includedObjectVersions: "Current",
  filter: { prefix: "logs/" },
  optionalFields: ["Size", "LastModifiedDate", "StorageClass"],
  schedule: { frequency: "Daily" },
  destination: { bucket: "examplebucket-1250000000", prefix: "ci", format: "CSV" },
} as const

const examplePlace = { version: 1, bucket: "examplebucket-1250000000", region: "ap-guangzhou" } as const
const { id: _, ...job } = exampleRule
const { isEnabled: __, schedule: ___, ...once } = job

export const examples: Partial<Record<ShapeName, unknown>> = {
  RuleBody: job,
  JobBody: once,
  RulesFile: { rules: [exampleRule] },
  PlanBody: { bucket: examplePlace.bucket, rules: [exampleRule] },
  Inventory: { ...examplePlace, configuration: exampleRule },
  Inventories: { ...examplePlace, configurations: [exampleRule], next: "MTAw" },
  Buckets: { version: 1, buckets: [{ bucket: examplePlace.bucket, region: examplePlace.region }] },
}
