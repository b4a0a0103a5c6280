/** `--dry-run`: the command runs as it would, up to the network, and what it would send is printed. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { make, render, renderBody } from "../adapters/dry-run.ts"
import { hostOf, type HttpRequest } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import { redactRequest } from "../core/redact.ts"
import { type Failure, note } from "./failure.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { World } from "./world.ts"

export const dryRun = <A>(
  form: Form,
  command: (transport: Layer.Layer<Transport>) => Effect.Effect<A, Failure, World>,
): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { transport, requests } = yield* make
    yield* command(Layer.succeed(Transport, transport))
    const sent = yield* requests
    if (form === "json" || form === "yaml") yield* printDocument(form, { requests: sent.map(fields) })
    else for (const request of sent) yield* Console.log(`${render(request)}\n`)
    yield* note("dry run; nothing was read from COS and nothing was sent to it", form)
  })

const fields = (request: HttpRequest): Record<string, unknown> => {
  const { method, origin, target, headers } = redactRequest(request)
  return { method, origin, target, headers: [["host", hostOf(request)], ...headers], body: renderBody(request.body) }
}
