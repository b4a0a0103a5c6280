/** The proxy on Cloudflare Workers: everything that it is told comes from bindings. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { hashes } from "../adapters/hashes/noble.ts"
import type { App } from "../adapters/hono/wire.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import { readPolicy } from "../core/policy/mod.ts"

export interface Bindings {
  /** The policy in JSON: as text, or as a JSON binding. */
  readonly COS_PROXY_POLICY: unknown
  readonly COS_SECRET_ID: string
  readonly COS_SECRET_KEY: string
  readonly COS_SESSION_TOKEN?: string
  readonly COS_PROXY_SECRET?: string
}

export default {
  fetch: async (request: Request, bindings: Bindings): Promise<Response> => (await appFor(bindings)).fetch(request),
}

/** An isolate has one set of bindings as long as it lives. */
let opened: Promise<App> | undefined
const appFor = (bindings: Bindings): Promise<App> => opened ??= Effect.runPromise(open(bindings))

const open = (bindings: Bindings): Effect.Effect<App> =>
  Effect.gen(function* () {
    const given = bindings.COS_PROXY_POLICY
    const policy = yield* Effect.fromResult(readPolicy(typeof given === "string" ? JSON.parse(given) : given))
    const { COS_SECRET_ID: secretId, COS_SECRET_KEY, COS_SESSION_TOKEN, COS_PROXY_SECRET = "" } = bindings
    const token = COS_SESSION_TOKEN === undefined ? {} : { sessionToken: Redacted.make(COS_SESSION_TOKEN) }
    return yield* openProxy({
      policy: () => policy,
      hashes,
      audit: console.log,
      credential: Effect.succeed({ secretId, secretKey: Redacted.make(COS_SECRET_KEY), ...token }),
      ...(COS_PROXY_SECRET === "" ? {} : { secret: Redacted.make(COS_PROXY_SECRET) }),
    })
  }).pipe(Effect.orDie)
