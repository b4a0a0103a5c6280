/** Where reports may be written: the patterns of a grant, and what lies within them. */
import { type BucketResource, parseBucketRef, parseResource } from "../bucket.ts"
import { isMatch } from "../glob.ts"
import type { DestinationPattern, Policy } from "./policy.ts"

/** Of a rule's destination, what says where its reports go. */
export interface Destination {
  /** A resource name. */
  readonly bucket: string
  readonly prefix?: string
}

/** Why a destination does not lie within a pattern. */
export type Outside = "form" | "bucket" | "account" | "region" | "prefix" | "steps"

/**
 * The first reason why a destination lies outside a pattern; undefined where it lies within.
 *
 * **Details**
 *
 * - A bucket's name ends in the APPID of its account and is the only one in all of COS (page 13312). So `reports-*`
 *   would match the bucket of anybody who makes one of such a name. A pattern that does not spell the APPID therefore
 *   covers the accounts of the policy's buckets alone; another account has to be spelled.
 * - `accountId` says whose the bucket is, and not which: it is not compared. Assumed: one that contradicts the name is
 *   refused by COS or ignored, and leads to no other bucket.
 * - Keys of objects are flat, and `..` in one is two dots. What mirrors a bucket into folders takes steps at them, so that
 *   a prefix with such a step lies within no pattern that names a prefix.
 * - A prefix is compared as it is sent: COS appends its `/` afterwards, and `ci/*` does not cover the prefix `ci`.
 */
export const outside = (policy: Policy, pattern: DestinationPattern, { bucket, prefix = "" }: Destination):
  | Outside
  | undefined => {
  const resource = parseResource(bucket)
  if (resource === undefined) return "form"
  if (!isMatch(pattern.bucket, `${resource.name}-${resource.appid}`)) return "bucket"
  if (!spellsAccount(pattern) && !isOwn(policy, resource)) return "account"
  if (pattern.region !== undefined && !isMatch(pattern.region, resource.region)) return "region"
  if (pattern.prefix === undefined) return undefined
  if (!isMatch(pattern.prefix, prefix)) return "prefix"
  return prefix.split(/[/\\]/u).some((step) => step === "." || step === "..") ? "steps" : undefined
}

/** Whether only buckets of one account can match. */
export const spellsAccount = ({ bucket }: DestinationPattern): boolean => /-[0-9]+$/u.test(bucket)

const isOwn = ({ buckets }: Policy, { appid }: BucketResource): boolean =>
  [...buckets.keys()].some((bucket) => bucket.endsWith(`-${appid}`))

/** Reads `<bucket>[@<region>][/<prefix>]`; neither part is checked. */
export const readDestination = (text: string): DestinationPattern => {
  const slash = text.indexOf("/")
  const { bucket, region } = parseBucketRef(slash < 0 ? text : text.slice(0, slash))
  return {
    bucket,
    ...(region === undefined ? {} : { region }),
    ...(slash < 0 ? {} : { prefix: text.slice(slash + 1) }),
  }
}

export const writeDestination = ({ bucket, region, prefix }: DestinationPattern): string =>
  `${bucket}${region === undefined ? "" : `@${region}`}${prefix === undefined ? "" : `/${prefix}`}`
