/** One line for each request and what became of it, without its secrets. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type { TransportError } from "../../core/errors.ts"
import { header, hostOf, type HttpRequest, type HttpResponse } from "../../core/http.ts"
import type { Body, Serve } from "../../core/ports.ts"
import { escapeSteering, printable, redactTarget } from "../../core/redact.ts"
import type { About } from "../memory/mod.ts"

export interface AccessLog {
  /** Takes a line without its end. */
  readonly write: (line: string) => void
  /** Each line is a JSON object. */
  readonly json?: boolean
}

/** An answer that says what it was about. */
export type Answered = HttpResponse<Body> & { readonly about?: About }

/**
 * Writes its line when the answer is there; a body that streams is still to come then.
 *
 * **Example**
 *
 *     12:00:00.123Z PUT /?inventory&id=list1 200 PutBucketInventory 3ms NmE...
 *     12:00:01.456Z GET /a.txt 404 GetObject:NoSuchKey 1ms NmE...
 *     12:00:02.789Z PUT /b.bin - cut 57ms -
 */
export const logged = (
  log: AccessLog,
  serve: { readonly answer: (request: HttpRequest<Body>) => Effect.Effect<Answered, TransportError> },
): Serve => ({
  answer: (request) =>
    Effect.flatMap(Clock.currentTimeMillis, (started) =>
      serve.answer(request).pipe(
        Effect.onExit((exit) =>
          Effect.map(Clock.currentTimeMillis, (ended) => {
            const entry = entryOf(request, exit, started, ended - started)
            log.write(log.json === true ? jsonOf(entry) : textOf(entry))
          })
        ),
      )),
})

interface Entry extends Partial<About> {
  readonly time: string
  readonly level: "info"
  readonly method: string
  readonly host: string
  readonly target: string
  readonly status?: number
  /** Why there was no answer. */
  readonly broken?: string
  readonly millis: number
}

const entryOf = (
  request: HttpRequest<Body>,
  exit: Exit.Exit<Answered, TransportError>,
  started: number,
  millis: number,
): Entry => {
  const { method, target } = request
  const seen = {
    time: new Date(started).toISOString(),
    level: "info",
    method,
    host: hostOf(request),
    target: redactTarget(target),
  } as const
  if (Exit.isFailure(exit)) return { ...seen, broken: endOf(exit.cause), millis }
  const { status, about } = exit.value
  const requestId = header(exit.value.headers, "x-cos-request-id")
  return { ...seen, status, ...(requestId === undefined ? {} : { requestId }), ...about, millis }
}

/** `left` is a client that did not wait for the answer. */
const endOf = (cause: Cause.Cause<TransportError>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "left"
  const failure = cause.reasons.find(Cause.isFailReason)
  return failure === undefined ? "InternalError" : failure.error.kind
}

const textOf = ({ time, method, target, status, operation, code, broken, millis, requestId }: Entry): string => {
  const what = broken ?? [operation, code].filter((part) => part !== undefined).join(":")
  return [time.slice(11), method, target, status ?? "-", what === "" ? "-" : what, `${millis}ms`, requestId ?? "-"]
    .map((part) => oneLine(String(part))).join(" ")
}

/** What a client sends may not end a line and begin another one that it never was. */
const oneLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t")

const jsonOf = (entry: Entry): string => escapeSteering(JSON.stringify(entry))
