/** Who asks, without the proxy around it: requests as values, and what becomes of each at a time of the test's own. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { hashes } from "../adapters/hashes/node.ts"
import * as Authenticate from "../adapters/policy/authenticate.ts"
import * as Issuing from "../adapters/policy/issuing.ts"
import type { FetchKeys } from "../adapters/policy/jwt.ts"
import type { Headers, HttpRequest } from "../core/http.ts"
import { type Policy, readPolicy } from "../core/policy/mod.ts"
import { presign, sign, type Signer } from "../core/signing/mod.ts"
import { signKey } from "../core/signing/mod.ts"

/** When everything happens, in epoch seconds, unless a test says otherwise. */
export const now = 1_800_000_000
export const issuing = Issuing.make(Redacted.make("a secret of the tests that is long enough"))
export const host = "proxy.test"
export const bucket = "examplebucket-1250000000"
export const hashOf = (token: string): string => `sha256:${createHash("sha256").update(token).digest("hex")}`

const grants = [{ buckets: ["*"] }]

export const policyForm = {
  version: 1,
  buckets: [`${bucket}@ap-guangzhou`],
  principals: [
    { name: "reader", tokens: [hashOf("reader-token")], keys: ["AKIDreader"], grants },
    { name: "writer", tokens: [hashOf("writer-token")], keys: ["AKIDwriter", "AKIDwriter2"], grants },
  ],
} as const

export const policyOf = (form: unknown = policyForm): Policy => Result.getOrThrow(readPolicy(form))

export type Met =
  | { readonly principal: string; readonly by: string }
  | { readonly code: string; readonly why: string }
  | { readonly unavailable: string }

export interface Meeting {
  readonly policy?: Policy
  readonly fetchKeys?: FetchKeys
  readonly withoutKeys?: boolean
}

/** A proxy's eye, that lasts as long as the test. */
export const eye = ({ policy = policyOf(), fetchKeys, withoutKeys = false }: Meeting = {}) => {
  const { authenticate } = Authenticate.make({
    hashes,
    signKeyOf: (_, secretKey, time) => signKey(hashes, secretKey, time),
    sha256Hex: Issuing.sha256Hex,
    ...(withoutKeys ? {} : { issuing }),
    ...(fetchKeys === undefined ? {} : { fetchKeys }),
  })
  return (request: HttpRequest, at: number = now): Promise<Met> =>
    TestClock.setTime(at * 1000).pipe(
      Effect.andThen(authenticate(policy, request)),
      Effect.match({
        onSuccess: ({ principal, shown }): Met => ({ principal: principal.name, by: shown.by }),
        onFailure: (error): Met =>
          error._tag === "Refused"
            ? { code: error.refusal.code, why: error.why }
            : { unavailable: `${error.host} ${error.kind}` },
      }),
      Effect.provide(TestClock.layer()),
      Effect.runPromise,
    )
}

export const get = (target = `/${bucket}/?inventory&id=list1`, headers: Headers = []): HttpRequest => ({
  method: "GET",
  origin: `http://${host}`,
  target,
  headers: [["host", host], ...headers],
  body: new Uint8Array(0),
})

export const put = (body: string, headers: Headers = []): HttpRequest => {
  const bytes = new TextEncoder().encode(body)
  return {
    ...get(`/${bucket}/?inventory&id=list1`, [
      ["content-type", "application/xml"],
      ["content-length", String(bytes.length)],
      ...headers,
    ]),
    method: "PUT",
    body: bytes,
  }
}

export const md5 = (body: string): readonly [string, string] => [
  "content-md5",
  hashes.md5Base64(new TextEncoder().encode(body)),
]

export const adding = (request: HttpRequest, ...headers: Headers): HttpRequest => ({
  ...request,
  headers: [...request.headers, ...headers],
})

export const signer = (secretId: string, more: Partial<Signer> = {}): Signer => ({
  secretId,
  secretKey: issuing.secretKeyOf(secretId),
  keyTime: { start: now - 60, end: now + 840 },
  hashes,
  ...more,
})

export const signed = (request: HttpRequest, secretId: string, more: Partial<Signer> = {}): HttpRequest =>
  adding(request, ["authorization", sign(request, signer(secretId, more))])

export const presigned = (request: HttpRequest, secretId: string, more: Partial<Signer> = {}): HttpRequest =>
  presign(request, signer(secretId, more))

export const bearer = (token: string, request = get()): HttpRequest =>
  adding(request, ["authorization", `Bearer ${token}`])
