/** Which buckets each rules document is for: those it names, narrowed by those that flags choose. */
import * as Effect from "effect/Effect"
import type { CallError } from "../core/client.ts"
import { isMatch } from "../core/glob.ts"
import { standInBucket, standInRegion } from "../core/advice/mod.ts"
import { type Finding, placeOf } from "../core/lint/mod.ts"
import type { BucketRef } from "../core/bucket.ts"
import type { RuleSet, Selector } from "../core/ruleset/mod.ts"
import type { BucketEntry } from "../core/wire/service.ts"
import type { ChosenBucket } from "./chosen.ts"
import type { Wired } from "./connection.ts"
import { type Failure, reporting } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { missedBuckets } from "./missed.ts"

export interface Placed {
  readonly set: RuleSet
  readonly buckets: ReadonlyArray<BucketRef>
}

interface Placing {
  readonly placed: ReadonlyArray<Placed>
  /**
   * Buckets whose region nothing says, and the one that stands for all where nothing says a bucket. Each is an error;
   * that another stands for it shows what else is wrong, and keeps its rules from being more.
   */
  readonly unlocated: ReadonlyMap<string, string | undefined>
  readonly findings: ReadonlyArray<Finding>
}

/**
 * The documents with their buckets, each bucket with its region.
 *
 * A region that is said anywhere counts for the bucket everywhere; only then the account's word, and the usual region.
 *
 * Where rules are to be pruned, a `match` must find what it means: rules that it does not bring would be deleted.
 */
export const placedBuckets = (
  sets: ReadonlyArray<RuleSet>,
  fleet: Fleet,
  { prune }: { readonly prune: boolean } = { prune: false },
): Effect.Effect<Placing, CallError | Failure, Wired> =>
  Effect.gen(function* () {
    const asksAccount = fleet.isAll || sets.some(({ selectors }) => selectors.some(({ match }) => match !== undefined))
    const account = asksAccount ? yield* listed(sets, fleet) : []
    const chosen = new Map(fleet.named.map((ref) => [ref.bucket, ref]))
    const own = fleet.isAll ? new Set(account.map(({ name }) => name)) : undefined
    const found = sets.map((set) => isForAny(set) ? anyOf(set, fleet) : namedBy(set, account, own, prune))
    const narrowed = found.map(({ placed: { set, buckets }, findings }) => ({
      placed: { set, buckets: chosen.size === 0 ? buckets : buckets.filter(({ bucket }) => chosen.has(bucket)) },
      findings,
    }))
    const known = located(narrowed.map((one) => one.placed), fleet)
    const placed = known.map(({ set, buckets }) => ({
      set,
      buckets: buckets.map(({ bucket, region = standInRegion }) => ({ bucket, region })),
    }))
    const nowhere = known.flatMap(({ buckets }) => buckets.filter(({ region }) => region === undefined))
    return {
      placed,
      unlocated: new Map([
        ...nowhere.map(({ bucket }) => [bucket, bucket] as const),
        ...(found.some(({ isStandIn }) => isStandIn === true) ? [[standInBucket(), undefined] as const] : []),
      ]),
      findings: [
        ...narrowed.flatMap((one) => one.findings),
        ...fleet.isAll ? [] : notNamed(found.map((one) => one.placed), fleet.named),
        ...known.flatMap(({ set, buckets }) => buckets.flatMap((ref) => twoRegions(ref, chosen.get(ref.bucket), set))),
        ...withoutRegion(known),
        ...missedBuckets(known, { named: fleet.isAll ? [] : fleet.named, usual: fleet.usual, account, prune }),
        ...fleet.oneRegion === undefined ? [] : sets.flatMap((set) => ofOneRegion(set, fleet.oneRegion!)),
      ],
    }
  })

/** Whoever did not ask for all buckets by a flag is told which line of which file does. */
const listed = (
  sets: ReadonlyArray<RuleSet>,
  { account, isAll, form }: Fleet,
): Effect.Effect<ReadonlyArray<BucketEntry>, CallError | Failure, Wired> => {
  if (isAll) return account
  const [first] = sets.flatMap((set) =>
    set.selectors.filter(({ match }) => match !== undefined).map((selector) =>
      placeOf({ ...at(set, selector), path: "" })
    )
  )
  return account.pipe(reporting(
    `list the account's buckets, which \`match\`${first === undefined || first === "" ? "" : ` in ${first}`} needs`,
    form,
    (error) =>
      error._tag === "CosError" && error.reason === "denied"
        ? "Grant GetService, by which buckets are listed, or name the buckets"
        : undefined,
  ))
}

interface Found {
  readonly placed: Placed
  readonly findings: ReadonlyArray<Finding>
  readonly isStandIn?: true
}

const isForAny = ({ selectors, isNowhere }: RuleSet): boolean => selectors.length === 0 && isNowhere !== true

/** Of a document that names no bucket. */
const anyOf = (set: RuleSet, { named, usual, region }: Fleet): Found => {
  const buckets = named.length > 0 ? named : usual === undefined ? [] : [usual]
  if (buckets.length === 0) {
    return {
      placed: { set, buckets: [{ bucket: standInBucket(), region: region ?? standInRegion }] },
      // What holds no rules is told as that alone
      findings: set.entries.some(({ reading }) => reading.unread.has("")) ? [] : [noBucket(set)],
      isStandIn: true,
    }
  }
  return { placed: { set, buckets: buckets.map(({ bucket, region }) => refOf(bucket, region)) }, findings: [] }
}

/** `own` are the names that a bucket must be among, where all of the account are chosen. */
const namedBy = (
  set: RuleSet,
  account: ReadonlyArray<BucketEntry>,
  own: ReadonlySet<string> | undefined,
  prune: boolean,
): Found => {
  const findings: Array<Finding> = []
  const buckets = set.selectors.flatMap((selector): ReadonlyArray<BucketRef> => {
    const { bucket, match, region } = selector
    if (bucket !== undefined) {
      if (own?.has(bucket) === false) findings.push(foreign(set, selector, bucket))
      return [refOf(bucket, region)]
    }
    const found = account.filter(({ name, location }) =>
      isMatch(match ?? "", name) && (region === undefined || location === region)
    )
    if (found.length === 0) findings.push(noMatch(set, selector, prune))
    return found.map(({ name, location }) => refOf(name, location))
  })
  return { placed: { set, buckets }, findings }
}

const refOf = (bucket: string, region: string | undefined): BucketRef => ({
  bucket,
  ...(region === undefined ? {} : { region }),
})

const located = (placed: ReadonlyArray<Placed>, fleet: Fleet): ReadonlyArray<Placed> => {
  const said = new Map<string, string>()
  const named = [...placed.flatMap(({ buckets }) => buckets), ...fleet.named]
  for (const { bucket, region } of named) if (region !== undefined && !said.has(bucket)) said.set(bucket, region)
  const locate = (ref: BucketRef): BucketRef =>
    ref.region === undefined ? fleet.located(refOf(ref.bucket, said.get(ref.bucket))) : ref
  return placed.map(({ set, buckets }) => ({ set, buckets: buckets.map(locate) }))
}

/** Where a finding about a document's bucket stands. */
const at = (set: RuleSet, selector: Selector | undefined) => ({
  path: "buckets",
  ...(set.file === undefined ? {} : { file: set.file }),
  ...(selector?.position === undefined ? {} : { position: selector.position }),
})

const selectorOf = ({ selectors }: RuleSet, name: string): Selector | undefined =>
  selectors.find(({ bucket }) => bucket === name)

const source = "the rules file in the README"

const noBucket = (set: RuleSet): Finding => ({
  code: "bucket-missing",
  severity: "error",
  message: "Nothing says which bucket the rules belong to",
  allowed: "<name>-<appid>@<region>",
  fix: "Add buckets to the file, or give --bucket, --buckets-from, --all-buckets or COS_BUCKET",
  source,
  path: "",
  ...(set.file === undefined ? {} : { file: set.file }),
  position: set.position ?? set.entries[0]?.reading.position("") ?? { line: 1, column: 1 },
})

const noMatch = (set: RuleSet, selector: Selector, prune: boolean): Finding => ({
  code: "match-nothing",
  severity: prune ? "error" : "warning",
  message: "No bucket of the account matches",
  found: `${selector.match}${selector.region === undefined ? "" : ` in ${selector.region}`}`,
  allowed: "a glob over <name>-<appid> of the account's own buckets",
  fix: "Correct or remove it; `cos-inventory buckets` lists them",
  source,
  ...at(set, selector),
})

/** An endpoint that holds a region lists no bucket of another. */
const ofOneRegion = (set: RuleSet, region: string): ReadonlyArray<Finding> =>
  set.selectors.filter((selector) => selector.match !== undefined && selector.region !== region).map((selector) => ({
    code: "match-one-region",
    severity: "warning",
    message: `The endpoint lists the buckets of ${region} alone, so this matches none of another region`,
    found: `${selector.match}${selector.region === undefined ? "" : ` in ${selector.region}`}`,
    allowed: `{ match: "${selector.match}", region: ${region} }`,
    fix: "Add the region, or leave the endpoint out, by which all regions are listed",
    source: "page 8291",
    ...at(set, selector),
  }))

const foreign = (set: RuleSet, selector: Selector, bucket: string): Finding => ({
  code: "bucket-foreign",
  severity: "warning",
  message: "The bucket is none of the account's, so --all-buckets leaves it out",
  found: bucket,
  allowed: "a bucket of the account",
  fix: "Correct its name, or choose it with --bucket",
  source,
  ...at(set, selector),
})

/** A bucket that was asked for and that no document is for, where a document without buckets would be for any. */
const notNamed = (placed: ReadonlyArray<Placed>, named: ReadonlyArray<ChosenBucket>): ReadonlyArray<Finding> => {
  if (placed.length === 0 || placed.some(({ set }) => isForAny(set))) return []
  const known = new Set(placed.flatMap(({ buckets }) => buckets.map(({ bucket }) => bucket)))
  return named.filter(({ bucket }) => !known.has(bucket)).map(({ bucket, file, position }): Finding => ({
    code: "bucket-not-named",
    severity: "error",
    path: file === undefined ? "--bucket" : "",
    message: "No rules file is for this bucket, and every one of them says which buckets it is for",
    found: bucket,
    allowed: "a bucket that the files name",
    fix: "Name it in a file, or leave it out",
    source,
    ...(file === undefined ? {} : { file }),
    ...(position === undefined ? {} : { position }),
  }))
}

const twoRegions = (
  { bucket, region }: BucketRef,
  chosen: BucketRef | undefined,
  set: RuleSet,
): ReadonlyArray<Finding> =>
  chosen?.region === undefined || region === chosen.region ? [] : [{
    code: "bucket-regions",
    severity: "error",
    message: "The bucket is named with two regions",
    found: `${bucket}@${region}`,
    allowed: `one region; among the chosen buckets it is ${bucket}@${chosen.region}`,
    fix: "Correct one of them",
    source: "page 6224: a bucket is in one region",
    ...at(set, selectorOf(set, bucket)),
  }]

const withoutRegion = (placed: ReadonlyArray<Placed>): ReadonlyArray<Finding> => {
  const told = new Set<string>()
  return placed.flatMap(({ set, buckets }) =>
    buckets.flatMap(({ bucket, region }): ReadonlyArray<Finding> => {
      if (region !== undefined || told.has(bucket)) return []
      told.add(bucket)
      return [{
        code: "bucket-region",
        severity: "error",
        message: "No region is set for the bucket",
        found: bucket,
        allowed: `${bucket}@<region>`,
        fix: "Write its region behind it, or give --region or COS_REGION",
        source,
        ...at(set, selectorOf(set, bucket)),
      }]
    })
  )
}
