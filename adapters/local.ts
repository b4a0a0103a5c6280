/** A local COS in process, without a port: for tests of whatever talks to COS. `http/local.ts` puts it behind a socket. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Send, Serve } from "../core/ports.ts"
import { hashes } from "./hashes/node.ts"
import { localApp } from "./hono/local.ts"
import {
  adminOf,
  type Cos,
  createBucket,
  demoBucket,
  type Key,
  makeCos,
  makeTree,
  readSeed,
  readSnapshot,
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
  /** Epoch milliseconds at which its clock stands still until it is moved; real time unless told. */
  readonly clock?: number
  /** A folder that keeps everything; memory unless told. */
  readonly data?: string
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
  readonly advance: (to: number) => Promise<ReadonlyArray<Run>>
  /** The report of every one-time job is made. */
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
  const scope = Scope.makeUnsafe()
  const { app, cos } = await Effect.runPromise(
    Effect.gen(function* () {
      const cos = yield* openLocalCos(options)
      return { cos, app: yield* appOf(cos, {}, cos) }
    }).pipe(Scope.provide(scope)),
  )
  return {
    fetch: (input, init) => Promise.resolve(app.fetch(new Request(input, init))),
    transport: transportOf(cos),
    requests: cos.journal.requests,
    runs: () => cos.store.runs(),
    advance: (to) => Effect.runPromise(cos.advance(to)),
    settled: () => Effect.runPromise(cos.settled),
    close: () => Effect.runPromise(Effect.andThen(cos.settled, Scope.close(scope, Exit.void))),
  }
}

/** The same as an Effect, until its scope closes. */
export const openLocalCos = (
  options: LocalCosOptions = {},
): Effect.Effect<Cos, ConfigError | InvalidInput, Scope.Scope> =>
  Effect.gen(function* () {
    const { keys = [localKey], verifySignatures = true, data, clock } = options
    const place = placeOf(options)
    const store = yield* Effect.acquireRelease(
      data === undefined ? Effect.sync(() => makeTree({ hashes })) : opened(data),
      (store) => Effect.sync(store.close),
    )
    if (options.seed !== undefined && store.buckets().length === 0) {
      const snapshot = yield* snapshotOf(options.seed, place)
      const at = clock === undefined ? {} : { clock: new Date(clock).toISOString() }
      yield* restore(store, { ...snapshot, ...at }, hashes).pipe(Effect.catchTag("TransportError", Effect.die))
    }
    const making = makeCos({
      store,
      settings: settingsOf({ buckets: [], keys, verifySignatures, ...place }, hashes),
      ...(clock === undefined ? {} : { clock: { _tag: "Still", at: clock } }),
    })
    const cos = yield* Effect.acquireRelease(making, ({ stop }) => stop)
    yield* begin(cos)
    return cos
  })

/** The app of a local COS: COS's own wire, and the admin paths. `serve` is the local COS, or what is put around it. */
export const appOf = (cos: Cos, { token }: { readonly token?: string }, serve: Serve) =>
  localApp({
    serve,
    admin: adminOf(cos, { begin }),
    isBucketHost: cos.isBucketHost,
    ...(token === undefined ? {} : { token }),
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
    const { readSeedFile } = yield* Effect.promise(() => import("./seed-file.ts"))
    return yield* Effect.fromResult(readSnapshot(yield* readSeedFile(read.path)))
  })
