/** The local COS itself: takes a request, performs it on a store, and keeps what it changed. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { TransportError } from "../../core/errors.ts"
import { header, type HttpRequest, type HttpResponse, noBody } from "../../core/http.ts"
import { encodeKey } from "../../core/key.ts"
import type { Body } from "../../core/ports.ts"
import { answer, refusalAnswer, type Stamp, stampOf, tooLarge } from "../answer.ts"
import { gathered } from "../gathered.ts"
import type { About } from "../record.ts"
import * as Assumed from "./assumptions.ts"
import { corsHeaders } from "./buckets/mod.ts"
import { firstRefusal, type RefusalWithText, withBody, withoutBody } from "./checks.ts"
import { timeOf } from "./clock.ts"
import { type Facts, factsOf, type Settings, type Taken } from "./facts.ts"
import { documentLimit, type Done, isRefusal, type Operation } from "./operation.ts"
import { written } from "./written.ts"
import type { NoRoom, Run, Store, Stored } from "../store/mod.ts"

export type { About } from "../record.ts"

/** An answer, and what it was about. */
export interface Answered extends HttpResponse<Body> {
  readonly about: About
}

export interface Engine {
  readonly answer: (request: HttpRequest<Body>) => Effect.Effect<Answered, TransportError>
}

/** What a request is about, before it is performed. */
export const subjectOf = (settings: Settings, store: Store, request: HttpRequest<Body>): Omit<About, "requestId"> =>
  aboutOf(factsOf(settings, store, request, { real: 0, now: 0 }))

/** An answer that was not the engine's, as it would have given it. */
export const dressed = (
  settings: Settings,
  store: Store,
  request: HttpRequest<Body>,
  response: HttpResponse<Body>,
  code: string,
): Answered => {
  const facts = factsOf(settings, store, request, { real: 0, now: 0 })
  const requestId = header(response.headers, "x-cos-request-id") ?? ""
  return { ...withCors(facts, response), about: { ...aboutOf(facts), code, requestId } }
}

export interface EngineOptions {
  readonly store: Store
  readonly settings: Settings
  /** Told of each report to make, once its job is kept. */
  readonly onJob: (run: Run) => Effect.Effect<void>
  /** Milliseconds to move the real clock by, as a fault. */
  readonly skew: () => number
}

export const makeEngine = ({ store, settings, onJob, skew }: EngineOptions): Engine => {
  let answered = 0
  return {
    answer: (request) =>
      Effect.flatMap(Clock.currentTimeMillis, (millis) => {
        const real = millis + skew()
        const times = { real, now: timeOf(store.meta()?.clock, millis) }
        const stamp = stampOf(real, memoryDoor, ++answered)
        const facts = factsOf(settings, store, request, times)
        const refusal = firstRefusal(facts, withoutBody) ?? facts.operation()?.refuse?.(facts)
        if (refusal !== undefined) return Effect.succeed(refused(facts, stamp, refusal))
        const operation = facts.operation()!
        const finished = (taken: Taken | RefusalWithText): Effect.Effect<Answered> => {
          if (isRefusal(taken)) return Effect.succeed(refused(facts, stamp, taken))
          if (taken === untouched) return finish(facts, stamp, operation, undefined)
          // While a body came in others were answered, so what was known before may no longer be true
          const fresh = { ...factsOf(settings, store, request, times, taken), verified: facts.verified }
          return finish(fresh, stamp, operation, firstRefusal(fresh, withoutBody) ?? operation.refuse?.(fresh))
        }
        // A body that is stored gets its owner, or is let go, whoever loses interest meanwhile
        return Effect.uninterruptibleMask((restore) =>
          Effect.flatMap(restore(takeIn(facts, operation, store)), finished)
        )
      }),
  }

  function finish(facts: Facts, stamp: Stamp, operation: Operation, again: RefusalWithText | undefined) {
    const outcome = again ?? firstRefusal(facts, withBody) ?? operation.perform(facts)
    if (isRefusal(outcome)) {
      if (facts.stored !== undefined) store.bodies.discard(facts.stored.segments)
      return Effect.succeed(refused(facts, stamp, outcome))
    }
    if (outcome.changes !== undefined && outcome.changes.length > 0) store.commit(outcome.changes)
    const response = {
      ...withCors(facts, responseOf(outcome, stamp, store)),
      about: { ...aboutOf(facts), requestId: stamp.requestId },
    }
    return outcome.job === undefined ? Effect.succeed(response) : Effect.as(onJob(outcome.job), response)
  }
}

const memoryDoor = 0x1a54

/** Nothing was waited for. */
const untouched: Taken = { document: noBody }

const takeIn = (
  facts: Facts,
  operation: Operation,
  store: Store,
): Effect.Effect<Taken | RefusalWithText, TransportError> => {
  const { body } = facts.request
  if (operation.copies !== undefined) {
    const source = operation.copies(facts)
    return isRefusal(source)
      ? Effect.succeed(source)
      : storing(store.bodies.write(store.bodies.read(source.segments, source.start, source.end)))
  }
  if (operation.body === "object") return storing(store.bodies.write(body))
  if (operation.body === "none" || body instanceof Uint8Array) return Effect.succeed(untouched)
  return gathered(body, documentLimit(operation)).pipe(
    Effect.map((document) => document === undefined ? tooLarge : { document }),
    Effect.catchIf(isCut, () => Effect.succeed(Assumed.incompleteBody)),
  )
}

const storing = (writing: Effect.Effect<Stored, TransportError | NoRoom>) =>
  writing.pipe(
    Effect.map((stored): Taken | RefusalWithText => ({ document: noBody, stored })),
    Effect.catchTag("NoRoom", (problem) => Effect.succeed(Assumed.noRoom(problem))),
    Effect.catchIf(isCut, () => Effect.succeed(Assumed.incompleteBody)),
  )

const isCut = (error: TransportError): boolean => error.kind === "cut"

const responseOf = (done: Done, stamp: Stamp, store: Store): HttpResponse<Body> => {
  const { status, headers = [], body = "" } = done
  if (typeof body === "string") return answer(stamp, status, body, headers)
  const length = String(body.end - body.start)
  const head = answer(stamp, status, "", [...headers, ["Content-Length", length]])
  return { ...head, body: store.bodies.read(body.segments, body.start, body.end) }
}

const withCors = <B>(facts: Facts, response: HttpResponse<B>): HttpResponse<B> => {
  const headers = corsHeaders(facts)
  return headers.length === 0 ? response : { ...response, headers: [...response.headers, ...headers] }
}

/** The answer to HEAD has the headers alone. */
const refused = (facts: Facts, stamp: Stamp, refusal: RefusalWithText): Answered => {
  const { headers, formatString, ...error } = refusal
  const document = {
    ...error,
    message: written(error.message),
    resource: written(facts.resource()),
    ...(formatString === undefined ? {} : { formatString: written(formatString) }),
  }
  const response = withCors(facts, refusalAnswer(stamp, document, headers))
  return {
    ...response,
    body: facts.request.method === "HEAD" ? noBody : response.body,
    about: { ...aboutOf(facts), requestId: stamp.requestId, code: refusal.code },
  }
}

const aboutOf = (facts: Facts): Omit<About, "requestId"> => {
  const at = facts.place()
  const key = facts.asking().at === "Object" ? encodeKey(facts.key()) : ""
  const id = facts.id()
  return {
    operation: facts.operation()?.name ?? `${facts.request.method} ${facts.asking().at}`,
    ...(at._tag === "Bucket"
      ? { bucket: at.bucket.name }
      : at._tag === "Nowhere" && at.name !== undefined
      ? { bucket: at.name }
      : {}),
    ...(key === "" ? {} : { key }),
    ...(id === "" ? {} : { id }),
  }
}
