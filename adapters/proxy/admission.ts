/** What the door lets in at all, before a body is read and before anybody knows who asks. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { TransportError } from "../../core/errors.ts"
import { header, hostOf, type HttpRequest } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Policy } from "../../core/policy/mod.ts"
import { within } from "../deadline.ts"
import { requestTimeout } from "../hono/refusal.ts"
import { Refused } from "../policy/call.ts"
import { makeSlots } from "../policy/slots.ts"
import { Underway } from "../policy/underway.ts"
import { refusalOf } from "../refusals.ts"

export type Asked = Omit<HttpRequest, "body">

/** Requests under way at one time, of all callers. This project's own, as the next. */
export const maxRequests = 1000
/** Bytes of their bodies: an isolate of Workers has 128 MiB for everything, and a document read takes several times its size. */
export const maxBodyBytes = 16 * 1024 * 1024

/** All of the request was here, and its time went by waiting for COS. */
export class Late extends Data.TaggedError("Late")<{ readonly failure: TransportError }> {}

/** A request that is let in ends within the policy's time, its body included. Nothing waits to be let in. */
export const admission = (policy: () => Policy) => {
  const slots = makeSlots()
  const fullness = (isFree: boolean, size: number): string | undefined =>
    !isFree && slots.count() >= maxRequests
      ? `more than ${maxRequests} requests at one time`
      : size > 0 && slots.weight() + size > maxBodyBytes
      ? `more than ${maxBodyBytes} bytes of bodies`
      : undefined
  const enter = (asked: Asked, isFree: boolean, seconds: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const slot = { until: now + seconds * 1000, weight: sizeOf(asked) }
      if (fullness(isFree, slot.weight) !== undefined) slots.sweep(now)
      const why = fullness(isFree, slot.weight)
      if (why !== undefined) return Effect.fail(full(why))
      slots.take(slot)
      return Effect.succeed(slot)
    })
  return {
    /** What is free, such as a question after health, is let in where no other request would be, but for its body. */
    admit: <A, E>(
      asked: Asked,
      answering: Effect.Effect<A, E>,
      isFree: boolean,
    ): Effect.Effect<A, E | Refused | Late> =>
      Effect.suspend(() => {
        const { timeoutSeconds } = policy()
        return Effect.acquireUseRelease(
          enter(asked, isFree, timeoutSeconds),
          ({ until }) => timed(asked, until, timeoutSeconds, answering),
          (slot) => Effect.sync(() => slots.give(slot)),
        )
      }),
    /** How many are under way, and the bytes kept free for their bodies. */
    underWay: () => ({ requests: slots.count(), bytes: slots.weight() }),
  }
}

/** What is not announced may be as much as is taken. */
const sizeOf = ({ headers }: Asked): number => {
  const announced = header(headers, "content-length")
  if (announced !== undefined) return Math.min(Math.max(0, Number(announced) || 0), maxDocumentBytes)
  return header(headers, "transfer-encoding") === undefined ? 0 : maxDocumentBytes
}

const timed = <A, E>(
  asked: Asked,
  until: number,
  seconds: number,
  answering: Effect.Effect<A, E>,
): Effect.Effect<A, E | Refused | Late> => {
  const underway = { until, isHere: false }
  return within(
    Effect.provideService(answering, Underway, underway),
    seconds * 1000,
    () => Effect.fail(underway.isHere ? late(asked, seconds) : slow(seconds)),
  )
}

const late = (asked: Asked, seconds: number): Late =>
  new Late({
    failure: new TransportError({
      kind: "timeout",
      sent: "maybe",
      host: hostOf(asked),
      detail: `No whole answer within the ${seconds} seconds of the policy`,
    }),
  })

const slow = (seconds: number): Refused =>
  new Refused({
    outcome: "invalid",
    refusal: requestTimeout,
    why: `the request did not come in within the ${seconds} seconds of the policy`,
  })

/** The rate of whoever asks is not known yet. */
const full = (why: string): Refused =>
  new Refused({ outcome: "limited", refusal: refusalOf("SlowDown"), why, retryAfterSeconds: 1 })
