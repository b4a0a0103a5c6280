/** Things that go wrong on purpose, so that a client can be seen to bear them: the same seed and requests, the same faults. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { TransportError } from "../../../core/errors.ts"
import { hostOf, type HttpRequest, type HttpResponse, noBody } from "../../../core/http.ts"
import { type Key, keyOfText } from "../../../core/key.ts"
import type { Body } from "../../../core/ports.ts"
import { refusalAnswer, stampOf } from "../../answer.ts"
import { drawn } from "../../draw.ts"
import { cut, stalled } from "./body.ts"
import { codeOfStatus, type EffectName, effectOf, type Fault } from "./fault.ts"
import { readPeriod } from "./period.ts"

export { Fault, readFaults } from "./fault.ts"
export { readPeriod } from "./period.ts"

/** What a request is about, as far as a fault looks at it. */
export interface Subject {
  /** The action's name. */
  readonly operation: string
  readonly bucket?: string
  /** Of an object. */
  readonly key?: Key
  /** Of an inventory rule. */
  readonly id?: string
}

export interface Listed {
  readonly id: number
  readonly fault: Fault
  /** How many requests fitted. */
  readonly met: number
  /** How often it happened. */
  readonly happened: number
}

export type Answer<A extends HttpResponse<Body>> = (request: HttpRequest<Body>) => Effect.Effect<A, TransportError>

export interface Faults {
  /** Faults are looked at in the order of adding; each has an id of its own, which is never given again. */
  readonly add: (fault: Fault) => number
  readonly list: () => ReadonlyArray<Listed>
  /** False where there is none of this id. */
  readonly remove: (id: number) => boolean
  readonly clear: () => void
  /**
   * Lets faults happen to requests. One that answers keeps the request from those after it; an answer of its own is
   * `dressed` as the others are.
   */
  readonly around: <A extends HttpResponse<Body>>(
    answer: Answer<A>,
    about: (request: HttpRequest<Body>) => Subject,
    dressed: (response: HttpResponse<Body>, subject: Subject, code: string) => A,
  ) => Answer<A>
  /** The greatest page of a list there is now. */
  readonly pageSize: (operation: string, most: number) => number
  /** Milliseconds by which a report is late; to be asked once for each report. */
  readonly reportDelay: (rule: { readonly bucket: string; readonly id: string }) => number
  /** Whether a report may not be written there; to be asked once for each report. */
  readonly deniesDestination: (bucket: string) => boolean
  readonly skewSeconds: () => number
}

interface Kept {
  readonly id: number
  readonly fault: Fault
  readonly effect: EffectName
  readonly prefix: Key
  met: number
  happened: number
}

export const makeFaults = (): Faults => {
  let kept: ReadonlyArray<Kept> = []
  let last = 0
  let answered = 0

  /** Those of some effects that happen now, each when it is come to, so that one after an answer does not count. */
  const happening = function* (effects: ReadonlySet<EffectName>, asked: Asked): Iterable<Fault> {
    for (const one of kept) {
      if (effects.has(one.effect) && fits(one, asked) && happens(one)) yield one.fault
    }
  }
  const happeningTo = (effect: EffectName, asked: Asked): ReadonlyArray<Fault> => [
    ...happening(new Set([effect]), asked),
  ]

  return {
    add: (fault) => {
      const id = ++last
      const prefix = keyOfText(fault.match?.key ?? "")
      kept = [...kept, { id, fault, effect: effectOf(fault), prefix, met: 0, happened: 0 }]
      return id
    },
    list: () => kept.map(({ id, fault, met, happened }) => ({ id, fault, met, happened })),
    remove: (id) => {
      const before = kept.length
      kept = kept.filter((one) => one.id !== id)
      return kept.length < before
    },
    clear: () => void (kept = []),

    around: (answer, about, dressed) => (request) => {
      if (kept.length === 0) return answer(request)
      const subject = about(request)
      const asked = { ...subject, method: request.method.toUpperCase() }
      let latency = 0
      let ending: Fault | undefined
      const later: Array<Fault> = []
      for (const fault of happening(onRequests, asked)) {
        if (fault.latencyMs !== undefined) latency += fault.latencyMs
        else if (isEnding(fault)) {
          ending = fault
          break
        } else later.push(fault)
      }
      const ended = ending
      const answering = ended === undefined
        ? Effect.flatMap(answer(request), (response) => spoiled(response, later, hostOf(request)))
        : ended.drop !== undefined
        ? Effect.fail(dropped(request))
        : Effect.map(Clock.currentTimeMillis, (now) => {
          const code = ended.code ?? codeOfStatus(ended.status!)!
          return dressed(refusal(request, ended, code, stampOf(now, faultsDoor, ++answered)), subject, code)
        })
      return latency === 0 ? answering : Effect.andThen(Effect.sleep(latency), answering)
    },

    pageSize: (operation, most) =>
      happeningTo("truncateList", { operation }).reduce(
        (size, { truncateList }) => Math.min(size, truncateList!),
        most,
      ),
    reportDelay: ({ bucket, id }) =>
      happeningTo("lateReports", { bucket, id }).reduce((sum, { lateReports }) => sum + readPeriod(lateReports!)!, 0),
    deniesDestination: (bucket) => {
      let isDenied = false
      for (const one of kept) if (one.fault.denyDestination === bucket && happens(one)) isDenied = true
      return isDenied
    },
    skewSeconds: () =>
      happeningTo("clockSkewSeconds", {}).reduce((sum, { clockSkewSeconds }) => sum + clockSkewSeconds!, 0),
  }
}

type Asked = Partial<Subject> & { readonly method?: string }

const onRequests: ReadonlySet<EffectName> = new Set(["status", "code", "latencyMs", "cutBody", "stallBody", "drop"])

const fits = ({ fault: { match = {} }, prefix }: Kept, asked: Asked): boolean =>
  (match.operation === undefined || match.operation === asked.operation) &&
  (match.bucket === undefined || match.bucket === asked.bucket) &&
  (match.method === undefined || match.method.toUpperCase() === asked.method) &&
  (match.id === undefined || match.id === asked.id) &&
  (match.key === undefined || asked.key?.startsWith(prefix) === true)

/** Counts it. */
const happens = (one: Kept): boolean => {
  const { after = 0, probability = 1, seed = 0, times = Infinity } = one.fault
  const nth = one.met++
  if (nth < after || one.happened >= times) return false
  if (drawn(seed, "fault", nth) / 2 ** 32 >= probability) return false
  one.happened++
  return true
}

/** The request is not performed. */
const isEnding = ({ status, code, drop }: Fault): boolean =>
  status !== undefined || code !== undefined || drop === true || drop === "before"

const spoiled = <A extends HttpResponse<Body>>(
  response: A,
  faults: ReadonlyArray<Fault>,
  host: string,
): Effect.Effect<A, TransportError> => {
  let body: Body = response.body
  for (const { cutBody, drop, stallBody } of faults) {
    if (drop !== undefined) return Effect.fail(lost(host))
    if (stallBody !== undefined) body = stalled(body, stallBody.afterBytes, stallBody.ms)
    if (cutBody !== undefined) body = cut(body, cutBody, host)
  }
  return Effect.succeed(body === response.body ? response : { ...response, body })
}

const dropped = (request: HttpRequest<Body>): TransportError => lost(hostOf(request))
const lost = (host: string): TransportError =>
  new TransportError({ kind: "reset", sent: "maybe", host, detail: "a fault broke the connection" })

const faultsDoor = 0x1a55

const refusal = (
  request: HttpRequest<Body>,
  { status, retryAfter }: Fault,
  code: string,
  stamp: ReturnType<typeof stampOf>,
): HttpResponse<Body> => {
  const path = request.target.split("?", 1)[0]!
  const response = refusalAnswer(
    stamp,
    { code, message: "A fault was set to answer this.", resource: `${hostOf(request)}${path === "/" ? "" : path}` },
    retryAfter === undefined ? [] : [["Retry-After", String(retryAfter)]],
  )
  return {
    ...response,
    ...(status === undefined ? {} : { status }),
    // The answer to HEAD has the headers alone
    ...(request.method === "HEAD" ? { body: noBody } : {}),
  }
}
