/** A Transport that answers from a list, in order, and keeps what was sent. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import { hashes } from "../adapters/hashes/node.ts"
import { TransportError } from "../core/errors.ts"
import type { HttpRequest, HttpResponse } from "../core/http.ts"
import { Hashing, Transport } from "../core/ports.ts"

export const at = { bucket: "examplebucket-1250000000", region: "ap-guangzhou" }

export const reply = (xml: string, status = 200): HttpResponse => ({
  status,
  headers: [],
  body: new TextEncoder().encode(xml),
})

export const scripted = (...answers: ReadonlyArray<HttpResponse | TransportError>) => {
  const sent: Array<HttpRequest> = []
  const transport = Transport.of({
    send: (request) =>
      Effect.suspend(() => {
        const answer = answers[sent.push(request) - 1]
        if (answer === undefined) assert.fail(`nothing is scripted for ${request.method} ${request.target}`)
        return answer instanceof TransportError ? Effect.fail(answer) : Effect.succeed(answer)
      }),
  })
  return {
    sent,
    md5: hashes.md5Base64,
    provide: <A, E>(call: Effect.Effect<A, E, Transport | Hashing>): Effect.Effect<A, E> =>
      call.pipe(Effect.provideService(Transport, transport), Effect.provideService(Hashing, hashes)),
  }
}
