/** The difference of two rules, field by field, in the words of the JSON form. */
import { canonical } from "./canonical.ts"
import type { InventoryConfiguration, InventoryJob } from "./rule.ts"
import { writeJson } from "./wire/json.ts"
import { settle } from "./wire/reading.ts"

/** One field that differs between two rules: as text before and after, absent on the side that has none. */
export interface Change {
  /** Such as `filter.period.startTime`. */
  readonly path: string
  readonly before?: string
  readonly after?: string
}

type Rule = InventoryConfiguration | InventoryJob

/** What changes from one rule to the other: empty for two that are the same by {@link canonical}, and only for them. */
export const diff = (before: Rule | undefined, after: Rule): ReadonlyArray<Change> => {
  const a = before === undefined ? none : sideOf(before)
  const b = sideOf(after)
  return [...new Set([...a.fields.keys(), ...b.fields.keys()])].flatMap((path) => {
    if (a.fields.get(path) === b.fields.get(path)) return []
    const from = a.shown(path)
    const to = b.shown(path)
    return [{ path, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) }]
  })
}

interface Side {
  /** By path, in the canonical form: these are compared. */
  readonly fields: ReadonlyMap<string, string>
  /** As the rule was written, where it says the same in its own words. */
  readonly shown: (path: string) => string | undefined
}

const none: Side = { fields: new Map(), shown: () => undefined }

const sideOf = (rule: Rule): Side => {
  const fields = flatten(writeJson(canonical(rule)))
  let written: ReadonlyMap<string, string> | undefined
  return {
    fields,
    shown: (path) => {
      written ??= flatten(writeJson(settle(rule)))
      return fields.has(path) ? written.get(path) ?? fields.get(path) : undefined
    },
  }
}

const flatten = (value: unknown, path = "", into = new Map<string, string>()): Map<string, string> => {
  if (Array.isArray(value)) into.set(path, value.map(itemText).toSorted().join(", "))
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, path === "" ? key : `${path}.${key}`, into)
  } else into.set(path, String(value))
  return into
}

/** Optional fields, tags and unknown elements have no order that COS documents. */
const itemText = (item: unknown): string => {
  if (typeof item !== "object" || item === null) return quoted(String(item))
  const { key, value, in: place, xml } = item as Record<string, string>
  return xml === undefined ? `${quoted(key)}=${quoted(value)}` : `${place} ${xml}`
}

/** Quoted where it holds what separates, so that two lists never look alike without being so. */
const quoted = (text: string | undefined): string =>
  text !== undefined && /^[^=,"\\]*$/u.test(text) ? text : JSON.stringify(text)
