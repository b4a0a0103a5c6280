/** A file or a body as people give it: one rule or many, in XML, or as a parsed JSON or YAML value. */
import * as Result from "effect/Result"
import { type Finding, shown } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import { isApiShape, readApiJson } from "./api-json.ts"
import { readingOfDocument, rootElement } from "./configuration.ts"
import { isRuleKey, type Path, readJson, type Source, unknownKey, withPosition } from "./json.ts"
import { listElement, listProblems, readListDocument } from "./list.ts"
import { type Reading, withProblems } from "./reading.ts"
import { localName, readXmlWithOffsets, wrongRoot, type XmlProblem } from "./xml/mod.ts"

/** Reads an `InventoryConfiguration`, or every rule of a `ListInventoryConfigurationResult`, with places. */
export const readXmlRules = (text: string): Result.Result<ReadonlyArray<Reading>, XmlProblem> =>
  Result.flatMap(readXmlWithOffsets(text), (document) => {
    const name = localName(document.root.tagName)
    if (name === rootElement) return Result.succeed([readingOfDocument(document)])
    if (name === listElement) {
      return Result.map(readListDocument(document), ({ rules }) => withProblems(listProblems(document), rules))
    }
    return Result.fail(wrongRoot(document, rootElement))
  })

/** The version of the JSON documents that this project writes and reads. */
export const documentVersion = 1

/** Under which key an envelope holds its rules. */
export const ruleKeys = ["configuration", "configurations", "job"] as const
/** What stands beside them: where the rules are from. */
const besideKeys: ReadonlyArray<string> = ["version", "bucket", "region", "demo"]
/** In their order. */
export const envelopeKeys = [...besideKeys, ...ruleKeys]

/**
 * Reads a rule in either JSON shape, a list of rules, or the documents that `get`, `list` and `run` print:
 * `{ "version": 1, "configuration": {…} }` and `{ "version": 1, "configurations": […] }`.
 */
export const readValueRules = (source: Source, at: Path = []): ReadonlyArray<Reading> => {
  const { value } = source
  const read = (rule: unknown, path: Path): Reading => {
    const inner: Source = { ...source, value: rule }
    return isApiShape(rule) ? readApiJson(inner, path) : readJson(inner, path)
  }
  if (Array.isArray(value)) return value.map((rule, i) => read(rule, [...at, i]))
  if (typeof value !== "object" || value === null) return [read(value, at)]
  const envelope = value as Record<string, unknown>
  const key = ruleKeys.find((k) => Object.hasOwn(envelope, k))
  if (key === undefined && !isMisspelled(envelope)) return [read(value, at)]
  const problems = problemsOf(envelope, key).map(([finding, path]) =>
    withPosition(finding, source.position?.([...at, ...path]))
  )
  // A document of another version is not guessed at
  if (key === undefined || problems.some(({ code }) => code === otherVersion.code)) return withProblems(problems, [])
  const rules = envelope[key]
  return withProblems(
    problems,
    Array.isArray(rules) ? rules.map((rule, i) => read(rule, [...at, key, i])) : [read(rules, [...at, key])],
  )
}

/** Whether it was to be an envelope: it says where rules are from, or has nearly the right key, and nothing of a rule. */
const isMisspelled = (value: Record<string, unknown>): boolean => {
  const keys = Object.keys(value)
  return !isApiShape(value) && !keys.some(isRuleKey) &&
    keys.some((key) => besideKeys.includes(key) || nearest(key, ruleKeys) !== undefined)
}

type Problem = readonly [finding: Finding, path: Path]

const problemsOf = (envelope: Record<string, unknown>, key: string | undefined): ReadonlyArray<Problem> => {
  const version = Object.hasOwn(envelope, "version") ? envelope["version"] : documentVersion
  if (version !== documentVersion) return [[{ ...otherVersion, found: shown(version) }, ["version"]]]
  const unknown = Object.keys(envelope).filter((name) => name !== key && !besideKeys.includes(name))
  if (key === undefined && unknown.length === 0) return [[noRule, []]]
  return unknown.map((name) => [strangerTo(key, name), [name]])
}

/** What stands beside the rules was perhaps to be a part of one: to remove it is not the first thing to do. */
const strangerTo = (key: string | undefined, name: string): Finding =>
  envelopeKeys.includes(name)
    ? {
      ...unknownKey(name, name, besideKeys),
      message: "The rules stand under two keys",
      fix: `Keep ${key} or ${name}`,
    }
    : unknownKey(
      name,
      name,
      envelopeKeys,
      key === undefined ? `Put the rule under ${ruleKeys[0]}` : `Move it into ${key}, or remove it`,
    )

const otherVersion: Finding = {
  code: "document-version",
  severity: "error",
  path: "version",
  message: "The document has another version",
  allowed: String(documentVersion),
  fix: "Write it with the version of cos-inventory that reads it",
  source: "the JSON form in the README",
}

const noRule: Finding = {
  code: "no-rules",
  severity: "error",
  path: "",
  message: "The document holds no rule",
  allowed: `one of ${ruleKeys.join(", ")}`,
  fix: `Put the rule under ${ruleKeys[0]}`,
  source: "the JSON form in the README",
}
