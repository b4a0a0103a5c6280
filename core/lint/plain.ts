/** Findings as data. */
import { withAddress } from "../pages.ts"
import { redactFields } from "../redact.ts"
import type { Finding, Severity } from "./finding.ts"

/** A finding as documents have it. */
export const plainFields = (finding: Finding): Record<string, unknown> =>
  redactFields({ ...finding, source: withAddress(finding.source) })

/** How many findings there are of each severity. */
export interface FindingCounts {
  readonly errors: number
  readonly warnings: number
  readonly notes: number
}

export const findingCounts = (findings: ReadonlyArray<Finding>): FindingCounts => {
  const count = (severity: Severity) => findings.filter((finding) => finding.severity === severity).length
  return { errors: count("error"), warnings: count("warning"), notes: count("info") }
}
