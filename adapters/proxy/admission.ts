/** What the door lets in at all, before a body is read and before anybody knows who asks. */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { TransportError } from "../../core/errors.ts"
import type { HttpRequest } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Policy } from "../../core/policy/mod.ts"
import { within } from "../deadline.ts"
import { needsLength } from "../hono/fetched.ts"
import { requestTimeout } from "../hono/refusal.ts"
import { Refused } from "../policy/call.ts"
import { makeSlots, type Slot, type Slots } from "../policy/slots.ts"
import { Underway } from "../policy/underway.ts"
import { refusalOf } from "../refusals.ts"

export type Asked = Omit<HttpRequest, "body">

/** Requests under way at one time, of all callers. This project's own, as the next. */
export const maxRequests = 1000
/** Bytes of their bodies: an isolate of Workers has 128 MiB for everything, and a document read takes several times its size. */
export const maxBodyBytes = 16 * 1024 * 1024
/** Of these, what one caller can hold, so that a slow one leaves room for the others; a rule has a few KiB. */
export const maxCallerBytes = 4 * 1024 * 1024
/** Beside these, bytes of bodies that are read before anybody knows who sends them. */
const maxStrangeBytes = 4 * 1024 * 1024

/** All of the request was here, and its time went by waiting for COS. */
export class Late extends Data.TaggedError("Late")<{ readonly failure: TransportError }> {}

/**
 * A request that is let in ends within the policy's time, its body included. Nothing waits to be let in.
 *
 * There is room for a body from when it is to be read, which is after its sender is known: what anybody announces takes
 * nothing from anybody. Only where the body itself has to tell who sends it is there room from the beginning.
 */
export const admission = (policy: () => Policy) => {
  const slots = makeSlots()
  const known = makeSlots()
  /** Of the same, what each caller holds; by names of the policy. */
  const callers = new Map<string, Slots>()
  const ofCaller = (name: string): Slots => {
    const held = callers.get(name) ?? makeSlots()
    callers.set(name, held)
    return held
  }
  const strange = makeSlots()
  const enter = (isFree: boolean, seconds: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const slot = { until: now + seconds * 1000, weight: 1 }
      if (!isFree && slots.count() >= maxRequests) slots.sweep(now)
      if (!isFree && slots.count() >= maxRequests) {
        return Effect.fail(full(`more than ${maxRequests} requests at one time`))
      }
      slots.take(slot)
      return Effect.succeed<Entered>({ slot, rooms: [] })
    })
  const makeRoom = ({ slot, rooms }: Entered, bodies: Slots, most: number, bytes: number) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (bodies.weight() + bytes > most) bodies.sweep(now)
      if (bodies.weight() + bytes > most) return Effect.fail(full(`more than ${most} bytes of bodies`))
      const room = { until: slot.until, weight: bytes }
      bodies.take(room)
      rooms.push(() => bodies.give(room))
      return Effect.void
    })
  return {
    /** What is free, such as a question after health, is let in where no other request would be, but for its body. */
    admit: <A, E>({ asked, answering, isFree, caller }: Admittee<A, E>): Effect.Effect<A, E | Refused | Late> =>
      Effect.suspend(() => {
        const { timeoutSeconds } = policy()
        return Effect.acquireUseRelease(
          enter(isFree, timeoutSeconds),
          (entered) => {
            const begun = needsLength(asked)
              ? Effect.andThen(makeRoom(entered, strange, maxStrangeBytes, maxDocumentBytes), answering)
              : answering
            const room = (bytes: number) =>
              Effect.andThen(
                makeRoom(entered, ofCaller(caller() ?? ""), maxCallerBytes, bytes),
                makeRoom(entered, known, maxBodyBytes, bytes),
              )
            return timed(entered.slot.until, timeoutSeconds, room, begun)
          },
          ({ slot, rooms }) =>
            Effect.sync(() => {
              slots.give(slot)
              for (const leave of rooms) leave()
            }),
        )
      }),
    /** How many are under way, and the bytes kept free for their bodies. */
    underWay: () => ({ requests: slots.count(), bytes: known.weight() + strange.weight() }),
  }
}

export interface Admittee<A, E> {
  readonly asked: Asked
  readonly answering: Effect.Effect<A, E>
  readonly isFree: boolean
  /** Who asks, once that is known. */
  readonly caller: () => string | undefined
}

interface Entered {
  readonly slot: Slot
  /** What was kept free for its body. */
  readonly rooms: Array<() => void>
}

const timed = <A, E>(
  until: number,
  seconds: number,
  makeRoom: NonNullable<Underway["makeRoom"]>,
  answering: Effect.Effect<A, E>,
): Effect.Effect<A, E | Refused | Late> => {
  const underway: Underway = { until, isHere: false, makeRoom }
  return within(
    Effect.provideService(answering, Underway, underway),
    seconds * 1000,
    () => Effect.fail(underway.isHere ? late(seconds) : slow(seconds)),
  )
}

const late = (seconds: number): Late =>
  new Late({
    failure: new TransportError({
      kind: "timeout",
      sent: "maybe",
      host: "COS",
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
