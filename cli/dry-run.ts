/** `--dry-run`: the command runs as it would, up to the network, and what it would send is printed. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { make, render, renderBody } from "../adapters/dry-run.ts"
import { hostOf, type HttpRequest } from "../core/http.ts"
import { Transport } from "../core/ports.ts"
import { redactRequest } from "../core/redact.ts"
import { choosesMany } from "./chosen.ts"
import { onBucket, type Place } from "./connection.ts"
import { exits } from "./exit.ts"
import { type Failure, note, Refusal, reporting } from "./failure.ts"
import { onFleet } from "./fleet.ts"
import { printDocument } from "./output/form.ts"
import type { World } from "./world.ts"
import { type Change, changingAll, type Done } from "./writing.ts"

/** Makes the changes, or prints what they would send. */
export const changing = <A, B extends Done>(
  given: Change<A, B> & { readonly isDryRun: boolean },
): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { flags, form, action } = given
    if (!given.isDryRun) return yield* changingAll(given)
    if (flags.allBuckets) return yield* Effect.fail(unlisted).pipe(reporting(action("the buckets"), form))
    const { transport, requests } = yield* make
    const options = { action, form, transport: Layer.succeed(Transport, transport) }
    const send = (place: Place) =>
      Effect.flatMap(
        given.items(place.region),
        Effect.forEach((item) => given.send(place, item), { discard: true }),
      )
    yield* choosesMany(flags)
      ? onFleet(
        flags,
        options,
        (fleet) => Effect.forEach(fleet.chosen, (ref) => Effect.flatMap(fleet.at(ref), send), { discard: true }),
      )
      : onBucket(flags, options, send)
    const sent = yield* requests
    if (form === "json" || form === "yaml") yield* printDocument(form, { requests: sent.map(fields) })
    else for (const request of sent) yield* Console.log(`${render(request)}\n`)
    yield* note("dry run; nothing was read from COS and nothing was sent to it", form)
  })

const unlisted = new Refusal({
  exit: exits.usage,
  problem: "--dry-run sends nothing, so it cannot ask which buckets there are",
  fix: "Name them with --bucket or --buckets-from",
})

const fields = (request: HttpRequest): Record<string, unknown> => {
  const { method, origin, target, headers } = redactRequest(request)
  return { method, origin, target, headers: [["host", hostOf(request)], ...headers], body: renderBody(request.body) }
}
