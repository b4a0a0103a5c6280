/**
 * Asks a proxy in this process as many requests as are told, no two alike, before a COS in memory that keeps nothing;
 * prints what is held after each tenth of them.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { credential } from "../../adapters/credentials/fixed.ts"
import { hashes } from "../../adapters/hashes/node.ts"
import { openProxy } from "../../adapters/proxy/mod.ts"
import { readPolicy } from "../../core/policy/mod.ts"
import { Transport } from "../../core/ports.ts"
import { listDocument, ruleDocument } from "./documents.ts"
import { type Asking, asking, listing, policyFor, principals, proxySecret } from "./proxy-asking.ts"
import type { Held } from "./proxy-memory.ts"

const count = Number(process.argv[2])
const atOnce = 16
const origin = "http://proxy.test"

const utf8 = new TextEncoder()
const page = utf8.encode(listDocument(3))

const upstream = Layer.succeed(Transport, {
  send: ({ method, target }) => {
    const id = /[?&]id=([^&]*)/u.exec(target)?.[1]
    const body = method === "PUT" ? new Uint8Array() : id === undefined ? page : utf8.encode(ruleDocument(id))
    // An answer never comes at once
    return Effect.as(Effect.yieldNow, { status: 200, headers: [["content-type", "application/xml"]], body })
  },
})

const policy = Result.getOrThrow(readPolicy(policyFor("http://upstream.test")))
const app = await Effect.runPromise(openProxy({
  policy: () => policy,
  hashes,
  audit: () => {},
  credentials: [Effect.succeed(credential("AKIDreal", "real"))],
  secret: Redacted.make(proxySecret),
  base: upstream,
}))

/** In turns what is allowed, what is not, and what nobody signed; every principal has its turn with each. */
const kinds: ReadonlyArray<readonly [status: number, request: (i: number, principal: number) => Asking]> = [
  [200, (i, principal) => asking("GET", origin, `get${i}`, principal)],
  [200, (i, principal) => byToken(asking("GET", origin, `token${i}`), principals[principal]!.token)],
  [200, (i, principal) => asking("PUT", origin, `put${i}`, principal)],
  [200, (_, principal) => listing(origin, principal)],
  [403, (i) => byToken(asking("GET", origin, `stranger${i}`), `nobody's ${i}`)],
  [
    403,
    (i, principal) => ({
      ...asking("GET", origin, `signed${i}`, principal),
      target: `/no-bucket-1250000000/?inventory&id=${i}`,
    }),
  ],
]

const byToken = (request: Asking, token: string): Asking => ({
  ...request,
  headers: [["authorization", `Bearer ${token}`]],
})

const ask = async (i: number): Promise<void> => {
  const [expected, requestOf] = kinds[i % kinds.length]!
  const { method, target, headers, body } = requestOf(i, Math.floor(i / kinds.length) % principals.length)
  const answer = await app.fetch(
    new Request(origin + target, {
      method,
      headers: Object.fromEntries([["host", "proxy.test"], ...headers]),
      ...(body === "" ? {} : { body }),
    }),
  )
  const text = await answer.text()
  if (answer.status !== expected) throw new Error(`${method} ${target} was answered ${answer.status}\n${text}`)
}

const { gc } = globalThis as { readonly gc?: () => void }
if (gc === undefined) throw new Error("Memory is told apart from garbage with --expose-gc alone")

const tenths: Array<Held> = []
for (let tenth = 0; tenth < 10; tenth++) {
  let next = tenth * count / 10
  const end = next + count / 10
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (next < end) await ask(next++)
  }))
  gc()
  const { heapUsed: heap, rss: resident } = process.memoryUsage()
  tenths.push({ heap, resident })
}
console.log(JSON.stringify(tenths))
