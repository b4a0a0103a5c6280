/** A rule as read from any document, before it is judged: what could be read, what could not, and where it stood. */
import * as Result from "effect/Result"
import type { Finding, Position } from "../lint/finding.ts"
import type { Draft, InventoryConfiguration, InventoryJob, Kind } from "../rule.ts"

/** A place inside a JSON or YAML value. */
export type Path = ReadonlyArray<string | number>

/** What was read of one rule, from a document or a value; nothing in it is judged or completed. */
export interface Reading {
  readonly draft: Draft
  /** Problems of shape: a word where a number belongs, an element twice. */
  readonly findings: ReadonlyArray<Finding>
  /** Paths that were there but could not be read, so that nothing calls them missing. */
  readonly unread: ReadonlySet<string>
  /** Where a path stands in the document, for documents that have lines. */
  readonly position: (path: string) => Position | undefined
  /** Where a path stands, or would stand, in the parsed value; for rules that were read of one. */
  readonly sourcePath?: (path: string) => Path | undefined
  readonly file?: string
  /** The destination as it was written, where its prefix stands in it. */
  readonly short?: string
}

/** A draft that comes from a value, not from a document. */
export const readingOf = (draft: Draft): Reading => ({
  draft,
  findings: [],
  unread: new Set(),
  position: () => undefined,
})

/**
 * Problems of a document as a whole stand with its first rule, so that there is one reading a rule; where no rule is
 * read, they are a reading by themselves, of which nothing is called missing.
 */
export const withProblems = (
  problems: ReadonlyArray<Finding>,
  readings: ReadonlyArray<Reading>,
): ReadonlyArray<Reading> => {
  if (problems.length === 0) return readings
  const [first = { ...readingOf({}), unread: new Set([""]) }, ...rest] = readings
  return [{ ...first, findings: [...problems, ...first.findings] }, ...rest]
}

/** Paths a rule cannot be without (page 30625; page 46869 forbids two of them in a job). */
const requiredPaths = {
  configuration: [
    "id",
    "isEnabled",
    "includedObjectVersions",
    "schedule.frequency",
    "destination.bucket",
    "destination.format",
  ],
  job: ["id", "includedObjectVersions", "destination.bucket", "destination.format"],
} as const

/** The required paths that a draft lacks. An empty word is as good as none. */
export const missingPaths = (draft: Draft, kind: Kind): ReadonlyArray<string> =>
  requiredPaths[kind].filter((path) => {
    const [outer = "", inner] = path.split(".")
    const value = (draft as Members)[outer]
    const found = inner === undefined ? value : (value as Members | undefined)?.[inner]
    return found === undefined || found === ""
  })

type Members = Readonly<Record<string, unknown>>

/** The rule in its one form: what says nothing is left out. Fails with the paths that are missing. */
export const completeConfiguration = (draft: Draft): Result.Result<InventoryConfiguration, ReadonlyArray<string>> => {
  const missing = lacking(draft, "configuration")
  return missing.length > 0 ? Result.fail(missing) : Result.succeed(settle(draft) as unknown as InventoryConfiguration)
}

/** The same of a one-time job (page 46869): `isEnabled` and `schedule` are left out, whatever they hold. */
export const completeJob = (draft: Draft): Result.Result<InventoryJob, ReadonlyArray<string>> => {
  const missing = lacking(draft, "job")
  if (missing.length > 0) return Result.fail(missing)
  const { isEnabled: _, schedule: __, ...job } = draft
  return Result.succeed(settle(job) as unknown as InventoryJob)
}

/** A tag without its key or its value is no tag; an empty one of them is there. */
const lacking = (draft: Draft, kind: Kind): ReadonlyArray<string> => [
  ...missingPaths(draft, kind),
  ...(draft.filter?.tags ?? []).flatMap((tag, i) =>
    (["key", "value"] as const).filter((half) => tag[half] === undefined).map((half) => `filter.tags[${i}].${half}`)
  ),
]

/** Drops empty text, empty lists and containers in which nothing is left: on the wire they mean the same as absence. */
export const settle = <D extends Draft>(value: D): D => {
  const { filter, destination, optionalFields, extra, ...rest } = value
  return {
    ...rest,
    ...present("filter", filter && settleFilter(filter)),
    ...present("optionalFields", settleWords(optionalFields)),
    ...present("destination", destination && dropEmpty(destination)),
    ...present("extra", (extra as ReadonlyArray<unknown> | undefined)?.length === 0 ? undefined : extra),
  } as D
}

const settleWords = (words: ReadonlyArray<string> | undefined): ReadonlyArray<string> | undefined => {
  const some = words?.filter((word) => word !== "")
  return some?.length === 0 ? undefined : some
}

const settleFilter = (filter: NonNullable<Draft["filter"]>): Draft["filter"] => {
  const { tags, period, ...rest } = dropEmpty(filter)
  const times = dropEmpty(period ?? {})
  const settled = {
    ...rest,
    ...present("tags", tags?.map(({ key, value }) => ({ key, value }))),
    ...present("period", Object.keys(times).length > 0 ? times : undefined),
  }
  return Object.keys(settled).length === 0 ? undefined : settled
}

const dropEmpty = <T extends object>(value: T): T =>
  Object.fromEntries(
    Object.entries(value).filter(([, v]) => v !== undefined && v !== "" && !(Array.isArray(v) && v.length === 0)),
  ) as T

const present = (key: string, value: unknown): Record<string, unknown> => value === undefined ? {} : { [key]: value }
