import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Issuing } from "../../adapters/policy/issuing.ts"
import { ConfigError } from "../../core/errors.ts"
import { maxEpochSeconds } from "../../core/limits.ts"
import { writeTime } from "../../core/time.ts"
import { reporting } from "../failure.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { policyLines } from "../policy-lines.ts"
import { root } from "../root.ts"
import { refuseOthers } from "../serving.ts"
import { World } from "../world.ts"

/** `proxy key new`: a virtual key pair, which follows from the secret of the proxy and is stored nowhere. */
const make = Command.make(
  "new",
  {
    form: resultFlag,
    id: Flag.String("id").pipe(
      Flag.withDescription("Secret id that stands in a policy already; a new one unless told"),
      Flag.optional,
    ),
    expires: Flag.String("expires").pipe(
      Flag.withDescription("Temporary keys, with a session token, for so long: such as 30m, 1h or 7d"),
      Flag.optional,
    ),
    principal: Flag.String("principal").pipe(
      Flag.withDescription("Whose it is, for the lines of the policy"),
      Flag.optional,
    ),
  },
  Effect.fnUntraced(function* ({ form, id, expires, principal }) {
    yield* Effect.gen(function* () {
      yield* refuseOthers(yield* root, "keys follow from COS_PROXY_SECRET alone", {})
      const issuing = yield* issuingOf
      const secretId = Option.isSome(id) ? yield* checkId(id.value) : yield* newId
      const end = Option.isSome(expires) ? yield* endOf(expires.value) : undefined
      const keys = end === undefined
        ? { secretId, secretKey: issuing.secretKeyOf(secretId) }
        : { secretId, ...temporaryOf(issuing, secretId, end) }
      if (form !== "table") return yield* printDocument(form, keys)
      const name = Option.getOrUndefined(principal)
      yield* Console.log(variablesOf(keys))
      if (end !== undefined) yield* Console.error(`These keys are good until ${writeTime(end)}.`)
      if (Option.isNone(id)) yield* Console.error(`For the policy:\n\n${policyLines(name, "keys", secretId)}`)
    }).pipe(reporting("make a key", form))
  }),
).pipe(
  Command.withDescription("Print a virtual key pair for SDKs, which follows from COS_PROXY_SECRET"),
  Command.withExamples([
    { command: "cos-inventory proxy key new --principal ci", description: "A key pair, and its line for the policy" },
    {
      command: "cos-inventory proxy key new --id AKIDci-deploy --expires 1h -o json",
      description: "Temporary keys of an id of the policy, also as a credentialProcess",
    },
  ]),
)

/** `proxy key`: what virtual keys need before the proxy runs. */
export const key = Command.make("key").pipe(
  Command.withDescription("Virtual key pairs of a proxy"),
  Command.withSubcommands([make]),
)

const issuingOf: Effect.Effect<Issuing, ConfigError, World> = Effect.gen(function* () {
  const { env } = yield* World
  const Issuing = yield* Effect.promise(() => import("../../adapters/policy/issuing.ts"))
  const secret = yield* Effect.fromResult(Issuing.readProxySecret(env["COS_PROXY_SECRET"]))
  return secret === undefined ? yield* noSecret : Issuing.make(secret)
})

const noSecret = new ConfigError({
  source: "environment",
  problem: "COS_PROXY_SECRET is not set, from which the keys of a proxy follow",
  fix: "Set it to the proxy's own; a new proxy takes what openssl rand -hex 32 prints",
})

/** It begins as those of Tencent Cloud do, so that what masks those masks it too. */
const newId = Effect.map(
  Effect.promise(() => import("../../adapters/random.ts")),
  ({ base64Url }) => `AKIDcosinv${base64Url(18)}`,
)

const checkId = (id: string): Effect.Effect<string, ConfigError> =>
  /^[\w-]{8,64}$/u.test(id) ? Effect.succeed(id) : Effect.fail(
    new ConfigError({
      source: "--id",
      problem: "The secret id cannot stand in a policy",
      fix: "Write 8 to 64 letters, digits, _ and -",
    }),
  )

const endOf = (text: string): Effect.Effect<number, ConfigError> =>
  Effect.flatMap(Clock.currentTimeMillis, (millis) => {
    const [, count, unit] = /^(\d{1,9})(s|m|h|d)$/u.exec(text) ?? []
    const seconds = count === undefined ? 0 : Number(count) * secondsOf[unit as keyof typeof secondsOf]
    const end = Math.floor(millis / 1000) + seconds
    return seconds > 0 && end <= maxEpochSeconds ? Effect.succeed(end) : Effect.fail(
      new ConfigError({
        source: "--expires",
        problem: `"${text}" is no length of time that keys can be good for`,
        fix: "Write a whole number with s, m, h or d, such as 1h",
      }),
    )
  })

const secondsOf = { s: 1, m: 60, h: 60 * 60, d: 24 * 60 * 60 } as const

interface Keys {
  readonly secretId: string
  readonly secretKey: string
  readonly sessionToken?: string
  readonly expiration?: string
}

/** Under the names that a credentialProcess prints. */
const temporaryOf = (issuing: Issuing, secretId: string, end: number): Omit<Keys, "secretId"> => {
  const { secretKey, sessionToken, expires } = issuing.temporaryOf(secretId, end)
  return { secretKey, sessionToken, expiration: writeTime(expires) }
}

const variablesOf = ({ secretId, secretKey, sessionToken }: Keys): string =>
  [
    `COS_SECRET_ID=${secretId}`,
    `COS_SECRET_KEY=${secretKey}`,
    ...(sessionToken === undefined ? [] : [`COS_SESSION_TOKEN=${sessionToken}`]),
  ].join("\n")
