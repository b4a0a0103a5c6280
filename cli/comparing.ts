/** Buckets held against files, or against each other. */
import * as Effect from "effect/Effect"
import { type CallError, listing } from "../core/client.ts"
import { asPlanned, compare } from "../core/comparison.ts"
import type { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Desired } from "../core/plan/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import type { BucketRef } from "../core/bucket.ts"
import type { Wired } from "./connection.ts"
import { desiredOf } from "./desired.ts"
import { exits } from "./exit.ts"
import { type Failure, Refusal } from "./failure.ts"
import type { Fleet } from "./fleet.ts"
import { refuseUnknown, sayPartial } from "./listed.ts"
import type { Compared } from "./output/comparison.ts"
import type { BucketFailure } from "./planning.ts"
import { type BucketSide, type FilesSide, type Side, sideText } from "./sides.ts"
import type { World } from "./world.ts"

export interface Found {
  /** What the sides are called. */
  readonly left: string
  readonly right: string
  readonly compared: ReadonlyArray<Compared>
  readonly failures: ReadonlyArray<BucketFailure>
}

type Failing = ConfigError | InvalidInput | CallError | Refusal | Failure

/** Every bucket that the files name on the left, the files on the right. One that fails does not stop the others. */
export const theirBuckets = (
  files: FilesSide,
  fleet: Fleet,
  parallel: number,
): Effect.Effect<Found, Failing, Wired | World> =>
  Effect.gen(function* () {
    const desired = yield* desiredOf([files.path], fleet, { asIs: true, isQuiet: true })
    const results = yield* Effect.forEach(desired, (wanted) =>
      Effect.result(rulesBeside(wanted, fleet)).pipe(
        Effect.map((result): Compared | BucketFailure => {
          const { bucket, region } = wanted
          return result._tag === "Failure"
            ? { bucket, region, error: result.failure }
            : { bucket, region, ...compare(result.success, asPlanned(wanted, result.success)) }
        }),
      ), { concurrency: parallel })
    return {
      left: "the buckets",
      right: sideText(files),
      compared: results.filter((one): one is Compared => !("error" in one)),
      failures: results.filter((one): one is BucketFailure => "error" in one),
    }
  })

/** A bucket on the left; on the right another, or files. */
export const bucketFirst = (
  left: BucketSide,
  right: Side,
  fleet: Fleet,
): Effect.Effect<Found, Failing, Wired | World> =>
  Effect.gen(function* () {
    const found = { left: sideText(left), right: sideText(right), failures: [] }
    if (right.kind === "files") {
      const { at, actual, wanted } = yield* held(right, left, fleet)
      return { ...found, compared: [{ ...at, ...compare(actual, wanted) }] }
    }
    const [before, after] = yield* Effect.all([rulesIn(left, fleet), rulesIn(right, fleet)], { concurrency: 2 })
    return { ...found, compared: [compare(before, after)] }
  })

/** The same with the files on the left. */
export const filesFirst = (
  left: FilesSide,
  right: BucketSide,
  fleet: Fleet,
): Effect.Effect<Found, Failing, Wired | World> =>
  Effect.map(held(left, right, fleet), ({ at, actual, wanted }) => ({
    left: sideText(left),
    right: sideText(right),
    compared: [{ ...at, ...compare(wanted, actual) }],
    failures: [],
  }))

interface Held {
  readonly at: { readonly bucket: string; readonly region: string }
  readonly actual: ReadonlyArray<InventoryConfiguration>
  readonly wanted: ReadonlyArray<InventoryConfiguration>
}

/** What files want of one bucket, and what it has. */
const held = (
  files: FilesSide,
  side: BucketSide,
  fleet: Fleet,
): Effect.Effect<Held, Failing, Wired | World> =>
  Effect.gen(function* () {
    const { kind: _, ...ref } = side
    const [desired] =
      (yield* desiredOf([files.path], { ...fleet, chosen: [ref], named: [ref] }, { asIs: true, isQuiet: true }))
        .filter(({ bucket }) => bucket === ref.bucket)
    if (desired === undefined) return yield* otherBuckets(files, side)
    const actual = yield* rulesBeside(desired, fleet)
    const { bucket, region } = desired
    return { at: { bucket, region }, actual, wanted: asPlanned(desired, actual) }
  })

const otherBuckets = (files: FilesSide, side: BucketSide) =>
  new Refusal({
    exit: exits.invalid,
    problem: `${sideText(files)} names other buckets, and not ${side.bucket}`,
    fix: `Add ${side.bucket} to its buckets, or compare with a file of rules alone, such as list -o json prints`,
  })

const rulesIn = (
  at: BucketRef,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<InventoryConfiguration>, ConfigError | CallError, Wired> =>
  Effect.flatMap(fleet.at({ bucket: at.bucket, ...regionOf(at) }), listing).pipe(
    Effect.tap((shown) => sayPartial(shown, at.bucket, fleet.form)),
    Effect.map(({ rules }) => rules),
  )

/** What is hidden would be told as missing from the bucket. */
const rulesBeside = (
  wanted: Desired,
  fleet: Fleet,
): Effect.Effect<ReadonlyArray<InventoryConfiguration>, ConfigError | CallError | Refusal, Wired> =>
  Effect.flatMap(fleet.at({ bucket: wanted.bucket, ...regionOf(wanted) }), listing).pipe(
    Effect.tap((shown) => sayPartial(shown, wanted.bucket, fleet.form)),
    Effect.tap((shown) => refuseUnknown(wanted.rules.map(({ id }) => id), shown)),
    Effect.map(({ rules }) => rules),
  )

/** A bucket whose region is not known yet is located by the fleet. */
const regionOf = ({ region }: BucketRef): { readonly region?: string } =>
  region === undefined || region === "" ? {} : { region }
