/** From settings to a bucket that can be reached: which transport, which keys, which decorators. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Form } from "./output/form.ts"
import type { BucketAt } from "../core/endpoint.ts"
import { ConfigError, type InvalidInput } from "../core/errors.ts"
import { type Credentials, type Hashing, Transport } from "../core/ports.ts"
import { type Failing, type Failure, note, reporting, ThroughProxy } from "./failure.ts"
import { type Flags, keyVariables, resolve, type Settings } from "./settings.ts"
import { World } from "./world.ts"

/** One bucket, and whether it is the demo's. */
export interface Place extends BucketAt {
  readonly isDemo: boolean
  /** One of several, so that a command to be typed has to name it. */
  readonly isOneOfMany?: boolean
}

export type Wired = Transport | Hashing

export interface Options {
  /** What is tried, for messages. */
  readonly action: (place: string) => string
  readonly form: Form
  /** A reading command without any setting and without `-o` shows the demo. */
  readonly mayShowDemo?: boolean
  /** Takes the place of the network; requests are still signed. */
  readonly transport?: Layer.Layer<Transport>
  /** Requests at once, for commands that send many; fewer while COS asks for it. */
  readonly parallel?: number
}

/** Runs a command's body against the bucket that the settings name. */
export const onBucket = <A, E extends Failing | Failure>(
  flags: Flags,
  options: Options,
  body: (place: Place) => Effect.Effect<A, E, Wired | World>,
): Effect.Effect<A, Failure, World> =>
  Effect.gen(function* () {
    const settings = yield* resolve(flags).pipe(reporting(options.action("the bucket"), options.form))
    const isDemo = settings.demo === "flag" || (settings.demo === "fallback" && options.mayShowDemo === true)
    const action = (place: string) => reporting(options.action(place), options.form)
    if (isDemo) {
      const { demoBucket, demoRegion, layerDemo } = yield* Effect.promise(() => import("./demo.ts"))
      const place: Place = {
        bucket: fromFlag(settings.bucket) ?? demoBucket,
        region: fromFlag(settings.region) ?? demoRegion,
        isDemo: true,
      }
      yield* note(settings.demo === "flag" ? demoNote : fallbackNote, options.form)
      return yield* body(place).pipe(Effect.provide(layerDemo(options.transport)), action(placeText(place)))
    }
    const place = yield* placeOf(settings).pipe(action("the bucket"))
    const layer = yield* layerOf(settings, options).pipe(action(placeText(place)))
    return yield* body(place).pipe(Effect.provide(layer), action(placeText(place)), throughProxy(settings))
  })

/** The same for what belongs to the account, not to a bucket. */
export const onAccount = <A, E extends Failing | Failure>(
  flags: Flags,
  options: Options,
  body: (at: { readonly endpoint?: string; readonly region?: string }) => Effect.Effect<A, E, Wired | World>,
): Effect.Effect<A, Failure, World> =>
  onConnection(flags, options, ({ settings, endpoint, demo }) =>
    demo !== undefined ? body({}) : body({
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(settings.region === undefined ? {} : { region: settings.region.value }),
    }))

/** What is reached, before it is said which buckets of it. */
export interface Connection {
  readonly settings: Settings
  readonly endpoint: string | undefined
  /** The embedded demo's bucket, where the demo was asked for. */
  readonly demo: { readonly bucket: string; readonly region: string } | undefined
}

/** Runs a body that chooses its buckets by itself; `place` is what they are called together, in messages. */
export const onConnection = <A, E extends Failing | Failure>(
  flags: Flags,
  options: Options,
  body: (connection: Connection) => Effect.Effect<A, E, Wired | World>,
  place = "the account",
): Effect.Effect<A, Failure, World> =>
  Effect.gen(function* () {
    const action = reporting(options.action(place), options.form)
    const settings = yield* resolve(flags).pipe(action)
    if (settings.demo === "flag") {
      const { demoBucket, demoRegion, layerDemo } = yield* Effect.promise(() => import("./demo.ts"))
      yield* note(demoNote, options.form)
      const demo = { bucket: demoBucket, region: demoRegion }
      return yield* body({ settings, endpoint: undefined, demo }).pipe(
        Effect.provide(layerDemo(options.transport)),
        action,
      )
    }
    const layer = yield* layerOf(settings, options).pipe(action)
    return yield* body({ settings, endpoint: endpointOf(settings), demo: undefined }).pipe(
      Effect.provide(layer),
      action,
      throughProxy(settings),
    )
  })

const throughProxy = ({ proxyUrl }: Settings) => Effect.provideService(ThroughProxy, proxyUrl !== undefined)

export const placeText = ({ bucket, region, isDemo }: Place): string =>
  `${bucket} (${region}${isDemo ? ", the demo" : ""})`

/** Where a printed document's content is from; the demo is named in every one. */
export const placeFields = ({ bucket, region, isDemo }: Place): Record<string, unknown> => ({
  bucket,
  region,
  ...(isDemo ? { demo: true } : {}),
})

const demoNote = "this is the embedded demo, in memory; nothing is sent and nothing is kept"
const fallbackNote =
  "nothing is configured, so this is the embedded demo bucket (see `cos-inventory config`; COS_DEMO=never turns it off)"

const fromFlag = (setting: Settings["bucket"]): string | undefined =>
  setting?.source.startsWith("--") === true ? setting.value : undefined

const placeOf = (settings: Settings): Effect.Effect<Place, ConfigError | InvalidInput> => {
  const { bucket, region } = settings
  const missing = [
    ...(bucket === undefined ? [["bucket", "--bucket <name>-<appid> or COS_BUCKET"] as const] : []),
    ...(region === undefined ? [["region", "--region <region> or COS_REGION"] as const] : []),
  ]
  if (bucket === undefined || region === undefined) {
    return Effect.fail(
      new ConfigError({
        source: "flags, environment, profile file",
        problem: `No ${missing.map(([name]) => name).join(" and no ")} is set`,
        fix: `Give ${
          missing.map(([, how]) => how).join(", and ")
        }; or name them in a profile; or try it on the demo with --demo`,
      }),
    )
  }
  const endpoint = endpointOf(settings)
  return Effect.succeed({
    bucket: bucket.value,
    region: region.value,
    ...(endpoint === undefined ? {} : { endpoint }),
    isDemo: false,
  })
}

const endpointOf = ({ proxyUrl, endpoint }: Settings): string | undefined => proxyUrl?.value ?? endpoint?.value

/**
 * `retry(adaptive(signed(log(fetch))))`, or `bearer` in the place of `signed` towards a proxy, whose answers are repeated
 * once at most: it has tried again by itself.
 */
const layerOf = (
  settings: Settings,
  { transport, parallel }: Pick<Options, "transport" | "parallel">,
): Effect.Effect<Layer.Layer<Wired>, ConfigError, World> =>
  Effect.gen(function* () {
    const [hashes, fetch, retry, log] = yield* Effect.promise(() =>
      Promise.all([
        import("../adapters/hashes/node.ts"),
        import("../adapters/fetch.ts"),
        import("../adapters/retry.ts"),
        import("../adapters/debug-log.ts"),
      ])
    )
    const base = transport ?? log.layer.pipe(Layer.provide(fetch.layer({ timeout: settings.timeout.value })))
    const authorised = yield* authorise(settings, base, hashes.layer)
    const retrying = retry.layer({ patience, ...(settings.proxyUrl === undefined ? {} : { answered: 2 }) })
    if (parallel === undefined) return Layer.merge(retrying.pipe(Layer.provide(authorised)), hashes.layer)
    const adaptive = yield* Effect.promise(() => import("../adapters/adaptive.ts"))
    const limited = adaptive.layer({ most: parallel }).pipe(Layer.provide(authorised))
    return Layer.merge(retrying.pipe(Layer.provide(limited)), hashes.layer)
  })

/** A small rate serves many writes one after another, and each waits for those before it. */
const patience = "2 minutes"

const authorise = (
  settings: Settings,
  base: Layer.Layer<Transport>,
  hashes: Layer.Layer<Hashing>,
): Effect.Effect<Layer.Layer<Transport>, ConfigError, World> =>
  Effect.gen(function* () {
    const { proxyUrl, proxyToken } = settings
    if (proxyUrl !== undefined) {
      if (proxyToken === undefined) return yield* noToken(proxyUrl.source)
      const bearer = yield* Effect.promise(() => import("../adapters/bearer.ts"))
      return bearer.layer(proxyToken.value).pipe(Layer.provide(base))
    }
    const credentials = yield* credentialsOf(settings)
    const signed = yield* Effect.promise(() => import("../adapters/signed.ts"))
    return signed.layer.pipe(Layer.provide(Layer.mergeAll(base, credentials, hashes)))
  })

/** The keys that the settings name; having none at all is a failure of its own. */
export const credentialsOf = (settings: Settings): Effect.Effect<Layer.Layer<Credentials>, ConfigError, World> =>
  Effect.gen(function* () {
    const { env } = yield* World
    const { choose } = yield* Effect.promise(() => import("../adapters/credentials/mod.ts"))
    const found = yield* choose(env, settings.profile)
    if (found !== undefined) return found
    return yield* new ConfigError({
      source: "environment, profile file",
      problem: "No credentials are set",
      fix: `Set ${keyVariables}, or write a profile; --demo needs none`,
      missingCredentials: true,
    })
  })

const noToken = (source: string) =>
  new ConfigError({
    source,
    problem: "A proxy is set, but no token for it",
    fix: "Set COS_PROXY_TOKEN, or proxyToken in the profile",
    missingCredentials: true,
  })
