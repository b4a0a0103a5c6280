/**
 * A rules document: rules, and the buckets they belong to.
 *
 * ```yaml
 * buckets: [examplebucket-1250000000@ap-guangzhou, { match: "logs-*", region: ap-guangzhou }]
 * manages: ["daily-*"]
 * defaults: { destination: { bucket: inventorybucket-1250000000, format: CSV } }
 * rules: [{ id: daily-logs, schedule: { frequency: Daily }, protect: true }]
 * ```
 *
 * A document that holds rules alone, in any form that is read elsewhere, is one without buckets and defaults.
 */
import type { Finding, Position } from "../lint/finding.ts"
import type { Kind } from "../rule.ts"
import type { Reading } from "../wire/reading.ts"

export interface RuleSet {
  /** Whether it is a document of its own form, in which `${bucket}` and the like are variables. */
  readonly isDocument: boolean
  /** Where its rules belong; without any, the caller chooses. */
  readonly selectors: ReadonlyArray<Selector>
  /** It names no bucket on purpose, or none that could be read: the caller must not choose. */
  readonly isNowhere?: boolean
  /** The ids that it owns: only these may be deleted for standing in no document. */
  readonly manages: ReadonlyArray<Managed>
  readonly entries: ReadonlyArray<Entry>
  /** Problems of the document itself; those of a rule stand with its reading. */
  readonly findings: ReadonlyArray<Finding>
  readonly file?: string
  /** Where its rules begin. */
  readonly position?: Position
}

/** One bucket by its name, or all whose names match. */
export interface Selector {
  readonly bucket?: string
  /** A glob over the full names. */
  readonly match?: string
  readonly region?: string
  readonly position?: Position
}

export interface Managed {
  /** A glob over ids. */
  readonly glob: string
  readonly position?: Position
}

export interface Entry {
  /** With the document's defaults in it, and its variables as they are written. */
  readonly reading: Reading
  readonly kind: Kind
  /** Never disabled, never deleted. */
  readonly protect: boolean
}
