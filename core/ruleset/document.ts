/** Reading rules documents: from a parsed JSON or YAML value, or around rules that were read elsewhere. */
import { regionPattern } from "../bucket.ts"
import { checkBucket } from "../endpoint.ts"
import { type Finding, type Position, shown } from "../lint/finding.ts"
import { readValueRules } from "../wire/document.ts"
import { documentVersion } from "../wire/document.ts"
import { type Path, readJson, type Source, unknownKey, withPosition } from "../wire/json.ts"
import { isApiShape, readApiJson } from "../wire/api-json.ts"
import { type Reading, readingOf } from "../wire/reading.ts"
import { merged } from "./merge.ts"
import type { Entry, Managed, RuleSet, Selector } from "./ruleset.ts"

/** Reads one document: with buckets and defaults when it has `rules`, else the rules that it is. */
export const readRuleSet = (source: Source): RuleSet =>
  isRuleSet(source.value) ? readDocument(source.value, source) : bareRuleSet(readValueRules(source))

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

const keys = ["version", "buckets", "manages", "defaults", "rules"] as const
const ownKeys: ReadonlyArray<string> = ["buckets", "manages", "defaults", "rules"]

/** Whether a parsed value is a rules document, not a rule, nor a list or an envelope of some. */
export const isRuleSet = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) &&
  Object.keys(value).some((key) => ownKeys.includes(key))

interface State {
  readonly findings: Array<Finding>
  readonly positionOf: (path: Path) => Position | undefined
}

const readDocument = (value: Readonly<Record<string, unknown>>, source: Source): RuleSet => {
  const positionOf = (path: Path) => source.position?.(path)
  const state: State = { findings: [], positionOf }
  for (const key of Object.keys(value)) {
    if (!(keys as ReadonlyArray<string>).includes(key)) {
      state.findings.push(withPosition(unknownKey(key, key, keys), positionOf([key])))
    }
  }
  if (value["version"] !== undefined && value["version"] !== documentVersion) {
    report(state, ["version"], value["version"], {
      code: "document-version",
      message: "The document has another version",
      allowed: String(documentVersion),
      fix: "Write it with the version of cos-inventory that reads it",
    })
  }
  const { protect: protectByDefault, ...plainDefaults } = objectAt(value["defaults"], "defaults", state)
  const defaults = withConsoleDefaults(readJson({ ...source, value: plainDefaults }, ["defaults"]))
  state.findings.push(...defaults.findings.map((f) => ({ ...f, path: `defaults.${f.path}` })))
  const protectedAnyway = flagAt(protectByDefault, ["defaults", "protect"], state) ?? false
  const entries = listAt(value["rules"], "rules", state).map((rule, i): Entry => {
    const at = ["rules", i]
    const { protect, ...plain } = isObject(rule) ? rule : { protect: undefined }
    const inner: Source = { ...source, value: isObject(rule) ? plain : rule }
    const reading = isApiShape(inner.value) ? readApiJson(inner, at) : readJson(inner, at)
    return {
      reading: merged(defaults, reading),
      kind: "configuration",
      protect: flagAt(protect, [...at, "protect"], state) ?? protectedAnyway,
    }
  })
  return {
    isDocument: true,
    selectors: listAt(value["buckets"], "buckets", state).flatMap((item, i) =>
      selectorsOf(item, ["buckets", i], state)
    ),
    manages: listAt(value["manages"], "manages", state).flatMap((item, i) => managedOf(item, ["manages", i], state)),
    entries,
    findings: state.findings,
  }
}

/** What the console takes where nothing is said: an enabled rule over current versions. */
const withConsoleDefaults = (defaults: Reading): Reading => {
  const { isEnabled = true, includedObjectVersions = "Current", ...rest } = defaults.draft
  const lacks = (path: string) => defaults.unread.has(path)
  return {
    ...readingOf({
      ...rest,
      ...(lacks("isEnabled") ? {} : { isEnabled }),
      ...(lacks("includedObjectVersions") ? {} : { includedObjectVersions }),
    }),
    findings: defaults.findings,
    unread: defaults.unread,
    position: defaults.position,
  }
}

const selectorForms = '<name>-<appid>@<region>, or { match: "logs-*", region: ap-guangzhou }'

const selectorsOf = (item: unknown, path: Path, state: State): ReadonlyArray<Selector> => {
  const position = state.positionOf(path)
  const placed = position === undefined ? {} : { position }
  if (typeof item === "string") {
    const { bucket, region } = parseBucketRef(item)
    const wrong = checkBucketRef(item)
    state.findings.push(...wrong.map((f) => withPosition({ ...f, path: pathText(path) }, position)))
    return wrong.length > 0 ? [] : [{ bucket, ...(region === undefined ? {} : { region }), ...placed }]
  }
  if (!isObject(item) || typeof item["match"] !== "string" || item["match"] === "") {
    report(state, path, item, {
      code: "bucket-form",
      message: "This names no bucket",
      allowed: selectorForms,
      fix: "Write it in one of these forms",
    })
    return []
  }
  const { match, region } = item
  for (const key of Object.keys(item).filter((k) => k !== "match" && k !== "region")) {
    const at = [...path, key]
    state.findings.push(withPosition(unknownKey(key, pathText(at), ["match", "region"]), state.positionOf(at)))
  }
  if (region !== undefined && (typeof region !== "string" || !regionPattern.test(region))) {
    report(state, [...path, "region"], region, regionForm)
    return []
  }
  return [{ match, ...(region === undefined ? {} : { region }), ...placed }]
}

const regionForm = {
  code: "region-form",
  message: "The region is not a region",
  allowed: "a region such as ap-guangzhou or eu-frankfurt",
  fix: "Correct the region",
} as const

/** `<name>-<appid>@<region>`, or without the region. Neither part is checked. */
export const parseBucketRef = (text: string): { readonly bucket: string; readonly region?: string } => {
  const at = text.indexOf("@")
  return at < 0 ? { bucket: text } : { bucket: text.slice(0, at), region: text.slice(at + 1) }
}

export const checkBucketRef = (text: string): ReadonlyArray<Finding> => {
  const { bucket, region } = parseBucketRef(text)
  const wrong = checkBucket(bucket)
  if (wrong.length > 0 || region === undefined || regionPattern.test(region)) return wrong
  return [{ ...regionForm, severity: "error", path: "region", found: region, source: "page 6224" }]
}

/** Characters of ids (page 30625), those of globs, and those of variables. */
const globPattern = /^(?:[A-Za-z0-9._*?-]|\$\{[a-z]+\})+$/u

const managedOf = (item: unknown, path: Path, state: State): ReadonlyArray<Managed> => {
  if (typeof item === "string" && globPattern.test(item)) {
    const position = state.positionOf(path)
    return [{ glob: item, ...(position === undefined ? {} : { position }) }]
  }
  report(state, path, item, {
    code: "manages-form",
    message: "This is no pattern of ids",
    allowed: "characters of an id, with * and ?, such as daily-*",
    fix: "Correct or remove it",
  })
  return []
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const objectAt = (value: unknown, key: string, state: State): Readonly<Record<string, unknown>> => {
  if (isObject(value)) return value
  if (value !== undefined) report(state, [key], value, { ...form, allowed: "an object", fix: "Write it as an object" })
  return {}
}

const listAt = (value: unknown, key: string, state: State): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  if (value !== undefined) report(state, [key], value, { ...form, allowed: "a list", fix: "Write it as a list" })
  return []
}

const flagAt = (value: unknown, path: Path, state: State): boolean | undefined => {
  if (value !== undefined && typeof value !== "boolean") {
    report(state, path, value, { ...form, allowed: "true or false", fix: "Write true or false, unquoted" })
  }
  return typeof value === "boolean" ? value : undefined
}

const form = { code: "wrong-type", message: "The value has the wrong form" } as const

const report = (
  state: State,
  path: Path,
  value: unknown,
  words: Pick<Finding, "code" | "message" | "allowed" | "fix">,
): void => {
  state.findings.push(
    withPosition(
      {
        ...words,
        severity: "error",
        path: pathText(path),
        found: shown(value),
        source: "the rules file in the README",
      },
      state.positionOf(path),
    ),
  )
}

const pathText = (path: Path): string =>
  path.map((part, i) => typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`).join("")
