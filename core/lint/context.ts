/** What a lint row may look at: one rule as far as it was read, and what is known around it. */
import type { Draft, Kind } from "../rule.ts"
import type { Edit, Severity } from "./finding.ts"

export interface Context {
  readonly kind: Kind
  /** The source bucket's region, where the caller knows it. */
  readonly region?: string
}

export interface Row {
  readonly code: string
  readonly severity: Severity
  /** What is wrong, without the value. */
  readonly message: string
  readonly source: string
  /** It says that something is not there, so it is silent where a part of that place could not be read. */
  readonly isAboutAbsence?: true
  readonly check: (draft: Draft, context: Context) => Iterable<Hit>
}

/** One place that breaks a row. */
export interface Hit {
  readonly path: string
  readonly found?: unknown
  readonly allowed: string
  readonly fix: string
  /** Where the mend is certain. */
  readonly edit?: Edit
  /** Replaces the row's message where a place needs its own. */
  readonly message?: string
}
