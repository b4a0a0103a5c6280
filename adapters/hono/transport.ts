/** Serving what takes and gives whole bodies alone. */
import * as Effect from "effect/Effect"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Send, Serve } from "../../core/ports.ts"
import { tooLarge } from "../answer.ts"
import { gathered } from "../gathered.ts"
import { doorRefusal, internalError, unreachable } from "./refusal.ts"

/**
 * A Transport as what answers requests. A body beyond the cap is refused without being read to its end; and where the
 * Transport fails, it is what lies behind that cannot be reached, so the client is told, on a connection that stays.
 */
export const serveOf = ({ send }: Send): Serve => ({
  answer: (request) =>
    Effect.flatMap(
      gathered(request.body, maxDocumentBytes),
      (body) =>
        body === undefined ? Effect.succeed(doorRefusal(tooLarge)) : send({ ...request, body }).pipe(
          Effect.catchTags({
            TransportError: () => Effect.succeed(doorRefusal(unreachable)),
            ConfigError: () => Effect.succeed(doorRefusal(internalError)),
          }),
        ),
    ),
})
