/** `--dry-run`: the command runs as it would, up to the network, and what it would send is printed. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { make, render } from "../adapters/dry-run.ts"
import { Transport } from "../core/ports.ts"
import type { Failure } from "./failure.ts"
import type { World } from "./world.ts"

export const dryRun = <A>(
  command: (transport: Layer.Layer<Transport>) => Effect.Effect<A, Failure, World>,
): Effect.Effect<void, Failure, World> =>
  Effect.gen(function* () {
    const { transport, requests } = yield* make
    yield* command(Layer.succeed(Transport, transport))
    for (const request of yield* requests) yield* Console.log(`${render(request)}\n`)
    yield* Console.error("Note: dry run; nothing was sent")
  })
