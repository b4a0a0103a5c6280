/** Findings as SARIF 2.1.0, which code hosts show beside the lines that they are about. */
import { fileName } from "../../adapters/files.ts"
import { crc64 } from "../../core/crc64.ts"
import { codes } from "../../core/advice/mod.ts"
import { type Finding, type Severity } from "../../core/lint/mod.ts"
import { quotedLine } from "../../core/redact.ts"
import { version } from "../version.ts"
import { bucketsText } from "./findings.ts"
import { pageOf, withAddress } from "./pages.ts"

/** A log of one run, whose rules are those that something was found by. */
export const sarifOf = (findings: ReadonlyArray<Finding>) => {
  const ids = [...new Set(findings.map(({ code }) => code))].toSorted()
  const printOf = fingerprints()
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
      results: findings.map((finding) => resultOf(finding, ids.indexOf(finding.code), printOf(finding))),
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
    shortDescription: { text: quotedLine(what) },
    fullDescription: { text: quotedLine(why) },
    help: { text: quotedLine(`${sentence(what)} ${sentence(why)} Source: ${sentence(withAddress(source))}`) },
    ...(page === undefined ? {} : { helpUri: page }),
    defaultConfiguration: { level: levels[severity] },
  }
}

const resultOf = (finding: Finding, ruleIndex: number, fingerprint: string) => {
  const { code, severity, file, path, position } = finding
  // Hosts leave out what has no line
  const region = { startLine: position?.line ?? 1, startColumn: position?.column ?? 1 }
  const physical = file === undefined || file === fileName("-")
    ? {}
    : { physicalLocation: { artifactLocation: { uri: uriOf(file) }, region } }
  const logical = path === "" ? {} : { logicalLocations: [{ fullyQualifiedName: quotedLine(path) }] }
  const location = { ...physical, ...logical }
  return {
    ruleId: code,
    ruleIndex,
    level: levels[severity],
    message: { text: quotedLine(textOf(finding)) },
    ...(Object.keys(location).length === 0 ? {} : { locations: [location] }),
    partialFingerprints: { "cosInventory/v1": fingerprint },
  }
}

/** The same in every run, wherever the lines and the folder move to: of several that are alike the second has a 2. */
const fingerprints = (): (finding: Finding) => string => {
  const counts = new Map<string, number>()
  return ({ code, file = "", path, found = "" }) => {
    const digest = crc64()
    digest.update(new TextEncoder().encode(JSON.stringify([code, file.split(/[\\/]/u).at(-1), path, found])))
    const print = BigInt(digest.digest()).toString(16).padStart(16, "0")
    const count = (counts.get(print) ?? 0) + 1
    counts.set(print, count)
    return `${print}:${count}`
  }
}

const textOf = (finding: Finding): string => {
  const { message, found, allowed, fix } = finding
  const buckets = bucketsText(finding)
  return [
    found === undefined || found === "" ? message : `${message}: ${found}`,
    ...(buckets === undefined ? [] : [`This concerns ${buckets}`]),
    `What is allowed: ${allowed}`,
    // A stop behind it would be taken for a part of it
    fix.replace(/^Write (\S+)$/u, 'Write "$1"'),
  ].map(sentence).join(" ")
}

const sentence = (text: string): string => /[.?!]$/u.test(text) ? text : `${text}.`

/** Relative to where the command ran, as hosts take the root of the repository to be; a whole path is a file's address. */
const uriOf = (file: string): string => {
  const path = withoutDetours(file.replaceAll("\\", "/"))
  const encoded = path.split("/").map((part) => encodeURIComponent(part.toWellFormed())).join("/")
  if (path.startsWith("/")) return `file://${encoded}`
  return /^[A-Za-z]:\//u.test(path) ? `file:///${encoded.replace("%3A", ":")}` : encoded
}

/** `a/./b//../c` as `a/c`; only what leads out of the folder at the beginning stays. */
const withoutDetours = (path: string): string => {
  const parts: Array<string> = []
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop()
    else if (part !== ".." || !path.startsWith("/")) parts.push(part)
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`
}
