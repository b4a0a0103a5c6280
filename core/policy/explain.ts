/** Why a policy allows a request or does not: what each grant says to it. For its operator alone, never for a caller. */
import { parseResource } from "../bucket.ts"
import { matchesAny } from "../glob.ts"
import { didYouMean } from "../lint/nearest.ts"
import { bringsRule, decide, type Decision, failedPart, isListed, type Part, type Request } from "./decide.ts"
import { type Destination, type Outside, outside, writeDestination } from "./destination.ts"
import type { Grant, Policy, Principal } from "./policy.ts"

export interface Explanation {
  readonly decision: Decision
  /** Where no grant was asked: the policy does not have the bucket at all, or the principal has no grant. */
  readonly why?: string
  readonly grants: ReadonlyArray<GrantSays>
  /** Of a LIST that is allowed and was asked about with an id: whether it shows that rule. */
  readonly isShown?: boolean
}

export interface GrantSays {
  readonly isAllowed: boolean
  /** The first part that the grant does not allow. */
  readonly part?: Part
  /** What the grant has instead, or which of its patterns the request lies within. */
  readonly why: string
}

/** The decision is that of `decide`. */
export const explain = (policy: Policy, principal: Principal, request: Request): Explanation => {
  const decision = decide(policy, principal, request)
  if (!policy.buckets.has(request.bucket)) return { decision, why: noBucket(policy, request), grants: [] }
  if (principal.grants.length === 0) return { decision, why: `${principal.name} has no grant`, grants: [] }
  const { action, bucket, id } = request
  return {
    decision,
    ...(decision.isAllowed && action === "ListBucketInventory" && id !== undefined
      ? { isShown: isListed(principal, bucket, id) }
      : {}),
    grants: principal.grants.map((grant): GrantSays => {
      const part = failedPart(policy, grant, request)
      return part === undefined
        ? { isAllowed: true, why: allows(policy, grant, request) }
        : { isAllowed: false, part, why: fails[part](grant, request, policy) }
    }),
  }
}

/**
 * Where reports may go of a request that is allowed but for its destination, which it does not name: the patterns of every
 * grant that allows the rest of it.
 */
export const openDestinations = (policy: Policy, { grants }: Principal, request: Request): ReadonlyArray<string> => {
  if (!policy.buckets.has(request.bucket) || request.destination !== undefined) return []
  const open = grants.filter((grant) => failedPart(policy, grant, request) === "destination")
  return [...new Set(open.flatMap(({ destinations }) => destinations.map(writeDestination)))]
}

const noBucket = ({ buckets }: Policy, { bucket }: Request): string =>
  `the policy has no bucket "${bucket}"${didYouMean(bucket, buckets.keys())}`

const allows = (policy: Policy, grant: Grant, request: Request): string => {
  const { action, id, destination } = request
  const within = bringsRule(action) && destination !== undefined
    ? grant.destinations.find((pattern) => outside(policy, pattern, destination) === undefined)
    : undefined
  if (within !== undefined) return `the destination is within ${writeDestination(within)}`
  if (action !== "ListBucketInventory") return "it allows all of it"
  if (id === undefined) return `it shows the rules whose ids match ${listed(grant.ids)}`
  return matchesAny(grant.ids, id)
    ? `it shows "${id}"`
    : `it leaves "${id}" out, which matches none of: ${listed(grant.ids)}`
}

const fails: Readonly<Record<Part, (grant: Grant, request: Request, policy: Policy) => string>> = {
  bucket: ({ buckets }, { bucket }) => `bucket ${bucket} matches none of: ${listed(buckets)}`,
  operation: ({ operations }, { action }) => `${action} is none of: ${listed(operations)}`,
  id: ({ ids }, { id = "" }) => id === "" ? "there is no id" : `id "${id}" matches none of: ${listed(ids)}`,
  destination: ({ destinations }, { destination }, policy) =>
    destinations.length === 0
      ? "it has no destinations, so that no rule can be written"
      : destination === undefined
      ? `it allows destinations within: ${listed(destinations.map(writeDestination))}`
      : destinationFails(policy, destinations, destination),
}

const destinationFails = (policy: Policy, patterns: Grant["destinations"], destination: Destination): string => {
  const reasons = new Set(patterns.map((pattern) => outside(policy, pattern, destination)))
  const special = (Object.keys(whyOutside) as ReadonlyArray<keyof typeof whyOutside>).find((why) => reasons.has(why))
  return `destination ${textOf(destination)} is within none of: ${listed(patterns.map(writeDestination))}${
    special === undefined ? "" : `; ${whyOutside[special]}`
  }`
}

/** What the patterns alone do not show. */
const whyOutside = {
  form: "its bucket is no resource name",
  steps: "its prefix has a step . or ..",
  account: "a pattern that does not spell the APPID covers the accounts of the policy's buckets alone",
} as const satisfies Partial<Record<Outside, string>>

const textOf = ({ bucket, prefix }: Destination): string => {
  const resource = parseResource(bucket)
  const name = resource === undefined ? bucket : `${resource.name}-${resource.appid}@${resource.region}`
  return `${name}${prefix === undefined ? "" : `/${prefix}`}`
}

const listed = (texts: ReadonlyArray<string>): string => texts.length === 0 ? "nothing" : texts.join(", ")
