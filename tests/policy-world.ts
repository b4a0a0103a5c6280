/** Generated policies and requests, and a model of what a policy allows that shares nothing with `core/policy`. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { actionOf, type Policy, type Principal, readPolicy, type Request } from "../core/policy/mod.ts"

const buckets = ["a-1250000000", "b-1250000000", "b-logs-1250000001", "reports-1250000001", "a-1-1250000000"] as const
const region = "ap-guangzhou"
const bucketPatterns = ["*", "a-*", "?-1250000000", "*-1250000001", "b-1250000000", "", "*-*-*", "A-*"] as const
const verbs = ["get", "list", "put", "delete", "run"] as const
const operations = [...verbs, "GetBucketInventory", "PutBucketInventory", "ListBucketInventory"] as const
const idPatterns = ["*", "ci-*", "?", "a", "*-*", "ci", "**a*?"] as const
const ids = ["", "a", "ci", "ci-", "ci-a", "ci-a-b", "*", "?", "ci-../a", "A"] as const
const destinationPatterns = [
  "*",
  "*/ci/*",
  "reports-*",
  "reports-*/*",
  "reports-1250000009/ci/?",
  "*-1250000009",
  "a-1250000000@ap-guangzhou",
  "*@ap-*/ci/*",
  "*@eu-*",
  "b-1250000000/",
  "?-125000000?",
] as const
const destinations = [
  "qcs::cos:ap-guangzhou::a-1250000000",
  "qcs::cos:eu-frankfurt::a-1250000000",
  "qcs::cos:ap-guangzhou::reports-1250000001",
  "qcs::cos:ap-guangzhou::reports-1250000009",
  "qcs::cos:eu-frankfurt::reports-evil-1250000009",
  "qcs::cos:ap-guangzhou::b-1250000000",
  "qcs::cos:ap-guangzhou::reports-1250000000-1250000009",
  "reports-1250000001",
  "qcs::cos:ap-guangzhou::reports",
  "qcs::cos::ap-guangzhou:a-1250000000",
  "",
] as const
const prefixes = [
  "",
  "ci",
  "ci/",
  "ci/a",
  "ci/../a",
  "ci/./",
  "ci/..",
  "ci/..a",
  "../ci/a",
  "ci\\..\\a",
  "CI/a",
] as const

const few = <const L extends ReadonlyArray<string>>(literals: L) =>
  Schema.Array(Schema.Literals(literals)).check(Schema.isMaxLength(3))

/** Half of them allow all, so that writes, which four parts must allow, are allowed often enough. */
const orAll = <const L extends ReadonlyArray<string>>(literals: L) =>
  Schema.Union([few(literals), Schema.Tuple([Schema.Literal("*")])])

const GrantCase = Schema.Struct({
  buckets: orAll(bucketPatterns),
  operations: Schema.optionalKey(few(operations)),
  ids: Schema.optionalKey(orAll(idPatterns)),
  destinations: Schema.optionalKey(orAll(destinationPatterns)),
})
export type GrantCase = typeof GrantCase.Type

export const PolicyCase = Schema.Struct({
  buckets: Schema.Array(Schema.Literals(buckets)).check(Schema.isMinLength(1), Schema.isMaxLength(5)),
  grants: Schema.Array(GrantCase).check(Schema.isMaxLength(4)),
  extra: GrantCase,
  request: Schema.Struct({
    bucket: Schema.Literals(buckets),
    operation: Schema.Literals(verbs),
    id: Schema.Literals(ids),
    destination: Schema.optionalKey(
      Schema.Struct({ bucket: Schema.Literals(destinations), prefix: Schema.optionalKey(Schema.Literals(prefixes)) }),
    ),
  }),
})
export type PolicyCase = typeof PolicyCase.Type

export interface Read {
  readonly policy: Policy
  readonly principal: Principal
  readonly request: Request
}

/** The case as the proxy reads it. An empty pattern is no pattern, and left out of the form. */
export const readCase = ({ buckets, request }: PolicyCase, grants: ReadonlyArray<GrantCase>): Read => {
  const policy = Result.getOrThrow(readPolicy({
    version: 1,
    buckets: [...new Set(buckets)].map((bucket) => `${bucket}@${region}`),
    principals: [{
      name: "one",
      keys: ["AKIDone00"],
      grants: grants.map((grant) => ({
        ...grant,
        buckets: grant.buckets.filter((pattern: string) => pattern !== ""),
      })),
    }],
  }))
  const { bucket, operation, id, destination } = request
  const isList = operation === "list"
  return {
    policy,
    principal: policy.principals[0]!,
    request: {
      bucket,
      action: actionOf(operation),
      ...(isList ? {} : { id }),
      ...(destination === undefined ? {} : { destination }),
    },
  }
}

/** Whether some grant of the written form allows the request, by regular expressions and nothing of the model. */
export const isAllowedByModel = (
  { buckets, request }: Pick<PolicyCase, "buckets" | "request">,
  grants: ReadonlyArray<GrantCase>,
): boolean => {
  const known: ReadonlyArray<string> = buckets
  const accounts = new Set(known.map((bucket) => bucket.slice(bucket.lastIndexOf("-") + 1)))
  const writes = request.operation === "put" || request.operation === "run"
  const longNames: Readonly<Record<string, string>> = {
    GetBucketInventory: "get",
    PutBucketInventory: "put",
    ListBucketInventory: "list",
  }
  return known.includes(request.bucket) && grants.some((grant) => {
    const verbs = grant.operations?.map((name) => longNames[name] ?? name) ?? ["get", "list"]
    return grant.buckets.some((glob) => glob !== "" && expression(glob).test(request.bucket)) &&
      verbs.includes(request.operation) &&
      (request.operation === "list" ||
        (request.id !== "" && (grant.ids ?? ["*"]).some((glob) => expression(glob).test(request.id)))) &&
      (!writes ||
        (grant.destinations ?? []).some((written) => reaches(written, request.destination, accounts)))
  })
}

const reaches = (
  written: string,
  destination: PolicyCase["request"]["destination"],
  accounts: ReadonlySet<string>,
): boolean => {
  const named = /^qcs::cos:([a-z]+-[a-z0-9-]+)::([a-z0-9-]+-([0-9]+))$/u.exec(destination?.bucket ?? "")
  if (destination === undefined || named === null) return false
  const [, place, bucket, account] = named
  const [, bucketGlob, , placeGlob, , prefixGlob] = /^([^@/]*)(@([^/]*))?(\/(.*))?$/u.exec(written)!
  const { prefix = "" } = destination
  return expression(bucketGlob!).test(bucket!) &&
    (accounts.has(account!) || /-[0-9]+$/u.test(bucketGlob!)) &&
    (placeGlob === undefined || expression(placeGlob).test(place!)) &&
    (prefixGlob === undefined || (expression(prefixGlob).test(prefix) && !/(?:^|[/\\])\.\.?(?:$|[/\\])/u.test(prefix)))
}

const expression = (glob: string): RegExp =>
  new RegExp(
    `^${glob.replace(/[.+^${}()|[\]\\/-]/gu, "\\$&").replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`,
  )
