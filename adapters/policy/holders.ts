/** Whose a token, a key or a claim is: looked up, in a time that tells nothing of the others. */
import { isMatch } from "../../core/glob.ts"
import type { Policy, Principal } from "../../core/policy/mod.ts"

export interface Holders {
  /** By the lower-case hex SHA-256 of bearer tokens. */
  readonly byToken: ReadonlyMap<string, Principal>
  /** By secret id. */
  readonly byKey: ReadonlyMap<string, Principal>
  /** Those of an issuer whose tokens are somebody's by their claims. */
  readonly byIssuer: ReadonlyMap<string, ReadonlyArray<Principal>>
}

/** Made once a policy. */
export const holdersOf = (policy: Policy): Holders => {
  const found = known.get(policy)
  if (found !== undefined) return found
  const holders = indexed(policy)
  known.set(policy, holders)
  return holders
}

const known = new WeakMap<Policy, Holders>()

const indexed = ({ principals }: Policy): Holders => ({
  byToken: new Map(principals.flatMap((principal) => principal.tokens.map((hash) => [hash, principal] as const))),
  byKey: new Map(principals.flatMap((principal) => principal.keys.map((id) => [id, principal] as const))),
  byIssuer: byIssuer(principals),
})

const byIssuer = (principals: ReadonlyArray<Principal>): Holders["byIssuer"] => {
  const found = new Map<string, Array<Principal>>()
  for (const principal of principals) {
    const issuer = principal.jwt?.issuer
    if (issuer !== undefined) found.set(issuer, [...found.get(issuer) ?? [], principal])
  }
  return found
}

/**
 * The first principal, in the order of the policy, all of whose claims a token has. Two may match: then the narrower
 * one has to stand first.
 */
export const holderOf = (
  policy: Policy,
  issuer: string,
  payload: Readonly<Record<string, unknown>>,
): Principal | undefined =>
  holdersOf(policy).byIssuer.get(issuer)?.find(({ jwt }) =>
    Object.entries(jwt!.claims).every(([name, glob]) => Object.hasOwn(payload, name) && hasValue(payload[name], glob))
  )

const hasValue = (claim: unknown, glob: string): boolean =>
  Array.isArray(claim) ? claim.some((one) => isValue(one, glob)) : isValue(claim, glob)

/** Numbers and booleans as JSON writes them; what has parts is no value. */
const isValue = (value: unknown, glob: string): boolean =>
  (typeof value === "string" || typeof value === "number" || typeof value === "boolean") && isMatch(glob, String(value))
