/** The difference of two rules, field by field, in the words of the JSON form. */
import { canonical } from "./canonical.ts"
import type { Extra, InventoryConfiguration, InventoryJob, Tag } from "./rule.ts"
import { writeJson } from "./wire/json.ts"
import { settle } from "./wire/reading.ts"

/** One field that differs between two rules: its values before and after in the JSON form, absent where there is none. */
export interface Change {
  /** Such as `filter.period.startTime`. */
  readonly path: string
  readonly before?: unknown
  readonly after?: unknown
}

type Rule = InventoryConfiguration | InventoryJob

/** What changes from one rule to the other: empty for two that are the same by {@link canonical}, and only for them. */
export const diff = (before: Rule | undefined, after: Rule): ReadonlyArray<Change> => {
  const a = before === undefined ? none : sideOf(before)
  const b = sideOf(after)
  const changes: Array<Change> = []
  const look = (path: string): void => {
    if (isEqual(a.fields.get(path), b.fields.get(path))) return
    const from = a.shown(path)
    const to = b.shown(path)
    changes.push({ path, ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) })
  }
  for (const path of a.fields.keys()) look(path)
  for (const path of b.fields.keys()) if (!a.fields.has(path)) look(path)
  return changes
}

/** Of what JSON can say; a list is compared as text. */
const isEqual = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b))

interface Side {
  /** By path, of the canonical form: these are compared. */
  readonly fields: ReadonlyMap<string, unknown>
  /** As the rule was written, where it says the same in its own words. */
  readonly shown: (path: string) => unknown
}

const none: Side = { fields: new Map(), shown: () => undefined }

const sideOf = (rule: Rule): Side => {
  const fields = leavesOf(writeJson(canonical(rule)))
  let written: ReadonlyMap<string, unknown> | undefined
  return {
    fields,
    shown: (path) => {
      if (!fields.has(path)) return undefined
      written ??= leavesOf(writeJson(settle(rule)))
      return inCanonicalForm.has(path) ? fields.get(path) : written.get(path) ?? fields.get(path)
    },
  }
}

/** The places of unknown elements name tags by their number, which means something in the canonical form alone. */
const inCanonicalForm: ReadonlySet<string> = new Set(["filter.tags", "extra"])

/** What is no container, by path. */
const leavesOf = (value: unknown, path = "", into = new Map<string, unknown>()): Map<string, unknown> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return into.set(path, value)
  for (const [key, inner] of Object.entries(value)) leavesOf(inner, path === "" ? key : `${path}.${key}`, into)
  return into
}

/** A value of a change for people: fields and tags in the order of their texts, so that two lists are read side by side. */
export const changeText = (value: unknown): string => {
  if (!Array.isArray(value)) return String(value)
  const texts = value.map(itemText)
  return (value.some(isExtra) ? texts : texts.toSorted()).join(", ")
}

const itemText = (item: unknown): string => {
  if (typeof item !== "object" || item === null) return quoted(String(item))
  if (isExtra(item)) return `${item.in} ${item.xml}`
  const { key, value } = item as Tag
  return `${quoted(key)}=${quoted(value)}`
}

const isExtra = (item: unknown): item is Extra => typeof item === "object" && item !== null && "xml" in item

/** Quoted where it holds what separates, so that two lists never look alike without being so. */
const quoted = (text: string): string => /^[^=,"\\]*$/u.test(text) ? text : JSON.stringify(text)
