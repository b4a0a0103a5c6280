/** What a lint row may look at: one rule as far as it was read, and what is known around it. */
import type { Draft, Kind } from "../rule.ts"
import { type Edit, type Finding, type Severity, shown } from "./finding.ts"

export interface Context {
  readonly kind: Kind
  /** The source bucket's region, where the caller knows it. */
  readonly region?: string
}

/** What advice may look at besides. */
export interface AdviceContext extends Context {
  /** The source bucket, `<name>-<appid>`, where the caller knows it. */
  readonly bucket?: string
  /** The destination as it was written, where its prefix stands in it. */
  readonly short?: string
  /** Epoch seconds; without it, nothing is said of past and future. */
  readonly now?: number
  /** Text as people are told it, before it is shortened: what stands for an unknown bucket is not shown. */
  readonly tell?: (text: string) => string
}

/** A kind of finding, as it is listed. */
export interface Code {
  /** Stable, lower-case. */
  readonly code: string
  readonly severity: Severity
  /** Why it matters, in one sentence. */
  readonly why: string
  readonly source: string
}

export interface Row<C extends Context = Context> extends Code {
  /** What is wrong, without the value. */
  readonly message: string
  /** It says that something is not there, so it is silent where a part of that place could not be read. */
  readonly isAboutAbsence?: true
  readonly check: (draft: Draft, context: C) => Iterable<Hit>
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

/** What a row has to say about one place, its position apart. */
export const findingOf = (
  row: Code & { readonly message: string },
  { path, message, found, allowed, fix, edit }: Hit,
  tell: (text: string) => string = (text) => text,
): Finding => ({
  code: row.code,
  severity: row.severity,
  path,
  message: tell(message ?? row.message),
  ...(found === undefined ? {} : { found: shown(typeof found === "string" ? tell(found) : found) }),
  allowed: tell(allowed),
  fix: tell(fix),
  source: row.source,
  ...(edit === undefined ? {} : { edit }),
})
