/** What a proxy lets whom do. It is closed: what no grant names is denied. */
import type { Operation } from "../wire/operations.ts"

export interface Policy {
  /** An origin in which `{bucket}` and `{region}` are replaced; COS's own hosts without it. No request can change it. */
  readonly endpoint?: string
  /** The region of every bucket that there is for anybody. */
  readonly buckets: ReadonlyMap<string, string>
  readonly principals: ReadonlyArray<Principal>
  readonly issuers: ReadonlyArray<Issuer>
  /** What is refused unless it stands here. */
  readonly accept: ReadonlySet<Leniency>
  /** For one request, with all that is tried again. */
  readonly timeoutSeconds: number
  readonly metrics: Metrics
}

/** Whoever is allowed something: a person, a job, a service. */
export interface Principal {
  readonly name: string
  /** Lower-case hex SHA-256 of each bearer token. */
  readonly tokens: ReadonlyArray<string>
  /** Secret ids of virtual key pairs, which the proxy issued. */
  readonly keys: ReadonlyArray<string>
  readonly jwt?: Claims
  readonly grants: ReadonlyArray<Grant>
  readonly limits: Limits
}

/** Which JSON Web Tokens are a principal's: those of an issuer of the policy, in which each claim has such a value. */
export interface Claims {
  readonly issuer: string
  /** A pattern with `*` and `?` for each; of a claim that is a list, one value must match. */
  readonly claims: Readonly<Record<string, string>>
}

/** One grant must allow the whole of a request: bucket, operation, id and destination. */
export interface Grant {
  /** Patterns of bucket names. */
  readonly buckets: ReadonlyArray<string>
  readonly operations: ReadonlyArray<Action>
  /** Patterns of rule ids. LIST shows the rules whose ids match. */
  readonly ids: ReadonlyArray<string>
  /** Where reports may be written, see {@link DestinationPattern}; none unless told. */
  readonly destinations: ReadonlyArray<DestinationPattern>
}

/**
 * A rule that writes elsewhere gives the listing of its bucket away, so that destinations have patterns of their own.
 * What they cover beside the letters is told at `outside`.
 */
export interface DestinationPattern {
  readonly bucket: string
  /** Any region where it is absent. */
  readonly region?: string
  /** Any prefix where it is absent. */
  readonly prefix?: string
}

export interface Limits {
  readonly requestsPerSecond: number
  /** Requests that may come at once before the rate counts. */
  readonly burst: number
  /** Requests under way at one time. */
  readonly concurrency: number
  /** One-time inventories a day, which begins at midnight UTC. */
  readonly runsPerDay: number
}

/** Who signs tokens, and how they are checked. */
export interface Issuer {
  /** The `iss` claim. */
  readonly issuer: string
  readonly audience: ReadonlyArray<string>
  /** URL of the key set. */
  readonly jwks: string
  readonly algorithms: ReadonlyArray<string>
  /** The header that carries the token instead of `Authorization`, such as `Cf-Access-Jwt-Assertion`. */
  readonly header?: string
  /** The `jti` claims of tokens that were revoked. */
  readonly denied: ReadonlyArray<string>
}

/** `tokens` are hashes as a principal's; open to everybody, or to nobody. */
export type Metrics = { readonly _tag: "Open" } | { readonly _tag: "Tokens"; readonly tokens: ReadonlyArray<string> }

/** Inventory operations under their API names; what nobody may do through a proxy is not among them. */
export type Action = Exclude<Operation["_tag"], "GetService">

/** The actions by the names that the command line has for them. */
export const actionOfVerb = {
  get: "GetBucketInventory",
  list: "ListBucketInventory",
  put: "PutBucketInventory",
  delete: "DeleteBucketInventory",
  run: "PostBucketInventory",
} as const satisfies Record<string, Action>

export const actions: ReadonlyArray<Action> = Object.values(actionOfVerb)

/** What a grant allows that names no operation. */
export const readOnly: ReadonlyArray<Action> = ["GetBucketInventory", "ListBucketInventory"]

export const leniencies = ["unknown-elements", "unknown-parameters", "unsigned-parts"] as const
export type Leniency = (typeof leniencies)[number]

/** Unless a policy says otherwise. They are this project's own. */
export const defaultLimits: Limits = { requestsPerSecond: 10, burst: 20, concurrency: 8, runsPerDay: 0 }
export const defaultTimeoutSeconds = 30
export const maxTimeoutSeconds = 300
