/** The difference of two rules, field by field, in the words of the JSON form. */
import type { InventoryConfiguration, InventoryJob } from "./rule.ts"
import { writeJson } from "./wire/json.ts"

/** One field that differs between two rules: as text before and after, absent on the side that has none. */
export interface Change {
  /** Such as `filter.period.startTime`. */
  readonly path: string
  readonly before?: string
  readonly after?: string
}

/** What changes from one rule to the other; empty for two that mean the same. Order of lists without order is ignored. */
export const diff = (
  before: InventoryConfiguration | InventoryJob | undefined,
  after: InventoryConfiguration | InventoryJob,
): ReadonlyArray<Change> => {
  const a = before === undefined ? new Map<string, string>() : flatten(writeJson(before))
  const b = flatten(writeJson(after))
  return [...new Set([...a.keys(), ...b.keys()])].flatMap((path) => {
    const from = a.get(path)
    const to = b.get(path)
    if (from === to) return []
    return [{ path, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) }]
  })
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
