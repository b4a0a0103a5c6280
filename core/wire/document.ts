/** A file or a body as people give it: one rule or many, in XML, or as a parsed JSON or YAML value. */
import * as Result from "effect/Result"
import { shown } from "../lint/finding.ts"
import { isApiShape, readApiJson } from "./api-json.ts"
import { readingOfDocument, rootElement, wrongRoot } from "./configuration.ts"
import { type Path, readJson, type Source } from "./json.ts"
import { listElement, readListDocument } from "./list.ts"
import type { Reading } from "./reading.ts"
import { localName, readXmlWithOffsets, type XmlProblem } from "./xml/mod.ts"

/** Reads an `InventoryConfiguration`, or every rule of a `ListInventoryConfigurationResult`, with places. */
export const readXmlRules = (text: string): Result.Result<ReadonlyArray<Reading>, XmlProblem> =>
  Result.flatMap(readXmlWithOffsets(text), (document) => {
    const name = localName(document.root.tagName)
    if (name === rootElement) return Result.succeed([readingOfDocument(document)])
    if (name === listElement) return Result.succeed(readListDocument(document).rules)
    return Result.fail(wrongRoot(document, rootElement))
  })

/** The version of the JSON documents that this project writes and reads. */
export const documentVersion = 1

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
  const key = (["configuration", "configurations", "job"] as const).find((k) => Object.hasOwn(envelope, k))
  if (key === undefined) return [read(value, at)]
  const rules = envelope[key]
  const readings = Array.isArray(rules)
    ? rules.map((rule, i) => read(rule, [...at, key, i]))
    : [read(rules, [...at, key])]
  return refuseVersion(source, envelope["version"], at, readings)
}

/** A document of another version is not guessed at. */
const refuseVersion = (
  source: Source,
  version: unknown,
  at: Path,
  readings: ReadonlyArray<Reading>,
): ReadonlyArray<Reading> => {
  if (version === undefined || version === documentVersion) return readings
  const position = source.position?.([...at, "version"])
  return [{
    draft: {},
    unread: new Set([""]),
    position: () => undefined,
    findings: [{
      code: "document-version",
      severity: "error",
      path: "version",
      message: "The document has another version",
      found: shown(version),
      allowed: String(documentVersion),
      fix: "Write it with the version of cos-inventory that reads it",
      source: "the JSON form in the README",
      ...(position === undefined ? {} : { position }),
    }],
  }]
}
