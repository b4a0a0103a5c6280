/** What a limiter asks of its Durable Object, and what that answers. */
import { isObject } from "../../core/wire/json.ts"
import type { Run, Taken } from "../policy/allowance.ts"

interface Limits {
  readonly requestsPerSecond: number
  readonly burst: number
  readonly runsPerDay: number
}

/** The limits come with the question, so that the object knows no policy. */
export type Question =
  | { readonly _tag: "TakeRequest"; readonly limits: Limits }
  | { readonly _tag: "TakeRun"; readonly limits: Limits }
  | { readonly _tag: "GiveBackRun"; readonly day: number }

export const isQuestion = (value: unknown): value is Question =>
  isObject(value) &&
  (value["_tag"] === "GiveBackRun"
    ? holds(value, "day")
    : (value["_tag"] === "TakeRequest" || value["_tag"] === "TakeRun") &&
      holds(value["limits"], "requestsPerSecond", "burst", "runsPerDay"))

export const isTakenAnswer = (value: unknown): value is Taken =>
  isObject(value) && (value["isTaken"] === true || isRefusal(value))

export const isRunAnswer = (value: unknown): value is Run =>
  isObject(value) && (value["isTaken"] === true ? holds(value, "day") : isRefusal(value))

const isRefusal = (value: Readonly<Record<string, unknown>>): boolean =>
  value["isTaken"] === false && holds(value, "retryAfterSeconds")

/** Whether there are whole numbers under the names. */
export const holds = (value: unknown, ...names: ReadonlyArray<string>): boolean =>
  isObject(value) && names.every((name) => Number.isSafeInteger(value[name]))
