/** A policy as far as it can be read, so that what is wrong in one place hides nothing that is wrong in another. */
import { isObject } from "../wire/json.ts"

/** A text and where it stands. */
export interface Placed {
  readonly text: string
  readonly path: string
}

export interface Draft {
  readonly endpoint: Placed | undefined
  readonly buckets: ReadonlyArray<Placed>
  readonly principals: ReadonlyArray<PrincipalDraft>
  /** The `iss` claims. */
  readonly issuers: ReadonlyArray<Placed>
  /** Of who may read /metrics. */
  readonly tokens: ReadonlyArray<Placed>
}

export interface PrincipalDraft {
  readonly name: Placed | undefined
  readonly tokens: ReadonlyArray<Placed>
  readonly keys: ReadonlyArray<Placed>
  readonly issuer: Placed | undefined
  /** Where claims stand that are none. */
  readonly emptyClaims: string | undefined
}

export const draftOf = (value: unknown): Draft => {
  const policy: Node = { value, path: "" }
  return {
    endpoint: textIn(member(policy, "endpoint")),
    buckets: textsIn(member(policy, "buckets")),
    principals: items(member(policy, "principals")).map(principalOf),
    issuers: items(member(policy, "issuers")).flatMap((issuer) => textIn(member(issuer, "issuer")) ?? []),
    tokens: textsIn(member(member(policy, "metrics"), "tokens")),
  }
}

interface Node {
  readonly value: unknown
  readonly path: string
}

const principalOf = (principal: Node): PrincipalDraft => {
  const jwt = member(principal, "jwt")
  const claims = member(jwt, "claims")
  const isEmpty = isObject(claims.value) && Object.keys(claims.value).length === 0
  return {
    name: textIn(member(principal, "name")),
    tokens: textsIn(member(principal, "tokens")),
    keys: textsIn(member(principal, "keys")),
    issuer: textIn(member(jwt, "issuer")),
    emptyClaims: isEmpty ? claims.path : undefined,
  }
}

const member = ({ value, path }: Node, key: string): Node => ({
  value: isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined,
  path: path === "" ? key : `${path}.${key}`,
})

const items = ({ value, path }: Node): ReadonlyArray<Node> =>
  Array.isArray(value) ? value.map((item: unknown, at) => ({ value: item, path: `${path}[${at}]` })) : []

const textIn = ({ value, path }: Node): Placed | undefined =>
  typeof value === "string" ? { text: value, path } : undefined

const textsIn = (node: Node): ReadonlyArray<Placed> => items(node).flatMap((item) => textIn(item) ?? [])
