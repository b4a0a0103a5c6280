/** Values that are neither rules nor a rules document, such as other files of a folder, told as what they are. */
import { type Finding, shown } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import { isApiShape } from "../wire/api-json.ts"
import { envelopeKeys, ruleKeys } from "../wire/document.ts"
import { isObject, isRuleKey, ruleShape, type Source, withPosition } from "../wire/json.ts"
import { type Reading, readingOf } from "../wire/reading.ts"
import { rulesFileSource } from "./problem.ts"

/** The keys of a rules document alone. */
export const ownKeys = ["buckets", "manages", "defaults", "rules"] as const

/** Keys that nobody reads, as in compose files: a place for anchors. */
export const isExtension = (key: string): boolean => key.startsWith(extensionPrefix)

export const extensionPrefix = "x-"

/** Whether a parsed value is a rules document, not a rule, nor a list or an envelope of some. */
export const isRuleSet = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && Object.keys(value).some((key) => (ownKeys as ReadonlyArray<string>).includes(key))

/** Whether it was to be a rules document: it has `rule` or `bucket` or `default`, and nothing of a rule. */
export const isNearlyRuleSet = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isObject(value) && !isKnown(value) && Object.keys(value).some(isNearlyOwn) &&
  !Object.keys(value).every((key) => envelopeKeys.includes(key))

const isNearlyOwn = (key: string): boolean =>
  (ownKeys as ReadonlyArray<string | undefined>).includes(nearest(key, [...ownKeys, ...ruleKeys]))

/** The one thing to say of a value that holds no rules, or undefined where it may hold some. */
export const strangerOf = ({ value, position }: Source): Reading | undefined => {
  const finding = Array.isArray(value)
    ? value.some(isRuleSet) ? listOfDocuments : value.length > 0 && value.every(isStranger) ? noRules : undefined
    : isObject(value)
    ? isObject(value["plan"]) ? planFile : isStranger(value) ? { ...noRules, found: keysOf(value) } : undefined
    : undefined
  if (finding === undefined) return undefined
  const path = finding === planFile ? ["plan"] : []
  return { ...readingOf({}), unread: new Set([""]), findings: [withPosition(finding, position?.(path))] }
}

/** Most of its keys are no slips of ours either. */
const isStranger = (value: unknown): boolean => {
  if (!isObject(value) || isRuleSet(value)) return false
  const keys = Object.keys(value).filter((key) => !isExtension(key))
  if (keys.length === 0 || isKnown(value) || keys.every((key) => envelopeKeys.includes(key))) return false
  return keys.filter((key) => nearest(key, knownKeys) !== undefined).length * 2 < keys.length
}

const isKnown = (value: Readonly<Record<string, unknown>>): boolean =>
  isApiShape(value) ||
  Object.keys(value).some((key) => isRuleKey(key) || (ruleKeys as ReadonlyArray<string>).includes(key))

const knownKeys = [...Object.keys(ruleShape), ...ruleKeys, ...ownKeys]

const keysOf = (value: Readonly<Record<string, unknown>>): string => shown(Object.keys(value).join(", "))

const noRules: Finding = {
  code: "no-rules",
  severity: "error",
  path: "",
  message: "The document holds no rules",
  allowed: "a rules document, one rule, or a list of rules",
  fix: "Keep other files out of the folder; `new rules` prints a document to begin with",
  source: rulesFileSource,
}

const planFile: Finding = {
  ...noRules,
  code: "plan-file",
  message: "This is a plan, not rules",
  fix: "Give it to apply alone, and keep it out of the folder",
}

const listOfDocuments: Finding = {
  ...noRules,
  code: "documents-list",
  message: "A list holds rules, not rules documents",
  allowed: "one document; in YAML several, with --- between them",
  fix: "Give each document a file of its own",
}
