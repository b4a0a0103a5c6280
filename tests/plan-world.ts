/** Sets of rules that are wanted and that are there, and a COS in memory on which plans are carried out. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Random from "effect/Random"
import * as References from "effect/References"
import * as Result from "effect/Result"
import { TestClock } from "effect/testing"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { type Cos, open, transportOf } from "../adapters/memory/mod.ts"
import { type Fault, readFaults } from "../adapters/memory/faults/mod.ts"
import { make as retrying } from "../adapters/retry.ts"
import { isSame } from "../core/canonical.ts"
import type { BucketAt } from "../core/endpoint.ts"
import type { HttpRequest } from "../core/http.ts"
import { type BucketPlan, type Desired, phasesOf } from "../core/plan/mod.ts"
import { Hashing, type Send, Transport } from "../core/ports.ts"
import type { Filter, InventoryConfiguration } from "../core/rule.ts"
import { readConfiguration } from "../core/wire/configuration.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { pick, shuffled, variantOf } from "./canonical-variants.ts"

type Roll = (below: number) => number

export const at: BucketAt = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }

/** A rule that every row of lint lets pass, with few values, so that two of them are often alike. */
export const someRule = (id: string, roll: Roll): InventoryConfiguration => {
  const frequency = pick(["Daily", "Weekly", "Monthly"], roll)
  const filter = pick<Filter | undefined>([
    undefined,
    { prefix: "logs/" },
    { prefix: "logs/", tags: [{ key: "age", value: "18" }, { key: "team", value: "a" }] },
    { tags: [{ key: "age", value: "18" }], storageClass: "ARCHIVE" },
    { period: { startTime: 1568688761 } },
  ], roll)
  const extra = pick<InventoryConfiguration["extra"]>([
    undefined,
    undefined,
    [{ in: "/", xml: "<Later>1</Later>" }],
    [{ in: "/Filter", xml: "<Owner>me</Owner>" }],
  ], roll)
  return {
    id,
    isEnabled: roll(4) > 0,
    includedObjectVersions: pick(["All", "Current"], roll),
    ...(filter === undefined ? {} : { filter }),
    ...(roll(3) === 0 && filter?.tags === undefined ? {} : {
      // Page 30625: a filter by tag goes with the field Tag
      optionalFields: ["Tag", ...shuffled(pick([[], ["Size"], ["ETag", "Size"]], roll), roll)] as const,
    }),
    schedule: { frequency, ...(frequency === "Monthly" ? { monthlyDate: 1 + roll(28) } : {}) },
    destination: {
      bucket: "qcs::cos:ap-guangzhou::reports-1250000000",
      format: "CSV",
      ...(roll(2) === 0 ? {} : { prefix: pick(["out", "out/", "other"], roll) }),
      ...(roll(3) > 0 ? {} : { encryption: "SSE-COS" as const }),
    },
    ...(extra === undefined ? {} : { extra }),
  }
}

export interface Pair {
  readonly desired: Desired
  readonly actual: ReadonlyArray<InventoryConfiguration>
  readonly prune: boolean
}

/** Two sets over one stock of ids: each id is wanted, there, both alike, both unlike, or neither. */
export const somePair = (roll: Roll, size = 10): Pair => {
  const ids = Array.from({ length: size }, (_, i) => `${pick(["daily", "monthly", "own"], roll)}-${i}`)
  const rules: Array<InventoryConfiguration> = []
  const actual: Array<InventoryConfiguration> = []
  for (const id of ids) {
    const wanted = someRule(id, roll)
    const fate = roll(6)
    if (fate < 4) rules.push(wanted)
    if (fate >= 2) actual.push(pick([variantOf(wanted, roll), someRule(id, roll)], roll))
  }
  return {
    desired: {
      ...at,
      rules: shuffled(rules, roll),
      // Some stand in no document, as if a caller forgot
      protected: new Set(ids.filter(() => roll(4) === 0)),
      manages: pick([[], ["daily-*"], ["daily-*", "own-?"], ["*"]], roll),
    },
    actual: shuffled(actual, roll),
    prune: roll(3) > 0,
  }
}

/** What a bucket holds after so many of a plan's writes, each phase in any order. */
export function* carriedOut(
  plan: BucketPlan,
  actual: ReadonlyArray<InventoryConfiguration>,
  roll: Roll,
): Generator<ReadonlyMap<string, InventoryConfiguration>, void, void> {
  const bucket = new Map(actual.map((rule) => [rule.id, rule]))
  yield new Map(bucket)
  for (const phase of phasesOf(plan)) {
    for (const write of shuffled(phase, roll)) {
      if (write.action === "delete") assert.ok(bucket.delete(write.id), `${write.id} is deleted and was not there`)
      else {
        assert.equal(bucket.has(write.id), write.action === "update", `${write.action} of ${write.id}`)
        bucket.set(write.id, write.after)
      }
      yield new Map(bucket)
    }
  }
}

export const afterAll = (
  plan: BucketPlan,
  actual: ReadonlyArray<InventoryConfiguration>,
  roll: Roll,
): ReadonlyArray<InventoryConfiguration> => {
  let last: ReadonlyMap<string, InventoryConfiguration> = new Map()
  for (const bucket of carriedOut(plan, actual, roll)) last = bucket
  return [...last.values()]
}

/** What may be true of no bucket, at no moment: why it is, or undefined. */
export const violation = (
  { desired, actual, prune }: Pair,
  bucket: ReadonlyMap<string, InventoryConfiguration>,
): string | undefined => {
  const wanted = new Set(desired.rules.map(({ id }) => id))
  for (const before of actual) {
    const { id } = before
    const now = bucket.get(id)
    const isManaged = desired.manages.some((glob) =>
      glob === "*" || id.startsWith(glob.slice(0, glob.indexOf("-") + 1))
    )
    const mayGo = prune && isManaged && !wanted.has(id) && !desired.protected.has(id)
    if (now === undefined && !mayGo) return `${id} is gone`
    if (now !== undefined && !wanted.has(id) && !isSame(before, now)) return `${id} was changed, and nobody wants it`
    if (desired.protected.has(id) && before.isEnabled && now?.isEnabled !== true) return `${id} was disabled`
    const lost = (before.extra ?? []).find(({ xml }) =>
      now?.extra?.some((one) => one.xml.trim() === xml.trim()) !== true
    )
    const isExplicit = desired.rules.some((rule) => rule.id === id && rule.extra !== undefined)
    if (now !== undefined && lost !== undefined && !isExplicit) return `${id} lost ${lost.xml}`
  }
  return undefined
}

/** Why a bucket does not end as it should, or undefined. */
export const unfinished = (pair: Pair, bucket: ReadonlyMap<string, InventoryConfiguration>): string | undefined => {
  const before = new Map(pair.actual.map((rule) => [rule.id, rule]))
  for (const wanted of pair.desired.rules) {
    const now = bucket.get(wanted.id)
    const found = before.get(wanted.id)
    const isKeptOn = pair.desired.protected.has(wanted.id) && found?.isEnabled === true
    if (now === undefined) return `${wanted.id} is not there`
    const { extra: _, ...shown } = now
    const { extra: __, ...asked } = { ...wanted, ...(isKeptOn ? { isEnabled: true } : {}) }
    if (!isSame<InventoryConfiguration>(shown, asked)) return `${wanted.id} is not as wanted`
    if (found === undefined && !isSame(now, wanted)) return `${wanted.id} has other elements than wanted`
  }
  return undefined
}

export interface Bench {
  readonly cos: Cos
  /** The rules as they stand in the store, read from the XML that is kept. */
  readonly held: () => ReadonlyMap<string, InventoryConfiguration>
  /** How often a rule was written, replaced or deleted: what COS performed, whatever it answered. */
  readonly performed: () => number
  readonly sent: ReadonlyArray<HttpRequest>
  /** Lets faults happen, each as the README writes it. */
  readonly fault: (...faults: ReadonlyArray<unknown>) => void
  readonly run: <A, E>(call: Effect.Effect<A, E, Transport | Hashing>) => Effect.Effect<A, E>
  /** Before the next request of such a number, counted from the first of all, somebody else does this. */
  readonly meddle: (request: number, act: (request: HttpRequest) => void) => void
  /** Runs it until so many requests were sent, then gives it up: the last is not performed, or its answer never comes. */
  readonly runUntil: (
    requests: number,
    end: "unperformed" | "unanswered",
    call: Effect.Effect<void, never, Transport | Hashing>,
  ) => Effect.Effect<"ended" | "given up">
}

/** A COS with these rules in its bucket; the store is looked at after every request. */
export const bench = (
  rules: ReadonlyArray<InventoryConfiguration>,
  watch: (held: ReadonlyMap<string, InventoryConfiguration>) => void = () => {},
): Effect.Effect<Bench> =>
  Effect.gen(function* () {
    yield* TestClock.setTime(1_763_700_000_000)
    const cos = yield* Effect.provide(
      open({ buckets: [{ name: at.bucket, region: at.region, rules }], keys: [], verifySignatures: false }),
      layerHashes,
    )
    const sent: Array<HttpRequest> = []
    let performed = 0
    const kept = new Map<string, { readonly xml: string; readonly rule: InventoryConfiguration }>()
    const held = () => {
      const now = cos.store.bucket(at.bucket)!.rules
      for (const id of kept.keys()) if (!now.has(id)) kept.delete(id)
      for (const [id, { xml }] of now) {
        if (kept.get(id)?.xml !== xml) kept.set(id, { xml, rule: readRule(xml) })
      }
      return new Map([...kept].map(([id, { rule }]) => [id, rule]))
    }
    const commit = cos.store.commit
    Object.assign(cos.store, {
      commit: (changes: Parameters<typeof commit>[0]) => {
        performed += changes.filter(({ _tag }) => _tag === "RulePut" || _tag === "RuleDeleted").length
        commit(changes)
      },
    })
    const inner = transportOf(cos)
    let hold: { readonly at: number; readonly end: "unperformed" | "unanswered" } | undefined
    const meddling = new Map<number, (request: HttpRequest) => void>()
    const watched: Send = {
      send: (request) =>
        Effect.suspend(() => {
          meddling.get(sent.push(request))?.(request)
          const sending = Effect.ensuring(inner.send(request), Effect.sync(() => watch(held())))
          if (sent.length !== hold?.at) return sending
          return hold.end === "unperformed" ? Effect.never : Effect.andThen(Effect.exit(sending), Effect.never)
        }),
    }
    const transport = Transport.of(retrying(watched))
    const provided = <A, E>(call: Effect.Effect<A, E, Transport | Hashing>) =>
      call.pipe(
        Effect.provideService(Transport, transport),
        Effect.provideService(Hashing, hashes),
        Effect.provideService(References.MinimumLogLevel, "None"),
        Random.withSeed("plan"),
      )
    return {
      cos,
      held,
      performed: () => performed,
      sent,
      fault: (...faults) => faults.forEach((value) => cos.faults.add(fault(value))),
      run: (call) => hurried(provided(call)),
      meddle: (request, act) => void meddling.set(request, act),
      runUntil: (requests, end, call) =>
        Effect.gen(function* () {
          const last = sent.length + requests
          hold = { at: last, end }
          const fiber = yield* Effect.forkChild(provided(call))
          while (fiber.pollUnsafe() === undefined && sent.length < last) yield* TestClock.adjust("1 second")
          // What was sent last gets the time to be performed
          yield* TestClock.adjust("1 second")
          const isEnded = fiber.pollUnsafe() !== undefined
          yield* Fiber.interrupt(fiber)
          hold = undefined
          return isEnded ? "ended" : "given up"
        }),
    }
  })

const fault = (value: unknown): Fault => Result.getOrThrow(readFaults(value))[0]!

export const readRule = (xml: string): InventoryConfiguration =>
  Result.getOrThrow(completeConfiguration(Result.getOrThrow(readConfiguration(xml)).draft))

/** Lets virtual time pass for as long as the effect waits. */
const hurried = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) yield* TestClock.adjust("1 second")
    return yield* Fiber.join(fiber)
  })
