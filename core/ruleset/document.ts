/** Reading rules documents: from a parsed JSON or YAML value, or around rules that were read elsewhere. */
import { type Finding } from "../lint/finding.ts"
import { idPattern } from "../limits.ts"
import { nearest } from "../lint/nearest.ts"
import { missingPaths, type Reading } from "../wire/reading.ts"
import { documentVersion, readValueRules, ruleKeys } from "../wire/document.ts"
import {
  isObject,
  isRuleKey,
  type Path,
  readJson,
  ruleShape,
  type Source,
  unknownKey,
  withPosition,
} from "../wire/json.ts"
import { isApiShape, readApiJson } from "../wire/api-json.ts"
import { merged } from "./merge.ts"
import { flagAt, listAt, objectAt, type Problems, report } from "./problem.ts"
import type { Entry, Managed, RuleSet } from "./ruleset.ts"
import { selectorsOf } from "./selector.ts"
import { isExtension, isNearlyRuleSet, isRuleSet, strangerOf } from "./stranger.ts"
import { variableFindings } from "./variables.ts"

/** Reads one document: with buckets and defaults when it has `rules`, else the rules that it is. */
export const readRuleSet = (source: Source): RuleSet => {
  const { value } = source
  const stranger = strangerOf(source)
  if (stranger !== undefined) return bareRuleSet([stranger])
  if (isRuleSet(value) || isNearlyRuleSet(value)) return readDocument(value, source)
  return bareRuleSet(readValueRules(source).map(withProtectAdvice))
}

/** Rules that say nothing of buckets, as COS or `list` writes them. */
export const bareRuleSet = (readings: ReadonlyArray<Reading>): RuleSet => ({
  isDocument: false,
  selectors: [],
  manages: [],
  entries: readings.map((reading) => ({
    reading,
    kind: reading.draft.schedule === undefined && reading.draft.isEnabled === undefined ? "job" : "configuration",
    protect: false,
  })),
  findings: [],
})

const withProtectAdvice = (reading: Reading): Reading => ({
  ...reading,
  findings: reading.findings.map((finding) =>
    finding.code === "unknown-key" && finding.path === "protect"
      ? { ...finding, fix: "Put the rule into a list under `rules`, where it may stand" }
      : finding
  ),
})

/** In their order. `$schema` is for editors; `demo` says that its rules come from the embedded demo, as `list` does. */
export const documentKeys = ["$schema", "version", "demo", "buckets", "manages", "defaults", "rules"] as const

const readDocument = (value: Readonly<Record<string, unknown>>, source: Source): RuleSet => {
  const problems: Problems = { findings: [], positionOf: (path) => source.position?.(path) }
  const { version = documentVersion } = value
  // A document of another version is not guessed at
  if (version !== documentVersion) {
    report(problems, ["version"], version, otherVersion)
    return { isDocument: true, selectors: [], isNowhere: true, manages: [], entries: [], findings: problems.findings }
  }
  checkKeys(value, problems)
  const defaults = readDefaults(value["defaults"], source, problems)
  const entries = listAt(value["rules"], ["rules"], problems).map((rule, i): Entry => {
    const { reading, protect } = readRule(rule, ["rules", i], source)
    return {
      reading: merged(defaults.reading, reading),
      kind: "configuration",
      protect: flagAt(protect, ["rules", i, "protect"], problems) ?? defaults.protect,
    }
  })
  const selectors = selectorsOf(listAt(value["buckets"], ["buckets"], problems), problems)
  if (Array.isArray(value["buckets"]) && value["buckets"].length === 0) {
    report(problems, ["buckets"], value["buckets"], noBuckets, "warning")
  }
  const position = problems.positionOf(["rules"])
  return {
    isDocument: true,
    ...(position === undefined ? {} : { position }),
    selectors,
    ...(Object.hasOwn(value, "buckets") && selectors.length === 0 ? { isNowhere: true } : {}),
    manages: listAt(value["manages"], ["manages"], problems).flatMap((item, i) =>
      managedOf(item, ["manages", i], problems)
    ),
    entries,
    findings: problems.findings,
  }
}

const checkKeys = (value: Readonly<Record<string, unknown>>, problems: Problems): void => {
  const keys = Object.keys(value)
  for (const key of keys) {
    if ((documentKeys as ReadonlyArray<string>).includes(key) || isExtension(key)) continue
    const finding = unknownKey(
      key,
      key,
      documentKeys,
      isRuleKey(key) ? `Move it into a rule, or into defaults` : undefined,
    )
    problems.findings.push(
      withPosition(
        (ruleKeys as ReadonlyArray<string>).includes(key)
          ? { ...finding, fix: "Move what it holds into rules" }
          : finding,
        problems.positionOf([key]),
      ),
    )
  }
  // What is meant to be `rules` is told already
  if (!keys.includes("rules") && !keys.some((key) => nearest(key, documentKeys) === "rules" || isEnvelopeKey(key))) {
    report(problems, [], undefined, noRules)
  }
}

const isEnvelopeKey = (key: string): boolean => (ruleKeys as ReadonlyArray<string>).includes(key)

const otherVersion = {
  code: "document-version",
  message: "The document has another version",
  allowed: String(documentVersion),
  fix: "Write it with the version of cos-inventory that reads it",
} as const

/** A file that was cut off must not look like one that wants no rules any more. */
const noRules = {
  code: "rules-missing",
  message: "The document has no list of rules",
  allowed: "rules, a list",
  fix: "Add rules; where none are wanted any more, write rules: []",
} as const

const noBuckets = {
  code: "buckets-empty",
  message: "The list of buckets is empty, so the rules belong nowhere",
  allowed: "one bucket or more",
  fix: "Name a bucket, or remove the key so that --bucket or COS_BUCKET decides",
} as const

interface Defaults {
  readonly reading: Reading
  readonly protect: boolean
}

const readDefaults = (value: unknown, source: Source, problems: Problems): Defaults => {
  const known = problems.findings.length
  const { reading, protect } = readRule(objectAt(value, ["defaults"], problems), ["defaults"], source)
  const isUnread = problems.findings.length > known
  const { id, ...draft } = reading.draft
  if (id !== undefined) report(problems, ["defaults", "id"], id, defaultId)
  problems.findings.push(
    ...reading.findings.map((f) => ({ ...f, path: f.path === "" ? "defaults" : `defaults.${f.path}` })),
  )
  const { isEnabled = true, includedObjectVersions = "Current", ...rest } = draft
  const lacks = (path: string) => reading.unread.has(path)
  return {
    reading: {
      ...reading,
      // What the console takes where nothing is said: an enabled rule over current versions
      draft: {
        ...rest,
        ...(lacks("isEnabled") ? {} : { isEnabled }),
        ...(lacks("includedObjectVersions") ? {} : { includedObjectVersions }),
      },
      // Rules lack what they were to have from here
      unread: isUnread
        ? new Set(missingPaths({}, "configuration").filter((path) => path !== "id"))
        : new Set([...reading.unread].filter((path) => path !== "id")),
    },
    protect: flagAt(protect, ["defaults", "protect"], problems) ?? false,
  }
}

const defaultId = {
  code: "default-id",
  message: "Rules cannot share an id",
  allowed: "an id in each rule",
  fix: "Move it into the rule",
} as const

/** A rule of a document, in either shape, and the `protect` that stands in it. */
const readRule = (
  value: unknown,
  at: Path,
  source: Source,
): { readonly reading: Reading; readonly protect: unknown } => {
  if (!isObject(value)) return { reading: readJson({ ...source, value }, at), protect: undefined }
  const { protect, ...rule } = value
  const inner: Source = { ...source, value: rule }
  if (isApiShape(rule)) return { reading: readApiJson(inner, at), protect }
  const reading = readJson(inner, at)
  return { reading: { ...reading, findings: reading.findings.map(knowingProtect) }, protect }
}

/** Where `protect` may stand, it is one of the keys that may be meant. */
const knowingProtect = (finding: Finding): Finding => {
  const { code, path, position } = finding
  return code === "unknown-key" && /^\w+$/u.test(path)
    ? withPosition(unknownKey(path, path, [...Object.keys(ruleShape), "protect"]), position)
    : finding
}

/** Characters of ids, those of globs, and variables, whose names are looked at by themselves. */
const globPattern = new RegExp(`^(?:${idPattern.source.slice(1, -2)}|[*?]|\\$\\{[^{}]*\\})+$`, "u")

const managedOf = (item: unknown, path: Path, problems: Problems): ReadonlyArray<Managed> => {
  const position = problems.positionOf(path)
  if (typeof item === "string" && globPattern.test(item)) {
    const unknown = variableFindings(item, `manages[${path.at(-1)}]`)
    problems.findings.push(...unknown.map((finding) => withPosition(finding, position)))
    return unknown.length > 0 ? [] : [{ glob: item, ...(position === undefined ? {} : { position }) }]
  }
  report(problems, path, item, managesForm)
  return []
}

const managesForm = {
  code: "manages-form",
  message: "This is no pattern of ids",
  allowed: "characters of an id, with * and ?, such as daily-*",
  fix: "Correct or remove it",
} as const
