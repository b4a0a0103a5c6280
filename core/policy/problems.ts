/** What no form can say of itself: why a policy is refused although each of its values has its form. */
import { parseBucketRef } from "../bucket.ts"
import { checkEndpoint } from "../endpoint.ts"
import { problemIn } from "../form-finding.ts"
import type { Finding } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import type { Draft, Placed } from "./draft.ts"
import { source } from "./form.ts"

/**
 * Refused is what would let in more than anybody can have meant, or what can be read in two ways. What merely allows
 * less than it seems to is a warning: see `policyWarnings`.
 */
export const problemsOf = ({ endpoint, buckets, principals, issuers, tokens }: Draft): ReadonlyArray<Finding> => [
  ...checkEndpoint(endpoint?.text),
  ...repeated(buckets.map(({ text, path }) => ({ text: parseBucketRef(text).bucket, path })), "bucket"),
  ...repeated(principals.flatMap(({ name }) => name ?? []), "name"),
  ...repeated(principals.flatMap(({ tokens }) => tokens), "token"),
  ...repeated(principals.flatMap(({ keys }) => keys), "key"),
  ...repeated(issuers, "issuer"),
  ...[...principals.flatMap(({ tokens }) => tokens), ...tokens].flatMap(hashOfNothing),
  ...principals.flatMap(({ issuer }) => issuer === undefined ? [] : unknownIssuer(issuer, issuers)),
  ...principals.flatMap(({ emptyClaims }) => emptyClaims === undefined ? [] : anybody(emptyClaims)),
]

const problem = problemIn(source)

/** What stands twice is shown by its places: it may be a hash or a key. */
const repeated = (placed: ReadonlyArray<Placed>, what: string): ReadonlyArray<Finding> => {
  const first = new Map<string, string>()
  return placed.flatMap(({ text, path }) => {
    const before = first.get(text)
    if (before === undefined) first.set(text, path)
    return before === undefined ? [] : [problem(
      `${what}-repeated`,
      path,
      `The ${what} stands at ${before} already, so that two would be meant by it`,
      `each ${what} once`,
      "Remove one of them",
    )]
  })
}

/** As a script writes it whose variable is not set. */
const hashOfNothing = ({ text, path }: Placed): ReadonlyArray<Finding> =>
  text !== emptyHash ? [] : [problem(
    "token-empty",
    path,
    "This is the hash of an empty token",
    "the hash of a token that is hard to guess",
    "Make a token with `proxy token new`, and put the hash that it prints here",
  )]

/** SHA-256 of no bytes (FIPS 180-4). */
const emptyHash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const unknownIssuer = ({ text, path }: Placed, issuers: ReadonlyArray<Placed>): ReadonlyArray<Finding> => {
  const names = issuers.map(({ text }) => text)
  if (names.includes(text)) return []
  const near = nearest(text, names)
  return [problem(
    "issuer-unknown",
    path,
    "The issuer is not among the issuers of the policy",
    names.join(", ") || "an issuer of the policy, which has none",
    near === undefined ? "Add it to issuers" : `Did you mean "${near}"?`,
    // What is no URL may be a token, and is not repeated
    ...(/^https?:\/\//u.test(text) ? [text] : []),
  )]
}

/** Claims that ask for nothing hold for whoever the issuer gives a token to. */
const anybody = (path: string): ReadonlyArray<Finding> => [problem(
  "claims-empty",
  path,
  "Everybody to whom the issuer gives a token would be this principal",
  "one claim at least, with a pattern of characters, * and ?",
  'Name who is meant, such as sub; if it is everybody, say so: sub: "*"',
)]
