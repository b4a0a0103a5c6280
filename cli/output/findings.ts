/** Findings as people read them: one block each, and how many there are. */
import { codes } from "../../core/advice/mod.ts"
import { counted } from "../../core/counted.ts"
import { type Finding, type FindingCounts, placeOf, plainFields, type Severity } from "../../core/lint/mod.ts"
import { quotedLine } from "../../core/redact.ts"
import { withAddress } from "./pages.ts"

export { findingCounts as countsOf } from "../../core/lint/mod.ts"

export const severityWords: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", info: "note" }

/** `3 errors, 2 warnings, 1 note in 4 files; 5 mended` */
export const summaryOf = ({ errors, warnings, notes }: FindingCounts, files: number, mended?: number): string => {
  const parts = [[errors, "error"], [warnings, "warning"], [notes, "note"]] as const
  const found = parts.filter(([count]) => count > 0).map(([count, word]) => counted(count, word))
  return `${found.length === 0 ? "Nothing found" : found.join(", ")} in ${counted(files, "file")}${
    mended === undefined ? "" : `; ${mended} mended`
  }`
}

/** `file:line:column` comes where editors and terminals look for it. */
export const blockOf = (finding: Finding): string => {
  const { severity, code, message, found, allowed, fix, source } = finding
  const place = placeOf(finding)
  const why = whys.get(code)
  const buckets = bucketsText(finding)
  return (
    [
      `${severityWords[severity]}: ${place === "" ? "" : `${place}: `}${message} [${code}]`,
      ...(found === undefined ? [] : [`    found:   ${found === "" ? "nothing" : found}`]),
      ...(buckets === undefined ? [] : [`    buckets: ${buckets}`]),
      `    allowed: ${allowed}`,
      ...(why === undefined ? [] : [`    why:     ${why}`]),
      `    fix:     ${fix}`,
      `    source:  ${withAddress(source)}`,
    ].map(quotedLine).join("\n")
  )
}

/** A finding as data, with all that its block says. */
export const findingFields = (finding: Finding): Record<string, unknown> => {
  const why = whys.get(finding.code)
  return { ...plainFields(finding), ...(why === undefined ? {} : { why }) }
}

/** A finding that is no more, where it was. */
export const fixedLine = (finding: Finding): string => {
  const place = placeOf(finding)
  return quotedLine(`mended: ${place === "" ? "" : `${place}: `}${finding.message} [${finding.code}]`)
}

/** Which buckets a finding concerns, where its file is for several. */
export const bucketsText = ({ bucket, buckets = 1 }: Finding): string | undefined =>
  bucket === undefined ? undefined : buckets === 1 ? bucket : `${buckets}, the first ${bucket}`

const whys: ReadonlyMap<string, string> = new Map(codes.map(({ code, why }) => [code, why]))
