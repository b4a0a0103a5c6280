import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { checkProfiles, fromEnvironment, profilePath, variables } from "../../adapters/credentials/mod.ts"
import { defaultEndpoint } from "../../core/endpoint.ts"
import type { ConfigError, InvalidInput } from "../../core/errors.ts"
import { mask, maskId } from "../../core/redact.ts"
import { choosesMany, chosenBy } from "../chosen.ts"
import { note, type Refusal, reporting } from "../failure.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { type Flags, resolve, type Settings } from "../settings.ts"
import { World } from "../world.ts"

/** `config`: every setting, its value and where it came from; secrets are masked. */
export const config = Command.make(
  "config",
  { form: resultFlag },
  Effect.fnUntraced(function* ({ form }) {
    const flags = yield* root
    const rows = yield* Effect.flatMap(resolve(flags), (settings) => rowsOf(settings, flags)).pipe(
      reporting("read the configuration", form),
    )
    const { env } = yield* World
    for (const problem of yield* checkProfiles(profilePath(env))) yield* note(problem.message, form)
    if (form !== "table") {
      return yield* printDocument(form, { settings: rows.map(([name, value, source]) => ({ name, value, source })) })
    }
    const { table } = yield* Effect.promise(() => import("../output/table.ts"))
    yield* Console.log(
      yield* table(["SETTING", "VALUE", "FROM"], rows.map(([name, value, source]) => [name, value ?? "-", source])),
    )
  }),
).pipe(
  Command.withDescription("Show every setting and where it comes from"),
  Command.withExamples([{
    command: "cos-inventory config",
    description: "See which keys, bucket and endpoint are used",
  }]),
)

type Row = readonly [name: string, value: string | null, source: string]

const rowsOf = (
  settings: Settings,
  flags: Flags,
): Effect.Effect<ReadonlyArray<Row>, ConfigError | InvalidInput | Refusal, World> =>
  Effect.gen(function* () {
    const { env } = yield* World
    const row = (name: string, setting: { readonly value: string; readonly source: string } | undefined): Row =>
      setting === undefined ? [name, null, "not set"] : [name, setting.value, setting.source]
    const { profile, proxyToken } = settings
    return [
      row("profile", profile === undefined ? undefined : { value: profile.name, source: profile.file }),
      row("profile file", { value: profilePath(env) ?? "", source: profile === undefined ? "not used" : "used" }),
      row("bucket", settings.bucket),
      ...choosesMany(flags) ? [row("buckets", yield* bucketsOf(flags))] : [],
      row("region", settings.region),
      row("endpoint", settings.endpoint ?? { value: defaultEndpoint, source: "default" }),
      row("proxy URL", settings.proxyUrl),
      row("proxy token", proxyToken && { value: mask, source: proxyToken.source }),
      row("timeout", { value: Duration.format(settings.timeout.value), source: settings.timeout.source }),
      ...yield* keyRows(settings),
      row("demo", { value: settings.demo === "no" ? "no" : "yes", source: demoSource[settings.demo] }),
    ]
  })

/** Only where flags choose them: no setting does. */
const bucketsOf = (flags: Flags) =>
  Effect.map(chosenBy(flags), (buckets) => ({
    value: flags.allBuckets
      ? "all of the account"
      : buckets.map(({ bucket, region }) => region === undefined ? bucket : `${bucket}@${region}`).join(", "),
    source: [
      ...(flags.allBuckets ? ["--all-buckets"] : []),
      ...(flags.bucket.length > 0 ? ["--bucket"] : []),
      ...(Option.isSome(flags.bucketsFrom) ? [`--buckets-from ${flags.bucketsFrom.value}`] : []),
    ].join(", "),
  }))

const demoSource = {
  flag: "--demo",
  fallback: "nothing is set: get and list show the demo",
  no: "something is set, or COS_DEMO=never",
} as const

const keyRows = ({ profile }: Settings): Effect.Effect<ReadonlyArray<Row>, ConfigError, World> =>
  Effect.gen(function* () {
    const { env } = yield* World
    const found = yield* fromEnvironment(env)
    const credential = found ?? profile?.credential
    const names = variables.find(({ id }) => (env[id] ?? "") !== "")
    const inProfile = profile === undefined ? "" : `profile "${profile.name}"`
    if (credential === undefined) {
      return profile?.credentialProcess === undefined
        ? [["secret id", null, "not set"], ["secret key", null, "not set"], ["session token", null, "not set"]]
        : [["credentials", "from a process", `credentialProcess of ${inProfile}`]]
    }
    const source = (variable: string | undefined) => found === undefined ? inProfile : variable ?? ""
    return [
      ["secret id", maskId(credential.secretId), source(names?.id)],
      ["secret key", mask, source(names?.key)],
      [
        "session token",
        credential.sessionToken === undefined ? null : mask,
        credential.sessionToken === undefined ? "not set" : source(names?.token),
      ],
    ]
  })
