/** Many buckets behind one connection: those that flags choose, and those that rules files name. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type CallError, listBuckets } from "../core/client.ts"
import { ConfigError, type InvalidInput } from "../core/errors.ts"
import type { BucketRef } from "../core/ruleset/mod.ts"
import type { BucketEntry } from "../core/wire/service.ts"
import { type Connection, onConnection, type Options, type Place, type Wired } from "./connection.ts"
import type { Failing, Failure } from "./failure.ts"
import type { Flags } from "./settings.ts"
import type { World } from "./world.ts"

export interface Fleet {
  /** The buckets that flags choose; empty where none does. */
  readonly chosen: ReadonlyArray<BucketRef>
  /** The one of the environment or the profile, for files that name no bucket. */
  readonly usual: BucketRef | undefined
  /** Every bucket of the account; asked for once, by whoever needs it. */
  readonly account: Effect.Effect<ReadonlyArray<BucketEntry>, CallError, Wired>
  readonly at: (ref: BucketRef) => Effect.Effect<Place, ConfigError>
  /** Where a bucket is, unless it says so itself. */
  readonly region: string | undefined
}

/** Runs a command's body with the buckets that it may work on. */
export const onFleet = <A, E extends Failing | Failure>(
  flags: Flags,
  options: Options,
  body: (fleet: Fleet) => Effect.Effect<A, E, Wired | World>,
): Effect.Effect<A, Failure, World> =>
  onConnection(flags, options, (connection) => Effect.flatMap(fleetOf(connection), body))

const fleetOf = (connection: Connection): Effect.Effect<Fleet, ConfigError | InvalidInput | CallError, Wired> =>
  Effect.gen(function* () {
    const { settings, endpoint, demo } = connection
    const region = settings.region?.value ?? demo?.region
    const account = yield* Effect.cached(
      Stream.runCollect(
        listBuckets({ ...(endpoint === undefined ? {} : { endpoint }), ...(region === undefined ? {} : { region }) }),
      ),
    )
    const usual = settings.bucket === undefined ? demo?.bucket : settings.bucket.value
    return {
      chosen: settings.buckets,
      usual: usual === undefined ? undefined : { bucket: usual, ...(region === undefined ? {} : { region }) },
      account,
      region,
      at: (ref) => placeAt(ref, region, connection),
    }
  })

const placeAt = (
  ref: BucketRef,
  usual: string | undefined,
  { endpoint, demo }: Connection,
): Effect.Effect<Place, ConfigError> => {
  const region = ref.region ?? usual
  return region === undefined
    ? Effect.fail(
      new ConfigError({
        source: ref.bucket,
        problem: `No region is set for the bucket ${ref.bucket}`,
        fix: `Write ${ref.bucket}@<region>, or give --region or COS_REGION`,
      }),
    )
    : Effect.succeed({
      bucket: ref.bucket,
      region,
      ...(endpoint === undefined ? {} : { endpoint }),
      isDemo: demo !== undefined,
    })
}
