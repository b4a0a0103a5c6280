/** A rule over the defaults of its document. */
import type { Finding } from "../lint/finding.ts"
import type { Draft } from "../rule.ts"
import { isObject, splitPath } from "../wire/json.ts"
import type { Reading } from "../wire/reading.ts"

/** Objects merge by key, however deep; everything else, lists too, is the rule's where the rule has it. */
export const merged = (defaults: Reading, rule: Reading): Reading => ({
  draft: mergedValue(defaults.draft, rule.draft) as Draft,
  findings: rule.findings.map((finding) =>
    isTakenBack(finding, defaults) ? { ...finding, fix: notTakenBack } : finding
  ),
  unread: new Set([...[...defaults.unread].filter((path) => !isReplaced(rule.draft, path)), ...rule.unread]),
  position: (path) => holder(defaults, rule, path).position(path),
  sourcePath: (path) => holder(defaults, rule, path).sourcePath?.(path),
})

/** Whether somebody wrote null where the defaults have a value, so as to have none. */
const isTakenBack = ({ code, found, path }: Finding, { draft }: Reading): boolean =>
  code === "wrong-type" && found === "null" && path !== "" && holds(draft, path)

const notTakenBack = "A default cannot be taken back: move it out of defaults, into the rules that want it"

/** Where a path was read; what stands nowhere would stand in the rule. */
const holder = (defaults: Reading, rule: Reading, path: string): Reading =>
  !holds(rule.draft, path) && holds(defaults.draft, path) ? defaults : rule

/** Whether the rule has a value of its own for what could not be read in the defaults. */
const isReplaced = (draft: Draft, path: string): boolean =>
  valueAt(draft, path) !== undefined && !isObject(valueAt(draft, path))

const mergedValue = (below: unknown, above: unknown): unknown => {
  if (!isObject(below) || !isObject(above)) return above === undefined ? below : above
  const keys = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...keys].map((key) => [key, mergedValue(below[key], above[key])]))
}

const holds = (draft: Draft, path: string): boolean => valueAt(draft, path) !== undefined

const valueAt = (draft: Draft, path: string): unknown => {
  let at: unknown = draft
  for (const part of splitPath(path)) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Readonly<Record<string | number, unknown>>)[part]
  }
  return at
}
