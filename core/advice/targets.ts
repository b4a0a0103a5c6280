/** Judging everything that documents want, bucket by bucket: each rule, and the rules beside each other. */
import { parseBucket } from "../bucket.ts"
import type { RuleSet, Target, Wanted } from "../ruleset/mod.ts"
import { fleetRows, type PlacedHit, targetRows } from "./beside/mod.ts"
import { type AdviceContext, type Code, findingOf } from "../lint/mod.ts"
import { byPlace, type Finding, keyOf } from "../lint/finding.ts"
import { advise } from "./advise.ts"
import { isStandInRegion, withoutStandInRegion, withoutStandIns } from "./stand-in.ts"

export interface Moment {
  /** Epoch seconds. */
  readonly now: number
  /** Targets that stand for buckets which are not known, and the glob that these match, where there is one. */
  readonly standIns?: ReadonlyMap<string, string | undefined>
  /** Targets that a document is in for what else is there, not for itself: what it says of them, it says elsewhere. */
  readonly reached?: ReadonlyMap<RuleSet, ReadonlySet<string>>
}

/**
 * All findings of the targets, by file and place, each once, however many buckets it concerns.
 *
 * **Gotchas**
 *
 * Rules of a target have their variables replaced, so that an edit of a destination prefix is left out here: `advise`
 * over the document's own rules has it.
 */
export const lintTargets = (targets: ReadonlyArray<Target>, moment: Moment): ReadonlyArray<Finding> => {
  const { add, all } = collection(targets, moment)
  const { now, standIns } = moment
  const tellOf = ({ bucket, region }: Target): Pick<AdviceContext, "tell"> =>
    standIns?.has(bucket) === true
      ? { tell: (text: string) => withoutStandIns(text, bucket, standIns.get(bucket)) }
      : isStandInRegion(region)
      ? { tell: withoutStandInRegion }
      : {}
  const judged = (target: Target): ReadonlyArray<Finding> => {
    const { bucket, region } = target
    const known = region === undefined || isStandInRegion(region) ? {} : { region }
    const told = tellOf(target)
    const context = { bucket, now, ...known, ...told }
    return [
      ...target.findings,
      ...target.wanted.flatMap(({ reading, kind }) => advise(reading, { kind, ...context })),
      ...targetRows.flatMap((row) => Array.from(row.check(target), (hit) => besideFinding(row, hit, told.tell))),
    ]
  }
  const findingsOf = remembering(judged, standIns)
  for (const target of targets) for (const finding of findingsOf(target)) add(finding, target)
  for (const row of fleetRows) {
    for (const hit of row.check(targets)) add(besideFinding(row, hit, tellOf(hit.target).tell), hit.target)
  }
  return all()
}

/**
 * Buckets that share their rules share what is said of them: of the bucket itself a row looks at its APPID, and whether
 * the reports go into it.
 */
const remembering = (
  judged: (target: Target) => ReadonlyArray<Finding>,
  standIns: Moment["standIns"],
): (target: Target) => ReadonlyArray<Finding> => {
  const known = new Map<Target["wanted"], Map<string, ReadonlyArray<Finding>>>()
  return (target) => {
    const { bucket, wanted } = target
    const isOwn = wanted.some(({ reading }) => reading.draft.destination?.bucket?.endsWith(`:${bucket}`) === true)
    if (isOwn || standIns?.has(bucket) === true || target.findings.length > 0) return judged(target)
    const appid = parseBucket(bucket)?.appid ?? bucket
    const byAppid = known.get(wanted) ?? new Map<string, ReadonlyArray<Finding>>()
    const findings = byAppid.get(appid) ?? judged(target)
    known.set(wanted, byAppid.set(appid, findings))
    return findings
  }
}

const besideFinding = (
  row: Code & { readonly message: string },
  hit: PlacedHit,
  tell: AdviceContext["tell"],
): Finding => {
  const { file } = hit.at
  const position = hit.at.position(hit.path)
  return {
    ...findingOf(row, hit, tell),
    ...(file === undefined ? {} : { file }),
    ...(position === undefined ? {} : { position }),
  }
}

interface Seen {
  readonly finding: Finding
  readonly first: Target
  /** Whether its file is in the first target for what else is there. */
  readonly isAside: boolean
  /** Findings come target by target, so that the last is enough to count them. */
  last: Target
  count: number
}

/** Findings as they come, those of one code and place as one. */
const collection = (targets: ReadonlyArray<Target>, { standIns, reached }: Moment) => {
  const seen = new Map<string, Seen>()
  const asides = reached === undefined ? undefined : asidesOf(targets, reached)
  const add = (finding: Finding, target: Target): void => {
    const key = keyOf(finding)
    const known = seen.get(key)
    const isAside = finding.file !== undefined && asides?.get(finding.file)?.has(target) === true
    if (known === undefined || (known.isAside && !isAside)) {
      seen.set(key, { finding, first: target, isAside, last: target, count: 1 })
    } else if (known.last !== target && (known.isAside || !isAside)) {
      known.last = target
      known.count++
    }
  }
  const all = (): ReadonlyArray<Finding> => {
    const shared = filesOfSeveral(targets, reached)
    return Array.from(seen.values(), ({ finding, first, isAside, count }) => {
      const bucket = standIns?.has(first.bucket) === true ? standIns.get(first.bucket) : first.bucket
      const isShared = finding.file !== undefined && (isAside || shared.has(finding.file)) && bucket !== undefined
      return { ...withoutFilled(finding), ...(isShared ? { bucket, buckets: count } : {}) }
    }).toSorted(byPlace)
  }
  return { add, all }
}

type Reached = NonNullable<Moment["reached"]>

/** The targets that each file is in only for what else is there. */
const asidesOf = (
  targets: ReadonlyArray<Target>,
  reached: Reached,
): ReadonlyMap<string, ReadonlySet<Target>> => {
  const asides = new Map<string, Set<Target>>()
  for (const target of targets) {
    const documents = [...documentsOf(target)]
    const own = new Set(documents.filter(({ from }) => !isReached(from, target, reached)).map(({ file }) => file))
    for (const { file } of documents) {
      if (file === undefined || own.has(file)) continue
      const known = asides.get(file)
      if (known === undefined) asides.set(file, new Set([target]))
      else known.add(target)
    }
  }
  return asides
}

const documentsOf = function* ({ wanted, manages }: Target) {
  for (const { reading: { file }, from } of wanted) yield { file, from }
  for (const { file, from } of manages) yield { file, from }
}

const isReached = (from: RuleSet | undefined, { bucket }: Target, reached: Reached | undefined): boolean =>
  from !== undefined && reached?.get(from)?.has(bucket) === true

const withoutFilled = (finding: Finding): Finding => {
  if (finding.edit?.path !== "destination.prefix") return finding
  const { edit: _, ...rest } = finding
  return rest
}

/** Files whose rules are for more than one bucket. */
const filesOfSeveral = (targets: ReadonlyArray<Target>, reached: Reached | undefined): ReadonlySet<string> => {
  const first = new Map<string, Target>()
  const several = new Set<string>()
  for (const target of targets) {
    const own = target.wanted.filter(({ from }) => !isReached(from, target, reached))
    for (const file of new Set(own.map(fileOf))) {
      if (file === undefined) continue
      const known = first.get(file)
      if (known === undefined) first.set(file, target)
      else several.add(file)
    }
  }
  return several
}

const fileOf = ({ reading }: Wanted): string | undefined => reading.file
