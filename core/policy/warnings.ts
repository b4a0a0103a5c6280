/** What a policy says that cannot be meant: it is no danger, since it allows less than it seems to, or as much as it says. */
import { bucketPattern, parseBucket, regionPattern } from "../bucket.ts"
import { isMatch, matchesAny, overlap } from "../glob.ts"
import { isLoopback, plainHost } from "../host.ts"
import { idCharacters } from "../limits.ts"
import { type Finding, shown } from "../lint/finding.ts"
import { didYouMean, nearest } from "../lint/nearest.ts"
import { bringsRule } from "./decide.ts"
import { spellsAccount, writeDestination } from "./destination.ts"
import { source } from "./form.ts"
import { strangerIn } from "./id-pattern.ts"
import type { DestinationPattern, Grant, Policy, Principal } from "./policy.ts"

/** Findings of severity `warning`, with paths of the form that the policy was read from. */
export const policyWarnings = (policy: Policy): ReadonlyArray<Finding> => [
  ...endpointWarnings(policy),
  ...policy.buckets.size > 0 ? [] : [warning(
    "empty",
    "buckets",
    "The policy has no bucket, so that nobody may do anything",
    "<name>-<appid>@<region>",
    "Add the buckets that are managed through the proxy",
  )],
  ...policy.principals.flatMap((principal, at) => principalWarnings(policy, principal, `principals[${at}]`)),
  ...policy.issuers.flatMap(({ issuer }, at) =>
    policy.principals.some(({ jwt }) => jwt?.issuer === issuer) ? [] : [warning(
      "issuer-unused",
      `issuers[${at}]`,
      "No principal has tokens of this issuer",
      "an issuer that some principal names in jwt.issuer",
      "Give a principal jwt, or remove the issuer",
      issuer,
    )]
  ),
]

const warning = (
  code: string,
  path: string,
  message: string,
  allowed: string,
  fix: string,
  found?: string,
): Finding => ({
  code,
  severity: "warning",
  path,
  message,
  ...(found === undefined ? {} : { found: shown(found) }),
  allowed,
  fix,
  source,
})

/** Keys are not sent in clear, but rules and signatures are, and a signature can be sent again while it is young. */
const endpointWarnings = ({ endpoint }: Policy): ReadonlyArray<Finding> =>
  endpoint === undefined || !isExposed(endpoint) ? [] : [warning(
    "endpoint-plain",
    "endpoint",
    "Whoever is on the way to the endpoint can read what is sent, and send it again",
    "an https:// origin, or http:// on loopback",
    "Begin it with https:// unless the network in between is yours alone",
    endpoint,
  )]

/** Names below `localhost` stand for this machine as it does (RFC 6761). */
const isExposed = (endpoint: string): boolean => {
  if (/^https:/iu.test(endpoint)) return false
  const host = plainHost(endpoint)
  return host === undefined || !(isLoopback(host) || /\.localhost$/iu.test(host))
}

const principalWarnings = (policy: Policy, principal: Principal, path: string): ReadonlyArray<Finding> => {
  const { name, tokens, keys, jwt, grants, limits } = principal
  const runs = grants.findIndex(({ operations }) => operations.includes("PostBucketInventory"))
  return [
    ...tokens.length + keys.length > 0 || jwt !== undefined ? [] : [warning(
      "principal-unreachable",
      path,
      "Nobody can be this principal: it has neither tokens nor keys nor jwt",
      "tokens, keys or jwt",
      "Give it one of them, or remove it",
      name,
    )],
    ...grants.length > 0 ? [] : [warning(
      "empty",
      `${path}.grants`,
      "The principal has no grant, so that it may do nothing",
      "a list of grants",
      "Add a grant, or remove the principal",
      name,
    )],
    ...runs < 0 || limits.runsPerDay > 0 ? [] : [warning(
      "runs-none",
      `${path}.grants[${runs}].operations`,
      "One-time inventories are granted, and the limit runsPerDay is 0, so that none can run",
      "limits: { runsPerDay: 1 } or more",
      "Set runsPerDay in the limits of the principal or of the policy, or leave run out",
    )],
    ...grants.flatMap((grant, at) => grantWarnings(policy, grant, `${path}.grants[${at}]`)),
  ]
}

const grantWarnings = (policy: Policy, grant: Grant, path: string): ReadonlyArray<Finding> => {
  const { buckets, operations, ids, destinations } = grant
  const writes = operations.some(bringsRule)
  return [
    ...([["buckets", buckets], ["operations", operations], ["ids", ids]] as const).flatMap(([key, list]) =>
      list.length > 0 ? [] : [warning(
        "empty",
        `${path}.${key}`,
        "The list is empty, so that the grant allows nothing",
        key === "buckets" ? "patterns of buckets" : `${key}, or no key for the usual ones`,
        `Name the ${key}, or remove the grant`,
      )]
    ),
    ...ids.flatMap((pattern, at) => idWarnings(pattern, `${path}.ids[${at}]`)),
    ...buckets.flatMap((pattern, at) => bucketWarnings(policy, pattern, `${path}.buckets[${at}]`)),
    ...writes && destinations.length === 0
      ? [warning(
        "destinations-none",
        `${path}.operations`,
        "Rules may be written, and reports may go nowhere, so that every such request is denied",
        "destinations: [<bucket>/<prefix>/*]",
        "Add destinations, or leave put and run out",
      )]
      : [],
    ...!writes && destinations.length > 0
      ? [warning(
        "destinations-unused",
        `${path}.destinations`,
        "Destinations count for put and run alone, and neither is granted",
        "destinations beside put or run",
        "Add put or run to operations, or remove destinations",
      )]
      : [],
    ...destinations.flatMap((pattern, at) => {
      const regions = [...policy.buckets].filter(([bucket]) => matchesAny(buckets, bucket)).map(([, region]) => region)
      return destinationWarnings(policy, regions, pattern, `${path}.destinations[${at}]`)
    }),
  ]
}

const idWarnings = (pattern: string, path: string): ReadonlyArray<Finding> => {
  const stranger = strangerIn(pattern)
  return stranger === undefined ? [] : [warning(
    "ids-impossible",
    path,
    `No id holds ${JSON.stringify(stranger)}, so that the pattern matches none`,
    `${idCharacters}, with * and ?`,
    "Leave it out: a pattern is no regular expression, and matches whole ids",
    pattern,
  )]
}

const bucketWarnings = ({ buckets }: Policy, pattern: string, path: string): ReadonlyArray<Finding> => {
  const names = [...buckets.keys()]
  if (names.length === 0 || names.some((bucket) => isMatch(pattern, bucket))) return []
  const at = pattern.indexOf("@")
  return [warning(
    "bucket-unmatched",
    path,
    `No bucket of the policy matches${didYouMean(pattern, names)}`,
    names.join(", ").slice(0, 200),
    at > 0 ? `Leave the region out: ${pattern.slice(0, at)}` : "Correct it, or add the bucket to those of the policy",
    pattern,
  )]
}

const destinationWarnings = (
  policy: Policy,
  regions: ReadonlyArray<string>,
  pattern: DestinationPattern,
  path: string,
): ReadonlyArray<Finding> => {
  const found = writeDestination(pattern)
  const { bucket, region, prefix } = pattern
  const warn = (code: string, message: string, allowed: string, fix: string) => [
    warning(code, path, message, allowed, fix, found),
  ]
  if (!isPattern(bucket) ? !bucketPattern.test(bucket) : !overlap(bucket, "?*-?*")) {
    return warn("destination-impossible", "No bucket has such a name", "<name>-<appid>", "Add the -<appid>, or *")
  }
  if (!spellsAccount(pattern) && !accountsOf(policy).some((appid) => overlap(bucket, `*-${appid}`))) {
    return warn(
      "destination-impossible",
      "A pattern that does not spell the APPID covers the accounts of the policy's buckets alone, and none matches",
      accountsOf(policy).map((appid) => `*-${appid}`).join(", "),
      "End the pattern in the -<appid> that is meant",
    )
  }
  const near = nearlyOwn(policy, bucket)
  if (near !== undefined) {
    return warn(
      "destination-near",
      "This is no bucket of the policy's, and nearly one",
      near,
      `Did you mean "${near}"? If not, leave it as it is`,
    )
  }
  if (region !== undefined && !isPattern(region) && !regionPattern.test(region)) {
    return warn("destination-impossible", "No region has such a name", "a region such as ap-guangzhou", "Correct it")
  }
  if (region !== undefined && regions.length > 0 && !regions.some((own) => isMatch(region, own))) {
    return warn(
      "destination-region",
      "Reports stay in the region of their bucket (page 30625), and no bucket of the grant is in this one",
      [...new Set(regions)].join(", "),
      "Correct the region, or leave it out",
    )
  }
  return prefix?.endsWith("/") === true
    ? warn(
      "destination-exact",
      "This is the one prefix that ends so, and nothing below it",
      `${found}* for all below it`,
      `Write ${found}*, if that is meant`,
    )
    : []
}

/** The bucket whose name or APPID is nearly that of another; the whole would be near by what both share. */
const nearlyOwn = ({ buckets }: Policy, text: string): string | undefined => {
  const wanted = buckets.has(text) ? undefined : parseBucket(text)
  if (wanted === undefined || wanted.name.length < shortestName) return undefined
  return [...buckets.keys()].find((bucket) => {
    const { name, appid } = parseBucket(bucket)!
    return name === wanted.name
      ? nearest(wanted.appid, [appid]) !== undefined
      : appid === wanted.appid && nearest(wanted.name, [name]) !== undefined
  })
}
/** Of shorter names any other is near. */
const shortestName = 3

const isPattern = (text: string): boolean => /[*?]/u.test(text)

const accountsOf = ({ buckets }: Policy): ReadonlyArray<string> => [
  ...new Set([...buckets.keys()].flatMap((bucket) => parseBucket(bucket)?.appid ?? [])),
]
