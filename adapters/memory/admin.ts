/** What can be looked at and changed in a local COS from outside, as the admin paths offer it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { InvalidInput, type TransportError } from "../../core/errors.ts"
import { timeOf } from "./clock.ts"
import type { Cos } from "./cos.ts"
import { type Listed, readFaults } from "./faults/mod.ts"
import { readForm } from "../../core/form.ts"
import { operations } from "./operations.ts"
import { nextDueOf } from "./reports/mod.ts"
import { readSeed, seedSnapshot } from "./seed.ts"
import { readSnapshot, reset, restore, type Snapshot, takeSnapshot } from "./snapshot/mod.ts"
import { type Bucket, bucketAttributes } from "../store/mod.ts"

export interface Beginning {
  /** What there always is. */
  readonly begin: (cos: Cos) => Effect.Effect<void>
  /** What it began with, which a reset brings back. */
  readonly seed?: Effect.Effect<Snapshot, InvalidInput>
}

export const adminOf = (cos: Cos, { begin, seed }: Beginning) => {
  const { store, settings: { defaultBucket = "", hashes, region }, faults, journal } = cos
  const clock = Effect.map(cos.now, (now) => ({ now, still: store.meta()?.clock._tag === "Still" }))
  const restored = (snapshot: Snapshot) =>
    cos.alone(Effect.uninterruptible(
      restore(store, snapshot, hashes).pipe(Effect.mapError(unfinished), Effect.andThen(begin(cos))),
    ))
  return {
    health: () => ({ status: "ok" }),
    clock,
    state: Effect.gen(function* () {
      const now = yield* cos.now
      const buckets = store.buckets().map((bucket) => bucketText(bucket, now))
      return { buckets, clock: yield* clock, bodies: store.bodies.used() }
    }),
    /** As a new one that is begun alike; faults and the journal are cleared too. */
    reset: cos.alone(Effect.uninterruptible(Effect.gen(function* () {
      // Read before anything is gone
      const snapshot = seed === undefined ? undefined : yield* seed
      yield* reset(store)
      faults.clear()
      journal.clear()
      const { clock } = cos
      store.commit([{ _tag: "MetaPut", meta: { clock, looked: timeOf(clock, yield* Clock.currentTimeMillis) } }])
      if (snapshot !== undefined) yield* restore(store, snapshot, hashes).pipe(Effect.mapError(unfinished))
      yield* begin(cos)
    }))),
    seed: (document: unknown): Effect.Effect<void, InvalidInput> =>
      Effect.flatMap(Effect.fromResult(seedIn(document, { defaultBucket, region })), restored),
    restore: (document: unknown): Effect.Effect<void, InvalidInput> =>
      Effect.flatMap(Effect.fromResult(readSnapshot(document)), restored),
    snapshot: takeSnapshot(store, hashes).pipe(Effect.mapError(unfinished)),
    advance: cos.advance,
    runs: Effect.sync(() => store.runs()),
    faults: {
      list: () => faults.list().map(faultText),
      add: (document: unknown) =>
        Effect.map(Effect.fromResult(readFaults(document)), (read) => {
          const ids = new Set(read.map(faults.add))
          const added = faults.list().filter(({ id }) => ids.has(id)).map(faultText)
          return Array.isArray(document) ? added : added[0]!
        }),
      remove: (id: string) => faults.remove(Number(id)),
      clear: faults.clear,
    },
    requests: { list: journal.requests, clear: journal.clear },
    bucket: (name: string, patch: unknown) =>
      Effect.gen(function* () {
        const bucket = store.bucket(name)
        if (bucket === undefined) return undefined
        const changed = yield* Effect.fromResult(
          Result.mapError(readForm(BucketPatch, patch, "the README's table of admin paths"), toInvalid),
        )
        store.commit([{ _tag: "BucketPut", bucket: { ...bucketAttributes(bucket), ...changed } }])
        return bucketText(store.bucket(name)!, yield* cos.now)
      }),
  }
}

const BucketPatch = Schema.Struct({
  strictSignature: Schema.optionalKey(Schema.Boolean),
  /** Actions to refuse with AccessDenied. */
  denied: Schema.optionalKey(Schema.Array(
    Schema.Literals(operations.map(({ name }) => name) as [string, ...Array<string>]),
  )),
})

const toInvalid = (findings: InvalidInput["findings"]): InvalidInput => new InvalidInput({ findings })

const seedIn = (
  document: unknown,
  place: { readonly defaultBucket: string; readonly region: string },
): Result.Result<Snapshot, InvalidInput> => {
  const text = typeof document === "object" && document !== null && "seed" in document ? document.seed : undefined
  if (typeof text !== "string") return readSnapshot(document)
  return Result.flatMap(
    Result.mapError(readSeed(text), ({ problem, fix }) => toInvalid([wrongSeed(problem, fix, text)])),
    (seed) =>
      seed._tag === "File"
        ? Result.fail(toInvalid([wrongSeed("A file is not read from here", "Send what it holds", text)]))
        : Result.succeed(seedSnapshot(seed, place)),
  )
}

const wrongSeed = (message: string, fix: string, found: string): InvalidInput["findings"][number] => ({
  code: "seed-form",
  severity: "error",
  path: "seed",
  message,
  found,
  allowed: "demo, synthetic:<count>:<seed>, or a snapshot in place of this document",
  fix,
  source: "the README's table of admin paths",
})

/** Bodies are read out of and put into the store itself, where nothing but a defect can cut them. */
const unfinished = (error: InvalidInput | TransportError): InvalidInput => {
  if (error._tag === "InvalidInput") return error
  throw error
}

const bucketText = ({ rules, jobs: _, created, ...bucket }: Bucket, now: number) => ({
  ...bucket,
  created: iso(created),
  // One that is disabled is never due
  rules: [...rules.values()].map((rule) => {
    const due = nextDueOf(rule, now)
    return { id: rule.id, ...(due === undefined ? {} : { nextDue: iso(due) }) }
  }),
})

const iso = (millis: number): string => new Date(millis).toISOString()

const faultText = ({ id, ...rest }: Listed) => ({ id: String(id), ...rest })
