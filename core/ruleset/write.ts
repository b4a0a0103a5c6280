/** A rules document out of rules that a bucket has: the way back from {@link readRuleSet}. */
import type { InventoryConfiguration } from "../rule.ts"
import { documentVersion } from "../wire/document.ts"
import { writeJson } from "../wire/json.ts"
import type { BucketRef } from "../bucket.ts"
import { escaped } from "./variables.ts"

/**
 * The document as a value. Every rule stands in it whole and by its id, so that it depends on no defaults, and equal
 * rules give equal documents. It manages nothing: nobody has said yet which ids the file is to own.
 */
export const writeRuleSet = (
  { bucket, region }: BucketRef,
  rules: ReadonlyArray<InventoryConfiguration>,
): Record<string, unknown> => ({
  version: documentVersion,
  buckets: [region === undefined ? bucket : `${bucket}@${region}`],
  rules: rules.toSorted((a, b) => a.id < b.id ? -1 : a.id > b.id ? 1 : 0).map((rule) => writeJson(literal(rule))),
})

/** Escapes every text in which the reader looks for variables. */
const literal = (rule: InventoryConfiguration): InventoryConfiguration => {
  const { id, filter, destination } = rule
  const { bucket, accountId, prefix } = destination
  return {
    ...rule,
    id: escaped(id),
    ...(filter?.prefix === undefined ? {} : { filter: { ...filter, prefix: escaped(filter.prefix) } }),
    destination: {
      ...destination,
      bucket: escaped(bucket),
      ...(accountId === undefined ? {} : { accountId: escaped(accountId) }),
      ...(prefix === undefined ? {} : { prefix: escaped(prefix) }),
    },
  }
}
