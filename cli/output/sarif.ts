/** Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about. */
import { codes, type Finding, type Severity } from "../../core/lint/mod.ts"
import { printable } from "../../core/redact.ts"
import { version } from "../version.ts"
import { bucketsText } from "./findings.ts"
import { pageOf } from "./pages.ts"

/** A log of one run, whose rules are those that something was found by. */
export const sarifOf = (findings: ReadonlyArray<Finding>) => {
  const ids = [...new Set(findings.map(({ code }) => code))].toSorted()
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{
      tool: {
        driver: {
          name: "cos-inventory",
          version,
          semanticVersion: version,
          rules: ids.map((id) => ruleOf(id, findings)),
        },
      },
      columnKind: "utf16CodeUnits",
      results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.code))),
    }],
  }
}

const levels: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" }

const known: ReadonlyMap<string, Partial<(typeof codes)[number]>> = new Map(codes.map((code) => [code.code, code]))

/** What the table does not say of a code, its first finding says. */
const ruleOf = (id: string, findings: ReadonlyArray<Finding>) => {
  const first = findings.find(({ code }) => code === id)!
  const { what = first.message, why = first.message, severity, source } = { ...first, ...known.get(id) }
  const page = pageOf(source)
  return {
    id,
    shortDescription: { text: printable(what) },
    fullDescription: { text: printable(why) },
    ...(page === undefined ? {} : { helpUri: page }),
    defaultConfiguration: { level: levels[severity] },
  }
}

const resultOf = (finding: Finding, ruleIndex: number) => {
  const { code, severity, file, path, position } = finding
  const region = position === undefined ? {} : { region: { startLine: position.line, startColumn: position.column } }
  const physical = file === undefined ? {} : { physicalLocation: { artifactLocation: { uri: uriOf(file) }, ...region } }
  const logical = path === "" ? {} : { logicalLocations: [{ fullyQualifiedName: path }] }
  const location = { ...physical, ...logical }
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: printable(textOf(finding)) },
    ...(Object.keys(location).length === 0 ? {} : { locations: [location] }),
  }
}

const textOf = (finding: Finding): string => {
  const { message, found, allowed, fix } = finding
  const buckets = bucketsText(finding)
  return [
    message,
    ...(found === undefined ? [] : [`Found: ${found === "" ? "nothing" : found}`]),
    ...(buckets === undefined ? [] : [`Buckets: ${buckets}`]),
    `Allowed: ${allowed}`,
    `Fix: ${fix}`,
  ].join(". ")
}

/** Relative to where the command ran, as hosts take the root of the repository to be; a whole path is a file's address. */
const uriOf = (file: string): string => {
  const path = file.replaceAll("\\", "/").replace(/^(?:\.\/+)+/u, "")
  const encoded = path.split("/").map((part) => encodeURIComponent(part.toWellFormed())).join("/")
  if (path.startsWith("/")) return `file://${encoded}`
  return /^[A-Za-z]:\//u.test(path) ? `file:///${encoded.replace("%3A", ":")}` : encoded
}
