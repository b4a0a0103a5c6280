/** Many buckets behind one connection: those that flags choose, and those that rules files name. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CallError, listBuckets } from "../core/client.ts"
import { isOfOneRegion } from "../core/endpoint.ts"
import { ConfigError } from "../core/errors.ts"
import type { BucketRef } from "../core/bucket.ts"
import type { BucketEntry } from "../core/wire/service.ts"
import { type ChosenBucket, chosenBy } from "./chosen.ts"
import { type Connection, onConnection, type Options, type Place, type Wired } from "./connection.ts"
import { adviceHere, type Failing, type Failure, note } from "./failure.ts"
import type { Failed } from "./failures.ts"
import type { Form } from "./output/form.ts"
import type { Flags } from "./settings.ts"
import { World } from "./world.ts"

export interface Fleet {
  /** The buckets that flags choose, with their regions as far as known; empty where none does. */
  readonly chosen: ReadonlyArray<ChosenBucket>
  /** The same with the regions alone that are said of them, so that they can be held against those of files. */
  readonly named: ReadonlyArray<ChosenBucket>
  /** Whether they are all of the account, so that none of them was asked for by its name. */
  readonly isAll: boolean
  /** The one of the environment or the profile, for files that name no bucket. */
  readonly usual: BucketRef | undefined
  /** Every bucket of the account; asked for once, by whoever needs it. */
  readonly account: Effect.Effect<ReadonlyArray<BucketEntry>, CallError, Wired>
  readonly at: (ref: BucketRef) => Effect.Effect<Place, ConfigError>
  /** With its region: its own, else the account's word where that has been asked for, else the usual one. */
  readonly located: (ref: BucketRef) => BucketRef
  /** Where a bucket is, unless it says so itself. */
  readonly region: string | undefined
  /** The region whose buckets alone `account` lists, where the endpoint is one of a region. */
  readonly oneRegion?: string
  /** Where requests go, unless that is COS itself or the demo. */
  readonly endpoint?: string | undefined
  readonly isDemo: boolean
  readonly form: Form
}

/** Runs a command's body with the buckets that it may work on. */
export const onFleet = <A, E extends Failing | Failure>(
  flags: Flags,
  options: Options,
  body: (fleet: Fleet) => Effect.Effect<A, E, Wired | World>,
): Effect.Effect<A, Failure, World> =>
  onConnection(
    flags,
    options,
    (connection) =>
      Effect.gen(function* () {
        const world = yield* World
        const named = yield* chosenBy(flags)
        const fleet = yield* fleetOf(connection, named, options.form)
        const all = flags.allBuckets ? yield* allOf(fleet, connection) : undefined
        const whole = all === undefined ? fleet : { ...fleet, isAll: true, chosen: all, named: all }
        const isRead = flags.bucketsFrom._tag === "Some" && flags.bucketsFrom.value === "-"
        return yield* body(whole).pipe(Effect.provideService(World, isRead ? { ...world, stdin: spent } : world))
      }),
    "the buckets",
  )

const fleetOf = (connection: Connection, named: ReadonlyArray<ChosenBucket>, form: Form): Effect.Effect<Fleet> =>
  Effect.gen(function* () {
    const { settings, endpoint, demo } = connection
    // Like a bucket, a region that is configured is not the demo's
    const region = demo === undefined ? settings.usualRegion?.value : regionFlag(connection) ?? demo.region
    const known = new Map<string, string>()
    const account = yield* Effect.cached(
      Stream.runCollect(
        listBuckets({ ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) }),
      ).pipe(
        Effect.tap((entries) =>
          Effect.sync(() => entries.forEach(({ name, location }) => location !== "" && known.set(name, location)))
        ),
      ),
    )
    const located = <Ref extends BucketRef>(ref: Ref): Ref => {
      const found = ref.region ?? known.get(ref.bucket) ?? region
      return found === undefined ? ref : { ...ref, region: found }
    }
    return {
      chosen: named.map(located),
      named,
      isAll: false,
      usual: usualOf(connection),
      account,
      ...(region === undefined || !isOfOneRegion(endpoint) ? {} : { oneRegion: region }),
      region,
      endpoint,
      isDemo: demo !== undefined,
      form,
      located,
      at: (ref) => placeAt(located(ref), connection),
    }
  })

const usualOf = ({ settings, demo }: Connection): BucketRef | undefined => {
  const { bucket, region } = settings
  if (demo !== undefined || bucket === undefined) return demo
  return { bucket: bucket.value, ...(region === undefined ? {} : { region: region.value }) }
}

const regionFlag = ({ settings: { usualRegion } }: Connection): string | undefined =>
  usualRegion?.source === "--region" ? usualRegion.value : undefined

/** A region that is a flag narrows them; one of the environment is only where buckets usually are. */
const allOf = (
  fleet: Fleet,
  connection: Connection,
): Effect.Effect<ReadonlyArray<BucketRef>, CallError, Wired> =>
  Effect.gen(function* () {
    const only = regionFlag(connection)
    const entries = yield* fleet.account
    if (only === undefined && fleet.oneRegion !== undefined) {
      yield* note(`the endpoint lists the buckets of ${fleet.oneRegion} alone, so --all-buckets are those`, fleet.form)
    }
    const found = entries.filter(({ location }) => only === undefined || location === only)
    if (found.length === 0) {
      return yield* new ConfigError({
        source: "--all-buckets",
        problem: only === undefined ? "The account has no bucket" : `The account has no bucket in ${only}`,
        fix: "See `cos-inventory buckets`",
      })
    }
    return found.map(({ name }) => fleet.located({ bucket: name }))
  })

const placeAt = (
  { bucket, region }: BucketRef,
  { endpoint, demo }: Connection,
): Effect.Effect<Place, ConfigError> =>
  region === undefined
    ? Effect.fail(
      new ConfigError({
        source: bucket,
        problem: `No region is set for the bucket ${bucket}`,
        fix: `Write ${bucket}@<region>, or give --region or COS_REGION`,
      }),
    )
    : Effect.succeed({
      bucket,
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      isDemo: demo !== undefined,
    })

/** The same of a bucket that may not be known enough to be reached. */
export const refText = ({ bucket, region }: BucketRef): string =>
  region === undefined ? bucket : `${bucket} (${region})`

/** What a document says of a bucket that failed as a whole. */
export const failedFields = (
  { bucket, region }: BucketRef,
  { action, error }: Failed,
): Effect.Effect<Record<string, unknown>> =>
  Effect.gen(function* () {
    const { problemOf } = yield* Effect.promise(() => import("./output/problem.ts"))
    const advice = yield* adviceHere
    return { bucket, ...(region === undefined ? {} : { region }), error: problemOf(action, error, advice(error)) }
  })

/** Standard input after the list of buckets was read from it. */
const spent: AsyncIterable<Uint8Array> = {
  [Symbol.asyncIterator]: () => ({
    next: () =>
      Promise.reject(
        new ConfigError({
          source: "standard input",
          problem: "Standard input can be read once only, and it held the list of buckets",
          fix: "Give a file to --buckets-from, or instead of -",
        }),
      ),
  }),
}
