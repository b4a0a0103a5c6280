/** The policy as people write it, in JSON or YAML. */
import * as Schema from "effect/Schema"
import { bucketPattern, regionPattern } from "../bucket.ts"
import { actionOfVerb, actions, leniencies, maxTimeoutSeconds } from "./policy.ts"

const text = (allowed: string, pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern, { message: allowed }))
const described = <S extends Schema.Constraint>(schema: S, description: string) =>
  Schema.optionalKey(schema).annotateKey({ description })
const count = (least: number, most: number) =>
  Schema.Int.check(
    Schema.isBetween({ minimum: least, maximum: most }, { message: `a number from ${least} to ${most}` }),
  )

const Glob = text("a pattern of characters, * and ?", /^\S+$/u)
const Claim = text("a pattern of characters, * and ?", /./u)
const Hash = text("sha256: and 64 digits of hex", /^sha256:[0-9a-f]{64}$/u)
const Operations = Schema.Literals([...Object.keys(actionOfVerb), ...actions])

const LimitsForm = Schema.Struct({
  requestsPerSecond: described(count(1, 10_000), "Requests a second, on average"),
  burst: described(count(1, 100_000), "Requests that may come at once before the rate counts"),
  concurrency: described(count(1, 10_000), "Requests under way at one time"),
  runsPerDay: described(
    count(0, 100_000),
    "One-time inventories a day, which begins at midnight UTC; none unless told",
  ),
})

const GrantForm = Schema.Struct({
  buckets: Schema.Array(Glob),
  operations: described(Schema.Array(Operations), "get and list unless told"),
  ids: described(Schema.Array(Glob), "Patterns of rule ids; every id unless told"),
  destinations: described(
    Schema.Array(text(
      "<bucket>[@<region>][/<prefix>] of characters, * and ?",
      /^[a-z0-9*?-]+(?:@[a-z0-9*?-]+)?(?:\/.*)?$/u,
    )),
    "Where reports may be written; nowhere unless told",
  ),
})

const PrincipalForm = Schema.Struct({
  name: text("a name of letters, digits and . _ @ -", /^[\w.@-]{1,64}$/u),
  tokens: described(Schema.Array(Hash), "Hashes of bearer tokens, as `proxy token new` prints them"),
  keys: described(
    Schema.Array(text("8 to 64 letters, digits, _ and -", /^[\w-]{8,64}$/u)),
    "Secret ids of virtual keys",
  ),
  jwt: described(
    Schema.Struct({ issuer: Schema.String, claims: Schema.Record(Schema.String, Claim) }),
    "Tokens of an issuer whose claims match",
  ),
  grants: Schema.Array(GrantForm),
  limits: described(LimitsForm, "Instead of those of the policy"),
})

const IssuerForm = Schema.Struct({
  issuer: text("the iss claim, a URL", /^https?:\/\/\S+$/u),
  audience: Schema.NonEmptyArray(Schema.NonEmptyString),
  jwks: text(
    "a URL that begins with https:// (or http:// on loopback)",
    /^https:\/\/\S+$|^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]\S+$/u,
  ),
  algorithms: described(
    Schema.NonEmptyArray(
      Schema.Literals(["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]),
    ),
    "RS256 and ES256 unless told",
  ),
  header: described(
    text("a header name", /^[A-Za-z0-9-]+$/u),
    "The header that carries the token, instead of Authorization",
  ),
  denied: described(Schema.Array(Schema.NonEmptyString), "The jti of each token that was revoked"),
})

export const PolicyForm = Schema.Struct({
  version: Schema.Literal(1),
  endpoint: described(Schema.String, "Where COS is, when it is not at its own hosts"),
  buckets: Schema.Array(
    text(
      "<name>-<appid>@<region>",
      new RegExp(`${bucketPattern.source.slice(0, -1)}@${regionPattern.source.slice(1)}`, "u"),
    ),
  ),
  principals: Schema.Array(PrincipalForm),
  issuers: described(Schema.Array(IssuerForm), "Who signs JSON Web Tokens"),
  accept: described(Schema.Array(Schema.Literals(leniencies)), "What would be refused otherwise"),
  limits: described(LimitsForm, "Of every principal that has none of its own"),
  timeoutSeconds: described(count(1, maxTimeoutSeconds), "For one request, with all that is tried again"),
  metrics: described(
    Schema.Union([Schema.Literal("open"), Schema.Struct({ tokens: Schema.Array(Hash) })]),
    "Who may read /metrics; nobody unless told",
  ),
})
export type PolicyForm = typeof PolicyForm.Type
