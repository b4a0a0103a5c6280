/** Whether a policy allows what somebody asks for, and why. */
import type { BucketAt } from "../endpoint.ts"
import { matchesAny } from "../glob.ts"
import { idOf, type Operation } from "../wire/operations.ts"
import { type Destination, outside } from "./destination.ts"
import type { Action, Grant, Policy, Principal } from "./policy.ts"

/** Where a bucket of the policy's is; undefined for any other. */
export const bucketIn = ({ buckets, endpoint }: Policy, bucket: string): BucketAt | undefined => {
  const region = buckets.get(bucket)
  return region === undefined ? undefined : { bucket, region, ...(endpoint === undefined ? {} : { endpoint }) }
}

export interface Request {
  readonly bucket: string
  readonly action: Action
  /** Of every action but a LIST. */
  readonly id?: string
  /** Of the actions that bring a rule. */
  readonly destination?: Destination
}

/** Where a denied request got to: the last part that some grant would have allowed is the one before it. */
export type Part = "bucket" | "operation" | "id" | "destination"

export type Decision =
  | { readonly isAllowed: true; readonly grant: number }
  | { readonly isAllowed: false; readonly part: Part }

/** The first grant that allows all of it. A pattern for buckets covers those of the policy alone. */
export const decide = (policy: Policy, principal: Principal, request: Request): Decision => {
  if (!policy.buckets.has(request.bucket)) return { isAllowed: false, part: "bucket" }
  let furthest = 0
  for (const [at, grant] of principal.grants.entries()) {
    const failed = failedPart(policy, grant, request)
    if (failed === undefined) return { isAllowed: true, grant: at }
    furthest = Math.max(furthest, parts.indexOf(failed))
  }
  return { isAllowed: false, part: parts[furthest]! }
}

/** The first part of a request that a grant does not allow; undefined where it allows all. */
export const failedPart = (policy: Policy, grant: Grant, request: Request): Part | undefined =>
  parts.find((part) => !isGranted[part](grant, request, policy))

const parts: ReadonlyArray<Part> = ["bucket", "operation", "id", "destination"]

const isGranted: Readonly<Record<Part, (grant: Grant, request: Request, policy: Policy) => boolean>> = {
  bucket: (grant, { bucket }) => matchesAny(grant.buckets, bucket),
  operation: (grant, { action }) => grant.operations.includes(action),
  // An empty id turns a GET into a LIST (observed: coscli cmd/bucket_inventory.go), and `*` would match it
  id: (grant, { action, id = "" }) => action === "ListBucketInventory" || (id !== "" && matchesAny(grant.ids, id)),
  destination: (grant, { action, destination }, policy) =>
    !bringsRule(action) ||
    (destination !== undefined &&
      grant.destinations.some((pattern) => outside(policy, pattern, destination) === undefined)),
}

/** Whether an action writes a rule, which says where reports go. */
export const bringsRule = (action: Action): boolean =>
  action === "PutBucketInventory" || action === "PostBucketInventory"

/** What an operation on a bucket asks of a policy. */
export const requestOf = (bucket: string, operation: Exclude<Operation, { readonly _tag: "GetService" }>): Request => {
  const id = idOf(operation)
  return {
    bucket,
    action: operation._tag,
    ...(id === undefined ? {} : { id }),
    ...(operation._tag === "PutBucketInventory"
      ? { destination: operation.configuration.destination }
      : operation._tag === "PostBucketInventory"
      ? { destination: operation.job.destination }
      : {}),
  }
}

/** Whether LIST may show a rule: some grant that allows the LIST names its id. */
export const isListed = (principal: Principal, bucket: string, id: string): boolean =>
  grantsOfList(principal, bucket).some(({ ids }) => matchesAny(ids, id))

/** Whether LIST shows all there is. */
export const listsAll = (principal: Principal, bucket: string): boolean =>
  grantsOfList(principal, bucket).some(({ ids }) => ids.some((glob) => /^\*+$/u.test(glob)))

/** Globs over the ids that LIST shows. */
export const listedGlobs = (principal: Principal, bucket: string): ReadonlyArray<string> =>
  grantsOfList(principal, bucket).flatMap(({ ids }) => ids)

const grantsOfList = ({ grants }: Principal, bucket: string): ReadonlyArray<Grant> =>
  grants.filter((grant) => matchesAny(grant.buckets, bucket) && grant.operations.includes("ListBucketInventory"))

/** The buckets of which a principal may do anything. */
export const bucketsOf = (policy: Policy, { grants }: Principal): ReadonlyArray<string> =>
  [...policy.buckets.keys()].filter((bucket) =>
    grants.some(({ buckets, operations }) => operations.length > 0 && matchesAny(buckets, bucket))
  )
