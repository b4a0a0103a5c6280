/** The Hono app that turns HTTP into `Serve.answer` and back: the raw target, the raw headers, bodies whole or streamed. */
import type { HttpBindings } from "@hono/node-server"
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Stream from "effect/Stream"
import { Hono } from "hono/tiny"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { TransportError } from "../../core/errors.ts"
import { header, type Headers, type HttpRequest, type HttpResponse } from "../../core/http.ts"
import type { Body, Serve } from "../../core/ports.ts"
import { type Recorded, recorded, type Telling } from "../record.ts"
import { arrivalOf, faultOf, faultRefusals, forget, isLast } from "./arrival.ts"
import { breakConnection, depart } from "./departure.ts"
import { abandon, fetchedBody, needsLength } from "./fetched.ts"
import { onLeaving } from "./leaving.ts"
import { doorRefusal, internalError, malformed } from "./refusal.ts"
import { tellDefect, Watch } from "./watch.ts"

/** Without `incoming`, as under `fetch` handlers, the target is what the runtime made of it. */
export type Bindings = Partial<HttpBindings>
export type App = Hono<{ Bindings: Bindings }>

/**
 * Requests run with the services of the fiber that makes the app, its clock and its `Watch` among them.
 *
 * A TransportError breaks the connection, as `fetch` fails where there is no socket. It is told in words where there is
 * something to say: the body of the request did not come in whole.
 */
export const wire = (serve: Serve & Admitting): Effect.Effect<App> =>
  Effect.gen(function* () {
    const services = yield* Effect.context()
    const watch = yield* Watch
    const fork = Effect.runForkWith(services)
    const run = Effect.runPromiseExitWith(services)
    const app: App = new Hono()
    app.all("*", (c): Response | Promise<Response> => {
      const { incoming, outgoing } = (c.env as Bindings | undefined) ?? {}
      if (incoming === undefined || outgoing === undefined) {
        const { signal } = c.req.raw
        return run(answerFetched(serve, watch, c.req.raw), { signal }).then((exit) => {
          if (Exit.isSuccess(exit)) return exit.value
          throw signal.aborted ? signal.reason : fetchFailed(exit.cause)
        })
      }
      const fiber = fork(answerSocket(serve, watch, incoming, outgoing))
      const leave = () => fiber.interruptUnsafe()
      if (serve.endIsLeaving === true) onLeaving(incoming, outgoing, leave)
      else outgoing.once("close", leave)
      return RESPONSE_ALREADY_SENT
    })
    app.onError((error, c) => {
      // What a fetch handler throws is what its caller is to get
      if ((c.env as Bindings | undefined)?.outgoing === undefined) throw error
      tellDefect(watch, Cause.die(error))
      return responseOf(doorRefusal(internalError))
    })
    return app
  })

export interface Admitting {
  /** A body is awaited when it is read, and not before: who sends it, and whether it may, can be found out first. */
  readonly lazyBodies?: boolean
  /** A client that ends its side before it has its answer has left, and what was begun for it is to end. */
  readonly endIsLeaving?: boolean
  /** Around the whole of a request, its body included: may refuse it unread, and may end it. */
  readonly admit?: (
    asked: Omit<HttpRequest, "body">,
    answering: Effect.Effect<Telling<Body>, TransportError>,
  ) => Effect.Effect<Telling<Body>, TransportError>
}

/** As the platforms' own `fetch` fails. */
const fetchFailed = (cause: Cause.Cause<TransportError>): TypeError =>
  new TypeError("fetch failed", { cause: Cause.squash(cause) })

/** A whole answer as a Response. */
export const responseOf = ({ status, headers, body }: HttpResponse): Response =>
  new Response(body.byteLength === 0 ? null : Uint8Array.from(body), init(status, headers))

const init = (status: number, headers: Headers): ResponseInit => ({
  status,
  headers: headers.map(([name, value]): [string, string] => [name, value]),
})

const answerSocket = (
  serve: Serve & Admitting,
  watch: Watch,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { method = "", url: target = "" } = incoming
    const headers = pairsOf(incoming.rawHeaders)
    const asked = { method, origin: `http://${header(headers, "host") ?? ""}`, target, headers }
    const problem = problemOf(target, headers, true)
    const answer = problem === undefined
      ? answered(serve, watch, asked, arrivalOf(incoming, outgoing, serve.lazyBodies)).pipe(
        Effect.catch((error) => {
          const fault = faultOf(incoming)
          return fault === undefined ? Effect.fail(error) : Effect.succeed(doorRefusal(faultRefusals[fault]))
        }),
      )
      : Effect.succeed(doorRefusal(malformed(problem)))
    // Whoever closes the door may have answered for it
    const keep = (recorded: Recorded) =>
      watch.onRequest(outgoing.headersSent ? { ...recorded, status: outgoing.statusCode } : recorded)
    return recorded(asked, answer, keep).pipe(
      Effect.flatMap((response) =>
        depart(outgoing, problem !== undefined || isLast(incoming) ? last(response) : response)
      ),
      Effect.catchCause((cause) =>
        Effect.sync(() => {
          if (!isExpected(cause)) tellDefect(watch, cause)
          breakConnection(outgoing)
        })
      ),
      Effect.ensuring(Effect.sync(() => forget(incoming))),
    )
  })

/** Whatever goes wrong in the program itself is told to those who watch, and to the client without the cause. */
const answered = (
  { answer, admit = (_, answering) => answering }: Serve & Admitting,
  watch: Watch,
  asked: Omit<HttpRequest, "body">,
  body: Effect.Effect<Body, TransportError>,
): Effect.Effect<Telling<Body>, TransportError> =>
  admit(
    asked,
    Effect.flatMap(body, (body): Effect.Effect<Telling<Body>, TransportError> => answer({ ...asked, body })),
  ).pipe(
    Effect.catchCause((cause) => {
      if (isExpected(cause)) return Effect.failCause(cause)
      tellDefect(watch, cause)
      return Effect.succeed(doorRefusal(internalError))
    }),
  )

/** A body that was cut or a client that left, and no fault of the program's own. */
const isExpected = (cause: Cause.Cause<TransportError>): boolean =>
  cause.reasons.some(Cause.isFailReason) || Cause.hasInterruptsOnly(cause)

/** The answer after which nothing can be read from the connection any more. */
const last = <B>(response: HttpResponse<B>): HttpResponse<B> => ({
  ...response,
  headers: [...response.headers, ["Connection", "close"]],
})

const answerFetched = (
  serve: Serve & Admitting,
  watch: Watch,
  request: Request,
): Effect.Effect<Response, TransportError> =>
  Effect.suspend(() => {
    const headers = headersOf(request, undefined)
    const target = targetOf(request, undefined)
    const origin = `http://${header(headers, "host") ?? new URL(request.url).host}`
    const asked = { method: request.method, origin, target, headers }
    const problem = problemOf(target, headers, false)
    const answer = problem === undefined
      ? answered(serve, watch, asked, fetchedBody(request, serve.lazyBodies === true && !needsLength(asked)))
      : Effect.succeed(doorRefusal(malformed(problem)))
    const left = Effect.sync(() => abandon(request))
    return recorded(asked, answer, watch.onRequest).pipe(
      Effect.onError(() => left),
      Effect.flatMap((response) => fetchedResponse(response, left)),
    )
  })

/** An answer that streams may itself still read what was sent. */
const fetchedResponse = (
  { status, headers, body }: HttpResponse<Body>,
  atEnd: Effect.Effect<void>,
): Effect.Effect<Response> =>
  body instanceof Uint8Array ? Effect.as(atEnd, responseOf({ status, headers, body })) : Effect.map(
    Stream.toReadableStreamEffect(Stream.ensuring(body.stream, atEnd)),
    (stream) => new Response(stream, init(status, headers)),
  )

/** Path and query as they were sent. */
export const targetOf = (request: Request, env: Bindings | undefined): string =>
  env?.incoming?.url ?? request.url.replace(/^[a-z]+:\/\/[^/?#]*/iu, "")

export const headersOf = (request: Request, env: Bindings | undefined): Headers =>
  env?.incoming === undefined ? [...request.headers] : pairsOf(env.incoming.rawHeaders)

/** The Host in lower case; undefined where there is not exactly one, or it is none. */
export const hostIn = (request: Request, env: Bindings | undefined): string | undefined => {
  const hosts = headersOf(request, env).filter(([name]) => name.toLowerCase() === "host").map(([, value]) => value)
  if (hosts.length === 0 && env?.incoming === undefined) hosts.push(new URL(request.url).host)
  return hosts.length === 1 && hostPattern.test(hosts[0]!) ? hosts[0]!.toLowerCase() : undefined
}

const pairsOf = (raw: ReadonlyArray<string>): Headers => {
  const pairs: Array<readonly [string, string]> = []
  for (let i = 0; i < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!])
  return pairs
}

/** Requests that two readers could read as two different ones. */
const problemOf = (target: string, headers: Headers, isRaw: boolean): string | undefined => {
  const found: Record<(typeof framing)[number], Array<string>> = {
    "host": [],
    "content-length": [],
    "transfer-encoding": [],
  }
  for (const [name, value] of headers) {
    const lower = name.toLowerCase() as (typeof framing)[number]
    if (framing.includes(lower)) found[lower].push(value)
  }
  const { host: hosts, "content-length": lengths, "transfer-encoding": codings } = found
  if (!target.startsWith("/")) return "The request target must begin with a slash."
  if (isRaw && hosts.length === 0) return "The request has no Host."
  if (hosts.length > 1) return "The request has more than one Host."
  if (hosts.some((host) => !hostPattern.test(host))) return "The Host must be a host, or a host and a port."
  if (lengths.length > 1) return "The request has more than one Content-Length."
  if (lengths.some((length) => !/^\d{1,15}$/u.test(length))) return "The Content-Length must be a number of bytes."
  if (lengths.length > 0 && codings.length > 0) return "The request has a Content-Length beside a Transfer-Encoding."
  if (codings.length > 1 || codings.some((coding) => coding.toLowerCase() !== "chunked")) {
    return "The Transfer-Encoding must be chunked."
  }
  return undefined
}
const framing = ["host", "content-length", "transfer-encoding"] as const
const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/u
