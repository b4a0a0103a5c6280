/** Which objects a rule reaches, as far as the rule alone tells. */
import type { Draft } from "./rule.ts"
import { isInFilter } from "./wire/members.ts"

/** What a rule says of the objects that it lists. */
export interface Scope {
  readonly versions: string | undefined
  readonly prefix: string
  /** As text, in order, without repetition. */
  readonly tags: ReadonlyArray<string>
  readonly storageClass: string | undefined
  readonly start: number
  readonly end: number
  /** Elements below the filter that this project does not know; which tag one stands in is told by no number here. */
  readonly conditions: ReadonlyArray<string>
}

type Scoped = Pick<Draft, "filter" | "includedObjectVersions" | "extra">

export const scopeOf = ({ filter = {}, includedObjectVersions, extra }: Scoped): Scope => {
  const tags = (filter.tags ?? []).map(({ key, value }) => JSON.stringify([key, value]))
  return {
    versions: includedObjectVersions,
    prefix: filter.prefix ?? "",
    tags: tags.length < 2 ? tags : [...new Set(tags)].toSorted(),
    storageClass: filter.storageClass === "" ? undefined : filter.storageClass,
    start: filter.period?.startTime ?? -Infinity,
    end: filter.period?.endTime ?? Infinity,
    conditions: (extra ?? []).filter((one) => isInFilter(one.in)).map((one) =>
      `${one.in.replace(/\[\d+\]$/u, "")} ${one.xml.trim()}`
    ),
  }
}

/** Whether a rule looks at every object of its bucket, in whatever version. An unknown condition is one. */
export const isWholeBucket = (rule: Scoped): boolean =>
  isWithin({ ...everything, versions: rule.includedObjectVersions }, scopeOf(rule))

const everything = scopeOf({})

/**
 * Whether everything that the one rule reaches is reached by the other, too.
 *
 * **Details**
 *
 * Reflexive and transitive. Two rules of which neither is within the other reach different objects, or their conditions
 * cannot be told apart: an unknown condition is within the same one alone.
 */
export const isWithin = (inner: Scope, outer: Scope): boolean =>
  inner.prefix.startsWith(outer.prefix) &&
  (outer.versions === "All" || outer.versions === inner.versions) &&
  outer.start <= inner.start && outer.end >= inner.end &&
  (outer.storageClass === undefined || outer.storageClass === inner.storageClass) &&
  outer.tags.every((tag) => inner.tags.includes(tag)) &&
  outer.conditions.every((condition) => inner.conditions.includes(condition))
