/** The proxy as a program: what its flags mean, what it says, until its scope closes. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import { choose } from "../adapters/credentials/mod.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { accessLog } from "../adapters/hono/access-log.ts"
import { Watch } from "../adapters/hono/watch.ts"
import { readPolicyFile, readPolicyText } from "../adapters/policy-file.ts"
import { openProxy } from "../adapters/proxy/mod.ts"
import { ConfigError, type InvalidInput } from "../core/errors.ts"
import { Credentials } from "../core/ports.ts"
import { listen, type ListenError } from "./listen.ts"
import type { ProxyFlags } from "./proxy-flags.ts"
import { readProxyOptions } from "./proxy-options.ts"
import type { Print } from "./serve-local.ts"
import { isLoopback } from "./server-options.ts"

/** Serves until its scope closes; then requests that are under way may end. */
export const serveProxy = (
  flags: ProxyFlags,
  environment: Readonly<Record<string, string | undefined>>,
  print: Print,
): Effect.Effect<never, ConfigError | InvalidInput | ListenError, Scope.Scope> =>
  Effect.gen(function* () {
    const options = yield* Effect.fromResult(readProxyOptions(flags, environment))
    const policy = yield* options.policy.trimStart().startsWith("{")
      ? readPolicyText("COS_PROXY_POLICY", options.policy)
      : readPolicyFile(options.policy)
    if (policy.principals.length === 0 && !isLoopback(options.host)) return yield* nobody
    const credentials = yield* choose(environment, undefined)
    if (credentials === undefined) return yield* noKeys
    const secret = environment["COS_PROXY_SECRET"] ?? ""
    const watched = Effect.provideService(Watch, {
      onRequest: options.log === "off" ? () => {} : accessLog({ write: print.err, json: options.log === "json" }),
      onDefect: print.err,
    })
    const app = yield* openProxy({
      policy: () => policy,
      hashes,
      audit: print.err,
      credential: Effect.flatten(Credentials).pipe(Effect.provide(credentials)),
      ...(secret === "" ? {} : { secret: Redacted.make(secret) }),
    }).pipe(watched)
    const { origin } = yield* watched(listen({ app, host: options.host, port: options.port }))
    print.out(`Proxy ready at ${origin} with ${policy.principals.length} principals and ${policy.buckets.size} buckets`)
    return yield* Effect.never
  })

const nobody = new ConfigError({
  source: "policy",
  problem: "The policy names no principal, so that nobody could be told from anybody",
  fix: "Add one to principals, or listen on loopback alone to try",
})

const noKeys = new ConfigError({
  source: "environment, profile file",
  problem: "The proxy has no key of its own",
  fix: "Set COS_SECRET_ID and COS_SECRET_KEY",
  missingCredentials: true,
})
