/** The policy as people write it, in JSON or YAML. */
import { bucketPattern, regionPattern } from "../bucket.ts"
import { count, filledList, list, object, oneOf, optional, type Read, record, text, wordOr } from "../plain-form.ts"
import { type Action, actionOfVerb, actions, leniencies, maxTimeoutSeconds } from "./policy.ts"

/** Where it is described, as findings name it. */
export const source = "the README's policy"

const glob = text("a pattern of characters, * and ?, without white space", /^\S+$/u)
const claim = text("a pattern of characters, * and ?", /./u)
const filled = text("text that is not empty", /./su)
const hash = text("sha256: and 64 digits of hex", /^sha256:[0-9a-f]{64}$/u)

/** None above 65535. */
const port = "(?::(?:[0-5]?[0-9]{1,4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?"

const limits = object({
  requestsPerSecond: optional(count(1, 10_000)),
  burst: optional(count(1, 100_000)),
  concurrency: optional(count(1, 10_000)),
  runsPerDay: optional(count(0, 100_000)),
})

const verbs = Object.keys(actionOfVerb) as ReadonlyArray<keyof typeof actionOfVerb>

const grant = object({
  buckets: list(glob),
  operations: optional(list(oneOf<keyof typeof actionOfVerb | Action>(...verbs, ...actions))),
  ids: optional(list(glob)),
  destinations: optional(list(text(
    "<bucket>[@<region>][/<prefix>] of characters, * and ?",
    /^[a-z0-9*?-]+(?:@[a-z0-9*?-]+)?(?:\/.*)?$/u,
  ))),
})

const principal = object({
  name: text("a name of letters, digits and . _ @ -", /^[\w.@-]{1,64}$/u),
  tokens: optional(list(hash)),
  keys: optional(list(text("8 to 64 letters, digits, _ and -", /^[\w-]{8,64}$/u))),
  jwt: optional(object({ issuer: text(), claims: record(claim) })),
  grants: list(grant),
  limits: optional(limits),
})

const issuer = object({
  issuer: text("the iss claim, a URL", /^https?:\/\/\S+$/u),
  audience: filledList(filled),
  jwks: text(
    "a URL that begins with https:// (or http:// on loopback), without a user",
    new RegExp(
      String
        .raw`^(?:https://(?:[\w.-]+|\[[\da-f:.]+\])|http://(?:127\.0\.0\.1|localhost|\[::1\]))${port}(?:[/?][^\s@]*)?$`,
      "iu",
    ),
  ),
  algorithms: optional(
    filledList(oneOf("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")),
  ),
  header: optional(text("a header name", /^[A-Za-z0-9-]+$/u)),
  denied: optional(list(filled)),
})

export const policyForm = object({
  version: oneOf(1),
  endpoint: optional(text()),
  buckets: list(text(
    "<name>-<appid>@<region>",
    new RegExp(`${bucketPattern.source.slice(0, -1)}@${regionPattern.source.slice(1)}`, "u"),
  )),
  principals: list(principal),
  issuers: optional(list(issuer)),
  accept: optional(list(oneOf(...leniencies))),
  limits: optional(limits),
  timeoutSeconds: optional(count(1, maxTimeoutSeconds)),
  metrics: optional(wordOr("open", object({ tokens: list(hash) }))),
})
export type PolicyForm = Read<typeof policyForm>
