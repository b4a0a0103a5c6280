/** A local COS in process, without a port: for tests of whatever talks to COS. `http/local.ts` puts it behind a socket. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import { checkBucket, checkRegion } from "../core/endpoint.ts"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/finding.ts"
import { nearest } from "../core/lint/nearest.ts"
import type { Send, Serve } from "../core/ports.ts"
import { hashes } from "./hashes/node.ts"
import { localApp } from "./hono/local.ts"
import {
  adminOf,
  type ClockState,
  type Cos,
  createBucket,
  demoBucket,
  type Key,
  makeCos,
  makeTree,
  readSeed,
  readSnapshot,
  realTime,
  type Recorded,
  restore,
  type Run,
  seedSnapshot,
  settingsOf,
  type Snapshot,
  transportOf,
} from "./memory/mod.ts"

/** Everything may be left out. */
export interface LocalCosOptions {
  /** The bucket of requests that name none, there from the start; `examplebucket-1250000000` unless told. */
  readonly defaultBucket?: string
  /** Its region, and that of buckets created at no region's host; `ap-guangzhou` unless told. */
  readonly region?: string
  /** Key pairs; {@link localKey} unless told. */
  readonly keys?: ReadonlyArray<Key>
  /** False takes every signature for good. */
  readonly verifySignatures?: boolean
  /** `demo`, a file, `synthetic:<count>:<seed>`, or a snapshot as a value. */
  readonly seed?: unknown
  /**
   * Epoch milliseconds at which its clock stands still until it is moved; the real time unless told. Either way no report
   * falls due by itself in process: `advance` makes them.
   */
  readonly clock?: number | "real"
  /** A folder that keeps everything, its clock too; memory unless told. */
  readonly data?: string
  /** Told of each report that was made, or could not be. */
  readonly onReport?: (run: Run) => void
}

/** The key pair that opens a local COS, and nothing else. */
export const localKey = { secretId: "AKIDlocal", secretKey: "local-secret" } as const satisfies Key

export interface LocalCos {
  /** In place of the global one, for any client that takes a `fetch`. */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>
  /** For this library's own client. */
  readonly transport: Send
  /** What was asked so far, oldest first, without secrets. */
  readonly requests: () => ReadonlyArray<Recorded>
  /** Reports that were made, are being made, or could not be. */
  readonly runs: () => ReadonlyArray<Run>
  /** Moves the clock forwards to this moment, in epoch milliseconds, and makes every report that falls due on the way. */
  readonly advance: (to: number | Date) => Promise<ReadonlyArray<Run>>
  /** The report of every one-time job is made, but for those that a fault delays. */
  readonly settled: () => Promise<void>
  readonly close: () => Promise<void>
}

/**
 * Opens a local COS.
 *
 * **Example**
 *
 *     const cos = await makeLocalCos({ seed: "demo" })
 *     const response = await cos.fetch("http://127.0.0.1/_local/state")
 *     console.log(response.status, cos.requests().length) // => 200 0
 *     await cos.close()
 */
export const makeLocalCos = async (options: LocalCosOptions = {}): Promise<LocalCos> => {
  const unknown = Object.keys(options).find((name) => !optionNames.includes(name))
  if (unknown !== undefined) {
    const meant = nearest(unknown, optionNames)
    throw new TypeError(
      `Cannot open a local COS: there is no option "${unknown}"; ${
        meant === undefined ? `there are ${optionNames.join(", ")}` : `did you mean "${meant}"?`
      }`,
    )
  }
  const scope = Scope.makeUnsafe()
  const { app, cos } = await Effect.runPromise(
    Effect.gen(function* () {
      const cos = yield* openLocalCos(options)
      yield* cos.resume
      return { cos, app: yield* appOf(cos, options, cos) }
    }).pipe(Scope.provide(scope), Effect.onError(() => Scope.close(scope, Exit.void))),
  )
  let isClosed = false
  return {
    fetch: (input, init) =>
      isClosed
        ? Promise.reject(new TypeError("Cannot fetch: the local COS is closed"))
        : Promise.resolve(app.fetch(new Request(input, init))),
    transport: transportOf(cos),
    requests: cos.journal.requests,
    runs: () => cos.store.runs(),
    advance: async (to) => {
      if (isClosed) throw new TypeError("Cannot move the clock: the local COS is closed")
      const moment = to instanceof Date ? to.getTime() : to
      if (typeof moment !== "number" || !Number.isFinite(moment)) {
        throw new TypeError(`Cannot move the clock: "${String(to)}" is no moment; give epoch milliseconds or a Date`)
      }
      const now = await Effect.runPromise(cos.now)
      if (moment < now) {
        throw new RangeError(
          `Cannot move the clock back: it shows ${new Date(now).toISOString()}, and ${moment} is ${
            new Date(moment).toISOString()
          }`,
        )
      }
      return await Effect.runPromise(cos.advance(moment))
    },
    settled: () => Effect.runPromise(cos.settled),
    close: () => {
      isClosed = true
      return Effect.runPromise(Effect.andThen(cos.settled, Scope.close(scope, Exit.void)))
    },
  }
}

/** A list would not tell the compiler that one is missing. */
const optionNames = Object.keys(
  {
    defaultBucket: true,
    region: true,
    keys: true,
    verifySignatures: true,
    seed: true,
    clock: true,
    data: true,
    onReport: true,
  } satisfies Record<keyof LocalCosOptions, true>,
)

/** The same as an Effect, until its scope closes. */
export const openLocalCos = (
  options: LocalCosOptions = {},
): Effect.Effect<OpenCos, ConfigError | InvalidInput, Scope.Scope> =>
  Effect.gen(function* () {
    const { keys = [localKey], verifySignatures = true, data, onReport } = options
    const clock = clockOf(options)
    const place = placeOf(options)
    const findings = [...checkBucket(place.defaultBucket), ...checkRegion(place.region)]
    if (findings.length > 0) return yield* new InvalidInput({ findings })
    if (typeof options.clock === "number" && !Number.isFinite(options.clock)) return yield* wrongClock(options.clock)
    const store = yield* Effect.acquireRelease(
      data === undefined ? Effect.sync(() => makeTree({ hashes })) : opened(data),
      (store) => Effect.sync(store.close),
    )
    const isFresh = store.buckets().length === 0
    if (options.seed !== undefined && isFresh) {
      const snapshot = yield* snapshotOf(options.seed, place)
      const at = clock?._tag === "Still" ? { clock: new Date(clock.at).toISOString() } : {}
      yield* restore(store, { ...snapshot, ...at }, hashes).pipe(Effect.catchTag("TransportError", Effect.die))
    }
    const making = makeCos({
      store,
      settings: settingsOf({ buckets: [], keys, verifySignatures, ...place }, hashes),
      ...(clock === undefined ? {} : { clock }),
      ...(onReport === undefined ? {} : { onReport }),
    })
    const cos = yield* Effect.acquireRelease(making, ({ stop }) => stop)
    yield* begin(cos)
    return { ...cos, isFresh }
  })

export interface OpenCos extends Cos {
  /** Nothing was there yet, so that a seed is used. */
  readonly isFresh: boolean
}

export interface AppOptions extends Pick<LocalCosOptions, "seed"> {
  /** Opens the admin paths to whoever sends it. */
  readonly token?: string
}

/** The app of a local COS: COS's own wire, and the admin paths. `serve` is the local COS, or what is put around it. */
export const appOf = (cos: Cos, { seed, token }: AppOptions, serve: Serve) => {
  const { defaultBucket = demoBucket.name, region } = cos.settings
  const again = Effect.catchTag(
    snapshotOf(seed, { defaultBucket, region }),
    "ConfigError",
    (error) => Effect.fail(new InvalidInput({ findings: [unreadable(error)] })),
  )
  return localApp({
    serve,
    admin: adminOf(cos, { begin, ...(seed === undefined ? {} : { seed: again }) }),
    isBucketHost: cos.isBucketHost,
    ...(token === undefined ? {} : { token }),
  })
}

const unreadable = ({ problem, source, fix }: ConfigError): Finding => ({
  code: "seed-unreadable",
  severity: "error",
  path: "seed",
  message: problem,
  allowed: "the seed that it began with",
  fix,
  source,
})

const clockOf = ({ clock }: LocalCosOptions): ClockState | undefined =>
  clock === undefined ? undefined : clock === "real" ? realTime : { _tag: "Still", at: clock }

const wrongClock = (clock: number): InvalidInput =>
  new InvalidInput({
    findings: [{
      code: "clock-form",
      severity: "error",
      path: "clock",
      message: "The clock is no moment",
      found: String(clock),
      allowed: "epoch milliseconds, or real",
      fix: "Give such as Date.UTC(2026, 0, 1)",
      source: "makeLocalCos",
    }],
  })

const placeOf = ({ defaultBucket = demoBucket.name, region = demoBucket.region }: LocalCosOptions) => ({
  defaultBucket,
  region,
})

/** What there is from the start. */
const begin = (cos: Cos): Effect.Effect<void> =>
  Effect.map(cos.now, (now) => {
    const { defaultBucket: name, region } = cos.settings
    if (name !== undefined && cos.store.bucket(name) === undefined) createBucket(cos.store, { name, region }, now)
  })

/** Loaded when it is wanted: Node 20 has no node:sqlite. */
const opened = (folder: string) =>
  Effect.flatMap(Effect.promise(() => import("./sqlite/mod.ts")), ({ openSqlite }) => openSqlite(folder, { hashes }))

const snapshotOf = (
  seed: unknown,
  place: ReturnType<typeof placeOf>,
): Effect.Effect<Snapshot, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    if (typeof seed !== "string") return yield* Effect.fromResult(readSnapshot(seed))
    const read = yield* Effect.fromResult(readSeed(seed))
    if (read._tag !== "File") return seedSnapshot(read, place)
    const { readSeedSnapshot } = yield* Effect.promise(() => import("./seed-file.ts"))
    return yield* readSeedSnapshot(read.path)
  })
