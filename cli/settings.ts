/** Settings with their precedence: flags, environment, profile file. Each remembers where it came from. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { type Profile, profilePath, readProfile, variables } from "../adapters/credentials/mod.ts"
import { exists } from "../adapters/files.ts"
import { checkBucketRef, checkEndpoint, checkRegion } from "../core/endpoint.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { isLoopback, plainHost } from "../core/host.ts"
import { requestTimeoutSeconds } from "../core/limits.ts"
import { parseBucketRef } from "../core/bucket.ts"
import { World } from "./world.ts"

/** The shared flags as they were given. */
export interface Flags {
  readonly profile: Option.Option<string>
  readonly region: Option.Option<string>
  readonly endpoint: Option.Option<string>
  readonly bucket: ReadonlyArray<string>
  readonly bucketsFrom: Option.Option<string>
  readonly allBuckets: boolean
  readonly demo: boolean
  readonly timeout: Option.Option<string>
}

export interface Setting<A = string> {
  readonly value: A
  /** `--region`, `COS_REGION`, `profile "default" of <file>`, `default`. */
  readonly source: string
}

export interface Settings {
  readonly profile: Profile | undefined
  readonly bucket: Setting | undefined
  /** That of the bucket: behind its own `@`, else the usual one. */
  readonly region: Setting | undefined
  /** That of any bucket that does not say its own. */
  readonly usualRegion: Setting | undefined
  readonly endpoint: Setting | undefined
  readonly proxyUrl: Setting | undefined
  readonly proxyToken: Setting<Redacted.Redacted<string>> | undefined
  readonly timeout: Setting<Duration.Duration>
  /** `flag`: asked for. `fallback`: nothing at all is set, so a reading command may show the demo. */
  readonly demo: "flag" | "fallback" | "no"
}

/** Every variable that is read, in the order of the README's table. */
export const variableNames = [
  "COS_SECRET_ID",
  "COS_SECRET_KEY",
  "COS_SESSION_TOKEN",
  "COS_BUCKET",
  "COS_REGION",
  "COS_ENDPOINT",
  "COS_PROFILE",
  "COS_PROXY_URL",
  "COS_PROXY_TOKEN",
  "TENCENTCLOUD_SECRET_ID",
  "TENCENTCLOUD_SECRET_KEY",
  "TENCENTCLOUD_SECURITY_TOKEN",
  "TENCENTCLOUD_REGION",
] as const

export const resolve = (flags: Flags): Effect.Effect<Settings, ConfigError | InvalidInput, World> =>
  Effect.gen(function* () {
    const { env } = yield* World
    const variable = (name: string): string | undefined => env[name] === "" ? undefined : env[name]
    const wanted = Option.getOrUndefined(flags.profile) ?? variable("COS_PROFILE")
    const profile = flags.demo ? undefined : yield* readProfile(profilePath(env), wanted)

    const first = (...sources: ReadonlyArray<readonly [string | undefined, string]>): Setting | undefined => {
      const found = sources.find(([value]) => value !== undefined)
      return found === undefined ? undefined : { value: found[0]!, source: found[1] }
    }
    const inProfile = profile === undefined ? "" : `profile "${profile.name}" of ${profile.file}`
    const named = first([flags.bucket[0], "--bucket"], [variable("COS_BUCKET"), "COS_BUCKET"], [
      profile?.bucket,
      inProfile,
    ])
    const ref = named === undefined ? undefined : parseBucketRef(named.value)
    const bucket = ref === undefined ? undefined : { value: ref.bucket, source: named!.source }
    const usualRegion = first(
      [Option.getOrUndefined(flags.region), "--region"],
      [variable("COS_REGION"), "COS_REGION"],
      [variable("TENCENTCLOUD_REGION"), "TENCENTCLOUD_REGION"],
      [profile?.region, inProfile],
    )
    const region = ref?.region === undefined ? usualRegion : { value: ref.region, source: named!.source }
    const { endpoint, proxyUrl, proxyToken } = yield* destination([
      { sources: ["--endpoint"], endpoint: Option.getOrUndefined(flags.endpoint) },
      {
        sources: ["COS_ENDPOINT", "COS_PROXY_URL", "COS_PROXY_TOKEN"],
        endpoint: variable("COS_ENDPOINT"),
        proxyUrl: variable("COS_PROXY_URL"),
        proxyToken: redacted(variable("COS_PROXY_TOKEN")),
      },
      {
        sources: [inProfile],
        endpoint: profile?.endpoint,
        proxyUrl: profile?.proxyUrl,
        proxyToken: profile?.proxyToken,
      },
    ])

    yield* checkAll([
      ...(flags.bucket.length > 0
        ? flags.bucket.map((value): Check => [{ value, source: "--bucket" }, checkBucketRef])
        : [[named, checkBucketRef] as const]),
      [usualRegion, checkRegion],
      [endpoint, checkEndpoint],
      [proxyUrl, checkEndpoint],
    ])
    const demo = variable("COS_DEMO")
    if (demo !== undefined && demo !== "never") {
      return yield* new ConfigError({
        source: "COS_DEMO",
        problem: `The value "${demo}" is not known`,
        fix: "Set it to never, or unset it",
      })
    }
    const isUntouched = flags.bucket.length === 0 && Option.isNone(flags.bucketsFrom) && !flags.allBuckets &&
      [flags.profile, flags.region, flags.endpoint, flags.timeout].every(Option.isNone) &&
      // An empty variable is a setting that got lost, as in a build that may not see its secrets
      variableNames.every((name) => env[name] === undefined)
    const isBare = isUntouched && demo === undefined && !(yield* exists(profilePath(env)))
    return {
      profile,
      bucket,
      region,
      usualRegion,
      endpoint,
      proxyUrl,
      proxyToken,
      timeout: yield* readTimeout(
        first([Option.getOrUndefined(flags.timeout), "--timeout"], [profile?.timeout, inProfile]),
      ),
      demo: flags.demo ? "flag" : isBare ? "fallback" : "no",
    }
  })

interface Level {
  /** Of the endpoint, of the proxy's URL and of its token; one stands for all. */
  readonly sources: readonly [endpoint: string, proxyUrl?: string, proxyToken?: string]
  readonly endpoint?: string | undefined
  readonly proxyUrl?: string | undefined
  readonly proxyToken?: Redacted.Redacted<string> | undefined
}

/** Where to send is one setting: an endpoint, or a proxy with its token, from the first level that names either. */
const destination = (
  levels: ReadonlyArray<Level>,
): Effect.Effect<Pick<Settings, "endpoint" | "proxyUrl" | "proxyToken">, ConfigError> => {
  const none = { endpoint: undefined, proxyUrl: undefined, proxyToken: undefined }
  const at = levels.findIndex((l) => l.endpoint !== undefined || l.proxyUrl !== undefined)
  const level = levels[at]
  if (level === undefined) return Effect.succeed(none)
  const { endpoint, proxyUrl } = level
  const [atEndpoint, atUrl = atEndpoint] = level.sources
  const fail = (source: string, problem: string, fix: string) => Effect.fail(new ConfigError({ source, problem, fix }))
  if (endpoint !== undefined && proxyUrl !== undefined) {
    const fix = "Unset one of them: a proxy chooses the endpoint itself"
    return fail([...new Set([atEndpoint, atUrl])].join(", "), "Both a proxy and an endpoint are set", fix)
  }
  if (proxyUrl === undefined) return Effect.succeed({ ...none, endpoint: { value: endpoint!, source: atEndpoint } })
  if (/^http:/iu.test(proxyUrl) && !isLoopback(plainHost(proxyUrl) ?? "")) {
    const fix = "Begin it with https://; http:// is for a proxy on this machine alone"
    return fail(atUrl, "The proxy's URL would send its token unencrypted", fix)
  }
  // A token may come from a higher level than its URL, as a secret from the environment; never from a lower one
  const bearer = levels.slice(0, at + 1).find((l) => l.proxyToken !== undefined)
  return Effect.succeed({
    endpoint: undefined,
    proxyUrl: { value: proxyUrl, source: atUrl },
    proxyToken: bearer?.proxyToken && { value: bearer.proxyToken, source: bearer.sources[2] ?? bearer.sources[0] },
  })
}

const redacted = (text: string | undefined): Redacted.Redacted<string> | undefined =>
  text === undefined ? undefined : Redacted.make(text)

type Check = readonly [Setting | undefined, (value: string) => ReadonlyArray<InvalidInput["findings"][number]>]

const checkAll = (checks: ReadonlyArray<Check>): Effect.Effect<void, InvalidInput> => {
  const findings = checks.flatMap(([setting, check]) =>
    setting === undefined ? [] : check(setting.value).map((f) => ({ ...f, path: setting.source }))
  )
  return findings.length === 0 ? Effect.void : Effect.fail(new InvalidInput({ findings }))
}

const readTimeout = (setting: Setting | undefined): Effect.Effect<Setting<Duration.Duration>, ConfigError> => {
  const { value, source } = setting ?? { value: String(requestTimeoutSeconds), source: "default" }
  const text = /^\d+(?:\.\d+)?$/u.test(value)
    ? `${value} seconds`
    : value.replace(/^(\d+(?:\.\d+)?)\s*(ms|s|m)$/u, (_, n, unit) => `${n} ${units[unit]}`)
  const duration = Duration.fromInput(text as Duration.Input)
  const isUsable = Option.isSome(duration) && Duration.toMillis(duration.value) > 0 && Duration.isFinite(duration.value)
  return isUsable ? Effect.succeed({ value: duration.value, source }) : Effect.fail(
    new ConfigError({
      source,
      problem: `The timeout "${value}" is not a length of time`,
      fix: "Write seconds, or a number with ms, s or m, such as 30s",
    }),
  )
}

const units: Readonly<Record<string, string>> = { ms: "millis", s: "seconds", m: "minutes" }

/** The names that keys are read from, for messages. */
export const keyVariables = variables.map(({ id, key }) => `${id} and ${key}`).join(", or ")
