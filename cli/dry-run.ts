/** `--dry-run`: the command runs as it would, up to the network, and what it would send is printed. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { make, render, renderBody } from "../adapters/dry-run.ts"
import { hostOf, type HttpRequest } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import { redactRequest } from "../core/redact.ts"
import { onBucket, type Place, type Wired } from "./connection.ts"
import { type Failing, type Failure, note } from "./failure.ts"
import { type Form, printDocument } from "./output/form.ts"
import type { Flags } from "./settings.ts"
import type { World } from "./world.ts"

export interface Change<E, F> {
  readonly flags: Flags
  readonly form: Form
  readonly action: (place: string) => string
  readonly isDryRun: boolean
  /** The requests of the change alone: without what is read, asked or waited for around them. */
  readonly send: (place: Place) => Effect.Effect<unknown, E, Wired | World>
  readonly change: (place: Place) => Effect.Effect<void, F, Wired | World>
}

/** Makes a change, or prints what it would send. */
export const changing = <E extends Failing, F extends Failing | Failure>(
  given: Change<E, F>,
): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { flags, form, action } = given
    if (!given.isDryRun) return yield* onBucket(flags, { action, form }, given.change)
    const { transport, requests } = yield* make
    yield* onBucket(flags, { action, form, transport: Layer.succeed(Transport, transport) }, given.send)
    const sent = yield* requests
    if (form === "json" || form === "yaml") yield* printDocument(form, { requests: sent.map(fields) })
    else for (const request of sent) yield* Console.log(`${render(request)}\n`)
    yield* note("dry run; nothing was read from COS and nothing was sent to it", form)
  })

const fields = (request: HttpRequest): Record<string, unknown> => {
  const { method, origin, target, headers } = redactRequest(request)
  return { method, origin, target, headers: [["host", hostOf(request)], ...headers], body: renderBody(request.body) }
}
