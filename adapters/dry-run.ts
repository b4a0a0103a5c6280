/** A Transport that sends nothing, and the text of what it would have sent. */
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import { header, hostOf, type HttpRequest, type HttpResponse, noBody } from "../core/http.ts"
import type { Send } from "../core/ports.ts"
import { oneLine, printable, redactRequest, redactText } from "../core/redact.ts"

export interface DryRun {
  readonly transport: Send
  /** Every request so far, in order and as it would have been sent: with its secrets. */
  readonly requests: Effect.Effect<ReadonlyArray<HttpRequest>>
}

/**
 * Records every request and answers 200 without a body.
 *
 * That is what COS answers to a change; a read comes back as `UnexpectedAnswer`, because nothing was read.
 */
export const make: Effect.Effect<DryRun> = Effect.gen(function* () {
  const recorded = yield* Ref.make<ReadonlyArray<HttpRequest>>([])
  return {
    transport: {
      send: (request) => Effect.as(Ref.update(recorded, (all) => [...all, request]), done),
    },
    requests: Ref.get(recorded),
  }
})

const done: HttpResponse = { status: 200, headers: [["content-length", "0"]], body: noBody }

/**
 * A request as HTTP/1.1 text for people: secrets masked, lines ended by LF, and a body that is not text counted.
 *
 * `limit` cuts the body after so many characters; it is whole unless told.
 */
export const render = (request: HttpRequest, limit = Infinity): string => {
  const { headers, method, target } = redactRequest(request)
  const shown = headers.filter(([name]) => name.toLowerCase() !== "host")
  if (request.body.length > 0 && header(headers, "content-length") === undefined) {
    shown.push(["content-length", String(request.body.length)])
  }
  const lines = [`${method} ${target} HTTP/1.1`, `host: ${hostOf(request)}`, ...shown.map(([n, v]) => `${n}: ${v}`)]
  return [...lines.map(oneLine), "", renderBody(request.body, limit)].join("\n")
}

export const renderBody = (body: Uint8Array, limit = Infinity): string => {
  if (body.length === 0) return ""
  let text: string
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body)
  } catch {
    return `<${body.length} bytes that are not text>`
  }
  const safe = printable(redactText(text))
  return safe.length > limit ? `${safe.slice(0, limit)}… (${body.length} bytes)` : safe
}
