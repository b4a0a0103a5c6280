/** A rule of one bucket, as it has to be in another. */
import * as Result from "effect/Result"
import { expandDestination, parseResource, writeResource } from "./bucket.ts"
import { broughtIn, type Finding, lint } from "./lint/mod.ts"
import type { InventoryConfiguration } from "./rule.ts"
import { readingOf } from "./wire/reading.ts"

/** A bucket whose region is known. */
export interface Bucket {
  readonly bucket: string
  readonly region: string
}

export interface RetargetOptions {
  /**
   * Where all reports go: a resource name, or in the region of the target `<name>-<appid>` or
   * `cos://<name>-<appid>/<prefix>`. Without a prefix each rule keeps its own.
   */
  readonly destination?: string
}

export interface Retargeted {
  readonly rule: InventoryConfiguration
  /** Worth a look, none of them an error. */
  readonly findings: ReadonlyArray<Finding>
}

/**
 * The rule in the other bucket, where only the destination follows: reports that went into the source bucket
 * itself go into the target itself, and those that went elsewhere still go there, if that is in the target's region.
 *
 * It fails with the errors that the move itself would bring in; those that the rule has already travel along, like
 * elements that this project does not know.
 */
export const retarget = (
  rule: InventoryConfiguration,
  from: Bucket,
  to: Bucket,
  options: RetargetOptions = {},
): Result.Result<Retargeted, ReadonlyArray<Finding>> => {
  const destination = destinationOf(rule, from, to, options)
  if (destination === undefined) return Result.fail([otherRegion(rule, from, to)])
  const moved = { ...rule, destination: { ...rule.destination, ...destination } }
  const brought = broughtIn(findingsOf(rule, from), findingsOf(moved, to))
  return brought.length > 0
    ? Result.fail(brought.map((finding) => ({ ...finding, file: copyName(rule, to) })))
    : Result.succeed({ rule: moved, findings: accountFindings(rule, moved, to) })
}

/** Page 30625: the destination bucket is in the region of the source bucket. */
const destinationOf = (
  { destination: { bucket } }: InventoryConfiguration,
  from: Bucket,
  to: Bucket,
  { destination }: RetargetOptions,
): ReturnType<typeof expandDestination> | undefined => {
  if (destination !== undefined) return expandDestination(destination, to.region)
  if (bucket === writeResource(from.region, from.bucket)) return { bucket: writeResource(to.region, to.bucket) }
  return from.region === to.region ? { bucket } : undefined
}

const findingsOf = (rule: InventoryConfiguration, { region }: Bucket): ReadonlyArray<Finding> =>
  lint(readingOf(rule), { kind: "configuration", region })

/** How a rule on its way is called where a finding names its file. */
const copyName = ({ id }: InventoryConfiguration, { bucket }: Bucket): string => `rule "${id}" for ${bucket}`

const otherRegion = (rule: InventoryConfiguration, from: Bucket, to: Bucket): Finding => ({
  code: "copy-region",
  severity: "error",
  path: "destination.bucket",
  message: `The rule reports to a bucket of its own region, and ${to.bucket} is in ${to.region}`,
  found: rule.destination.bucket,
  allowed: `${from.bucket} itself, or a bucket in ${to.region}`,
  fix: `Give --destination with a bucket in ${to.region}`,
  source: "page 30625: source and destination are in the same region",
  file: copyName(rule, to),
})

/** `AccountId` is the destination's owner (page 30625), and an APPID belongs to one owner. */
const accountFindings = (
  rule: InventoryConfiguration,
  moved: InventoryConfiguration,
  to: Bucket,
): ReadonlyArray<Finding> => {
  const { accountId } = rule.destination
  const [before, after] = [rule, moved].map(({ destination }) => parseResource(destination.bucket)?.appid)
  if (accountId === undefined || before === after) return []
  return [{
    code: "copy-account",
    severity: "warning",
    path: "destination.accountId",
    message: "The reports go to another account, and the account id is that of the account before",
    found: accountId,
    allowed: "the UIN of the owner of the destination bucket",
    fix: "Correct it after the copy, or copy to buckets of one account",
    source: "page 30625: the account id is the destination owner's",
    file: copyName(rule, to),
  }]
}
