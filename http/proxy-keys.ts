/** The real keys of a proxy: one, or two while they are rotated; from a file, the environment or a profile. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import {
  choose,
  credential,
  type Environment,
  fromEnvironment,
  nextVariables,
  profilePath,
  readProfile,
} from "../adapters/credentials/mod.ts"
import { readPrivate, sharedBeyondGroup } from "../adapters/private-file.ts"
import { counted } from "../core/counted.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { type Credential, Credentials } from "../core/ports.ts"
import { follow } from "./followed-file.ts"
import { keyPairsIn } from "./key-pairs.ts"
import type { Notice } from "./notice.ts"
import { wrong } from "./server-options.ts"

export interface KeySources {
  /** A file, before all others. */
  readonly keys?: string
  readonly profile?: string
}

/** Each is asked for when a request is signed, so that temporary ones are refreshed and a file may change. */
export type Keys = readonly [Key, ...ReadonlyArray<Key>]
type Key = Effect.Effect<Credential, ConfigError>

export const proxyKeys = (
  { keys, profile }: KeySources,
  environment: Environment,
  notice: Notice,
  reloadFailed: () => void = () => {},
): Effect.Effect<Keys, ConfigError | InvalidInput, Scope.Scope> =>
  keys === undefined
    ? givenKeys(profile, environment)
    : Effect.map(followedKeys(keys, notice, reloadFailed), (current) => [
      Effect.sync(() => current()[0]),
      // Of a file with one pair it is that one again
      Effect.sync(() => current()[1] ?? current()[0]),
    ])

const givenKeys = (
  profile: string | undefined,
  environment: Environment,
): Effect.Effect<Keys, ConfigError, Scope.Scope> =>
  Effect.gen(function* () {
    const found = yield* fromEnvironment(environment)
    const isLooked = found === undefined || profile !== undefined
    const chosen = yield* choose(
      environment,
      isLooked ? yield* readProfile(profilePath(environment), profile) : undefined,
    )
    if (chosen === undefined) return yield* noKeys
    // Built once, since what refreshes keys keeps them
    const first = Context.get(yield* Layer.build(chosen), Credentials)
    const second = yield* fromEnvironment(environment, nextVariables)
    return second === undefined ? [first] : [first, Effect.succeed(second)]
  })

const noKeys = new ConfigError({
  source: "environment, profile file",
  problem: "The proxy has no key of its own",
  fix: "Set COS_SECRET_ID and COS_SECRET_KEY, or give --keys or --profile",
  missingCredentials: true,
})

type Pairs = readonly [Credential, Credential?]

const followedKeys = (path: string, notice: Notice, reloadFailed: () => void) =>
  follow({
    path,
    read: readKeys(path),
    onRead: Result.match({
      onSuccess: (pairs) =>
        notice.info(`The keys in ${path} were read again: ${pairs.length === 1 ? "one pair" : "two pairs"}`),
      onFailure: ({ message }) => {
        reloadFailed()
        notice.error(`The keys stay as they were:\n${message}`)
      },
    }),
  })

/** One or two pairs. */
const readKeys = (path: string): Effect.Effect<Pairs, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const bytes = yield* readPrivate(path, { name: "key file", shared: sharedBeyondGroup })
    if (bytes === undefined) {
      return yield* new ConfigError({ source: path, problem: "There is no such key file", fix: "Check the path" })
    }
    const read = keyPairsIn(new TextDecoder().decode(bytes), path)
    const findings = read.flatMap((one) => Result.isFailure(one) ? [one.failure] : [])
    if (read.length < 1 || read.length > 2) findings.push(wrongCount(path, read.length))
    const [first, second] = read.flatMap((one) =>
      Result.isSuccess(one) ? [credential(one.success.secretId, one.success.secretKey)] : []
    )
    if (findings.length > 0 || first === undefined) return yield* new InvalidInput({ findings })
    return second === undefined ? [first] : [first, second]
  })

const wrongCount = (path: string, count: number) =>
  wrong({
    code: "key-count",
    path,
    message: "The file has not one or two key pairs",
    found: counted(count, "line"),
    allowed: "one pair, or two while keys are rotated",
    fix: "Keep the pairs that COS knows",
  })
