/** The token of a proxy on its way, and only there. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { layer, make } from "../adapters/bearer.ts"
import { make as makeDryRun, render } from "../adapters/dry-run.ts"
import { make as makeFetch } from "../adapters/fetch.ts"
import { type HttpRequest, noBody } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import { effect } from "./harness.ts"
import { answering, listen } from "./loopback.ts"

const request: HttpRequest = {
  method: "GET",
  origin: "https://proxy.test",
  target: "/examplebucket-1250000000/?inventory",
  headers: [["x-cos-a", "1"]],
  body: noBody,
}

effect(
  "bearer adds the token and leaves the rest as it is",
  Effect.gen(function* () {
    const { transport, requests } = yield* makeDryRun
    yield* make(transport, Redacted.make("abc.DEF-1_2~3+4/5==")).send(request)
    assert.deepEqual(yield* requests, [
      { ...request, headers: [["x-cos-a", "1"], ["authorization", "Bearer abc.DEF-1_2~3+4/5=="]] },
    ])
    assert.doesNotMatch(render((yield* requests)[0]!), /abc\.DEF/u)
  }),
)

effect(
  "bearer replaces an Authorization when the request has one in any spelling",
  Effect.gen(function* () {
    const { transport, requests } = yield* makeDryRun
    yield* make(transport, Redacted.make("abc")).send({
      ...request,
      headers: [["AUTHORIZATION", "q-signature=1"], ["Authorization", "Basic x"]],
    })
    assert.deepEqual((yield* requests)[0]!.headers, [["authorization", "Bearer abc"]])
  }),
)

effect(
  "bearer reaches the server as one header when it is a layer over fetch",
  Effect.scoped(Effect.gen(function* () {
    const server = yield* listen(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    const transport = layer(Redacted.make("abc")).pipe(Layer.provide(Layer.succeed(Transport, makeFetch())))
    yield* Transport.use((t) => t.send({ ...request, origin: server.origin })).pipe(Effect.provide(transport))
    assert.match(server.received(), /^GET \/examplebucket-1250000000\/\?inventory HTTP\/1\.1\r\n/u)
    assert.equal(server.received().match(/\r\nauthorization: Bearer abc\r\n/giu)?.length, 1)
  })),
)

for (
  const [token, problem] of [
    ["", /empty/u],
    ["hunter2\n", /white space/u],
    ["Bearer hunter2", /white space/u],
    ["hunter2\r\nx-evil: 1", /white space/u],
    ["hunter2é", /characters/u],
    ['"hunter2"', /characters/u],
  ] as const
) {
  effect(
    `bearer sends nothing when the token is ${JSON.stringify(token)}`,
    Effect.gen(function* () {
      const { transport, requests } = yield* makeDryRun
      const error = yield* Effect.flip(make(transport, Redacted.make(token)).send(request))
      assert.equal(error._tag, "ConfigError")
      assert.match(error.message, problem)
      assert.doesNotMatch(error.message + JSON.stringify(error), /hunter2/u)
      assert.deepEqual(yield* requests, [])
    }),
  )
}
