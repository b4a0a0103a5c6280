/** Every request and its answer at level Debug, without secrets. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import { hostOf, type HttpResponse } from "../core/http.ts"
import { type Send, Transport } from "../core/ports.ts"
import { oneLine, quotedLine, redactResponse } from "../core/redact.ts"
import { render, renderBody } from "./dry-run.ts"

/** Characters of a body that are shown. */
const excerpt = 2000

/** Beneath retry and signing it shows each attempt as it goes out; above them, each call once. */
export const layer: Layer.Layer<Transport, never, Transport> = Layer.effect(
  Transport,
  Effect.map(Transport, (inner) => make(inner)),
)

export const make = (inner: Send): Send => ({
  send: (request) =>
    Effect.gen(function* () {
      // Rendering takes longer than what nobody reads is worth
      if (!(yield* LogLevel.isEnabled("Debug"))) return yield* inner.send(request)
      const started = yield* Clock.currentTimeMillis
      const took = Effect.map(Clock.currentTimeMillis, (now) => `${now - started} ms`)
      yield* Effect.logDebug(`Request\n${render(request, excerpt)}`)
      return yield* inner.send(request).pipe(
        Effect.tap((answer) =>
          Effect.flatMap(took, (time) => Effect.logDebug(`Answer after ${time}\n${renderAnswer(answer)}`))
        ),
        Effect.tapError((error) =>
          Effect.flatMap(took, (time) =>
            Effect.logDebug(`No answer from ${hostOf(request)} after ${time}: ${quotedLine(error.message)}`))
        ),
      )
    }),
})

const renderAnswer = (answer: HttpResponse): string => {
  const { headers, status } = redactResponse(answer)
  const lines = [`HTTP/1.1 ${status}`, ...headers.map(([name, value]) => `${name}: ${value}`)]
  return [...lines.map(oneLine), "", renderBody(answer.body, excerpt)].join("\n")
}
