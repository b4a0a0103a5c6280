/** Who asks the proxy for what while it is measured: a policy whose limits nobody reaches, and requests under it. */
import * as Redacted from "effect/Redacted"
import { hashes } from "../../adapters/hashes/node.ts"
import * as Issuing from "../../adapters/policy/issuing.ts"
import { keyTimeAt, sign } from "../../core/signing/mod.ts"
import { ruleDocument } from "./documents.ts"

const bucket = "examplebucket-1250000000"
const region = "ap-guangzhou"

export const proxySecret = "a secret of this bench, as long as one has to be"
export const principals = Array.from({ length: 16 }, (_, i) => ({
  name: `principal${i}`,
  key: `AKIDbench${i}`,
  token: `token-${i}`,
}))

export const policyFor = (endpoint: string) => ({
  version: 1,
  endpoint,
  buckets: [`${bucket}@${region}`],
  principals: principals.map(({ name, key, token }) => ({
    name,
    keys: [key],
    tokens: [`sha256:${Issuing.sha256Hex(token)}`],
    grants: [{ buckets: ["*"], operations: ["get", "list", "put", "delete"], destinations: [`${bucket}/reports/*`] }],
  })),
  limits: { requestsPerSecond: 10_000, burst: 100_000, concurrency: 10_000 },
})

export interface Asking {
  readonly method: "GET" | "PUT"
  readonly origin: string
  readonly target: string
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
  readonly body: string
}

/** For one rule. */
export const asking = (method: Asking["method"], origin: string, id: string, principal = 0): Asking =>
  signed(method, origin, `/${bucket}/?inventory&id=${id}`, method === "GET" ? "" : ruleDocument(id), principal)

export const listing = (origin: string, principal: number): Asking =>
  signed("GET", origin, `/${bucket}/?inventory`, "", principal)

/** With the virtual key of one principal; good for a quarter of an hour. */
const signed = (method: Asking["method"], origin: string, target: string, body: string, principal: number): Asking => {
  const bytes = new TextEncoder().encode(body)
  const headers: ReadonlyArray<readonly [string, string]> = method === "GET" ? [] : [
    ["content-type", "application/xml"],
    ["content-length", String(bytes.length)],
    ["content-md5", hashes.md5Base64(bytes)],
  ]
  const secretId = principals[principal]!.key
  const authorization = sign({ method, origin, target, headers, body: bytes }, {
    secretId,
    secretKey: issuing.secretKeyOf(secretId),
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
  })
  return { method, origin, target, headers: [...headers, ["authorization", authorization]], body }
}
const issuing = Issuing.make(Redacted.make(proxySecret))

/** As it goes over the wire. */
export const wireText = ({ method, origin, target, headers, body }: Asking): string =>
  [
    `${method} ${target} HTTP/1.1`,
    `host: ${origin.slice("http://".length)}`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    "",
    body,
  ].join("\r\n")
