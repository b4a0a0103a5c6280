/** Files against files, bucket by bucket. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { type Finding, isError, lint } from "../core/lint/mod.ts"
import type { InventoryConfiguration, InventoryJob } from "../core/rule.ts"
import type { BucketRef } from "../core/bucket.ts"
import { type RuleSet, type Selector, type Target, targetsOf, type Wanted } from "../core/ruleset/mod.ts"
import { completeConfiguration, completeJob } from "../core/wire/reading.ts"
import { readRuleFiles } from "./desired.ts"
import type { World } from "./world.ts"

/** The same bucket on both sides, as files have it; without a name where neither side names any. */
export interface Pair {
  readonly bucket?: string
  readonly region?: string
  readonly left: ReadonlyArray<InventoryConfiguration | InventoryJob>
  readonly right: ReadonlyArray<InventoryConfiguration | InventoryJob>
}

interface Pairs {
  readonly pairs: ReadonlyArray<Pair>
  /** Whether there are buckets in the files of both sides, so that they might have been meant. */
  readonly bothName: boolean
}

/**
 * Files against files, without a network: so a pattern of bucket names is held against the same pattern, and rules of
 * documents that name no bucket against those of every bucket that the other side names.
 */
export const filePairs = (
  left: string,
  right: string,
  region: string | undefined,
): Effect.Effect<Pairs, ConfigError | InvalidInput, World> =>
  Effect.gen(function* () {
    const [before, after] = yield* Effect.forEach([left, right], (path) => readRuleFiles([path]))
    const sets = [before!, after!].map(({ files }) => files.flatMap((file) => file.sets))
    const named = namedBy(sets.flat(), region)
    const refs = named.length > 0 ? named : [{ bucket: "", ...(region === undefined ? {} : { region }) }]
    const sides = sets.map((side) => targetsOf(side.map((set) => ({ set, buckets: bucketsOf(set, refs) }))))
    const findings = [
      ...before!.unread,
      ...after!.unread,
      ...sets.flat().flatMap((set) => set.findings),
      ...sides.flat().flatMap(findingsOf),
    ]
    if (findings.some(isError)) return yield* new InvalidInput({ findings: once(findings) })
    const rulesIn = (side: ReadonlyArray<Target>, bucket: string) =>
      (side.find((target) => target.bucket === bucket)?.wanted ?? []).map(complete)
    return {
      pairs: refs.map((ref): Pair => ({
        ...(ref.bucket === "" ? {} : ref),
        left: rulesIn(sides[0]!, ref.bucket),
        right: rulesIn(sides[1]!, ref.bucket),
      })),
      bothName: sets.every((side) => side.some(({ selectors }) => selectors.length > 0)),
    }
  })

/** Every bucket or pattern once, with a region where either side says one. */
const namedBy = (sets: ReadonlyArray<RuleSet>, region: string | undefined): ReadonlyArray<BucketRef> => {
  const byName = new Map<string, BucketRef>()
  for (const selector of sets.flatMap((set) => set.selectors)) {
    const bucket = nameOf(selector)
    const at = byName.get(bucket)?.region ?? selector.region
    byName.set(bucket, { bucket, ...(at === undefined ? {} : { region: at }) })
  }
  return Array.from(
    byName.values(),
    (ref) => ref.region !== undefined || region === undefined ? ref : { ...ref, region },
  )
}

/** A pattern of one region chooses other buckets than the same one of another. */
const nameOf = ({ bucket, match = "", region }: Selector): string =>
  bucket ?? (region === undefined ? match : `${match}@${region}`)

const bucketsOf = ({ selectors }: RuleSet, refs: ReadonlyArray<BucketRef>): ReadonlyArray<BucketRef> => {
  if (selectors.length === 0) return refs
  const names = new Set(selectors.map(nameOf))
  return refs.filter(({ bucket }) => names.has(bucket))
}

/** What keeps a rule from being read; whether it is a good one is not judged, so that any two can be compared. */
const findingsOf = ({ region, wanted }: Target): ReadonlyArray<Finding> => {
  const seen = new Set<string>()
  return wanted.flatMap(({ reading, kind }) => {
    const { id } = reading.draft
    const isTwin = id !== undefined && seen.has(id)
    if (id !== undefined) seen.add(id)
    const lacking = isComplete({ reading, kind })
      ? []
      : lint(reading, { kind, ...(region === undefined ? {} : { region }) }).filter(({ code }) => absences.has(code))
    return [
      // A variable may have no value where nobody knows the bucket; there its name is compared
      ...reading.findings.filter((f) => isError(f) && f.code !== "variable-empty"),
      ...lacking,
      ...(isTwin ? [twin(id, reading)] : []),
    ].map((finding) => reading.file === undefined ? finding : { ...finding, file: reading.file })
  })
}

/** A rule of many buckets says the same of each. */
const once = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => [
  ...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values(),
]

const absences: ReadonlySet<string> = new Set(["required", "id-empty"])

const isComplete = ({ reading, kind }: Pick<Wanted, "reading" | "kind">): boolean =>
  Result.isSuccess(kind === "job" ? completeJob(reading.draft) : completeConfiguration(reading.draft))

const complete = ({ reading, kind }: Wanted): InventoryConfiguration | InventoryJob =>
  kind === "job"
    ? Result.getOrThrow(completeJob(reading.draft))
    : Result.getOrThrow(completeConfiguration(reading.draft))

const twin = (id: string, reading: Wanted["reading"]): Finding => {
  const position = reading.position("id")
  return {
    code: "id-repeated",
    severity: "error",
    path: "id",
    message: "The id stands twice for one bucket",
    found: id,
    allowed: "each id once",
    fix: "Rename or remove one of the two rules",
    source: "page 30625: a PUT replaces the rule of the same id",
    ...(position === undefined ? {} : { position }),
  }
}
