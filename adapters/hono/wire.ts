/** The Hono app that turns HTTP into `Transport.send` and back: the raw target, the raw headers, one body of bytes. */
import type { HttpBindings } from "@hono/node-server"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type Context, Hono } from "hono"
import { header, type Headers, type HttpRequest, type HttpResponse, noBody } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import { Transport } from "../../core/ports.ts"
import { tooLarge } from "../answer.ts"
import { joined } from "../bytes.ts"
import { doorRefusal, internalError, malformedRequest, unreachable } from "./refusal.ts"

/** Without `incoming`, as under `fetch` handlers, the target is what the runtime made of it. */
export type Bindings = Partial<HttpBindings>
export type App = Hono<{ Bindings: Bindings }>

/** Requests run with the services of the fiber that makes the app, its clock among them. */
export const wire: Effect.Effect<App, never, Transport> = Effect.gen(function* () {
  const transport = yield* Transport
  const run = Effect.runPromiseExitWith(yield* Effect.context())
  const app: App = new Hono()
  app.all("*", async (c) => {
    const request = await readRequest(c)
    if ("status" in request) return responseOf(request)
    const exit = await run(transport.send(request), { signal: c.req.raw.signal })
    return responseOf(Exit.isSuccess(exit) ? exit.value : failureAnswer(exit.cause))
  })
  app.onError(() => responseOf(doorRefusal(internalError)))
  return app
})

const failureAnswer = (cause: Cause.Cause<{ readonly _tag: string }>): HttpResponse => {
  const isTransport = cause.reasons.some((r) => Cause.isFailReason(r) && r.error._tag === "TransportError")
  return doorRefusal(isTransport ? unreachable : internalError)
}

/** An answer as the runtime sends it. */
export const responseOf = ({ status, headers, body }: HttpResponse): Response =>
  new Response(body.byteLength === 0 ? null : Uint8Array.from(body), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  })

const readRequest = async (c: Context<{ Bindings: Bindings }>): Promise<HttpRequest | HttpResponse> => {
  const { raw } = c.req
  const incoming = (c.env as Bindings | undefined)?.incoming
  const headers = incoming === undefined ? [...raw.headers] : pairsOf(incoming.rawHeaders)
  const target = incoming?.url ?? raw.url.replace(/^[a-z]+:\/\/[^/?#]*/iu, "")
  const problem = problemOf(target, headers, incoming !== undefined)
  if (problem !== undefined) return doorRefusal({ ...malformedRequest, message: problem })
  const body = await bodyOf(raw)
  if (body === undefined) {
    // What is left of the body is not read, so the connection cannot be used again
    const refusal = doorRefusal(tooLarge)
    return { ...refusal, headers: [...refusal.headers, ["Connection", "close"]] }
  }
  const host = header(headers, "host") ?? new URL(raw.url).host
  return { method: incoming?.method ?? raw.method, origin: `http://${host}`, target, headers, body }
}

const pairsOf = (raw: ReadonlyArray<string>): Headers =>
  Array.from({ length: raw.length / 2 }, (_, i) => [raw[2 * i]!, raw[2 * i + 1]!] as const)

/** Requests that two readers could read as two different ones. */
const problemOf = (target: string, headers: Headers, isRaw: boolean): string | undefined => {
  const values = (name: string) => headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value)
  const hosts = values("host")
  if (!target.startsWith("/")) return "The request target must begin with a slash."
  if (isRaw && hosts.length === 0) return "The request has no Host."
  if (hosts.length > 1) return "The request has more than one Host."
  if (hosts.some((host) => !hostPattern.test(host))) return "The Host must be a host, or a host and a port."
  const lengths = values("content-length")
  if (lengths.length > 1) return "The request has more than one Content-Length."
  if (lengths.length > 0 && values("transfer-encoding").length > 0) {
    return "The request has a Content-Length beside a Transfer-Encoding."
  }
  return undefined
}
const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/u

/** The whole body, never more than the cap; undefined for a larger one. */
const bodyOf = async (request: Request): Promise<Uint8Array | undefined> => {
  if (Number(request.headers.get("content-length") ?? 0) > maxDocumentBytes) return undefined
  const reader = request.body?.getReader()
  if (reader === undefined) return noBody
  const chunks: Array<Uint8Array> = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return joined(chunks, length)
    length += value.byteLength
    if (length > maxDocumentBytes) return undefined
    chunks.push(value)
  }
}
