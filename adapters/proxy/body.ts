/** The body of a request at a door: whole and within its size, or refused in COS's words. */
import * as Effect from "effect/Effect"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { Body } from "../../core/ports.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import { incompleteBody, tooLarge } from "../answer.ts"
import { gathered } from "../gathered.ts"
import { requestTimeout } from "../hono/refusal.ts"
import { Refused } from "../policy/call.ts"

/** What fails here is the caller's side of the connection, and nothing of COS's. */
export const wholeBody = (body: Body): Effect.Effect<Uint8Array, Refused> =>
  gathered(body, maxDocumentBytes).pipe(
    Effect.mapError(({ kind, detail }) => refused(kind === "timeout" ? requestTimeout : incompleteBody, detail)),
    Effect.flatMap((bytes) =>
      bytes === undefined
        ? Effect.fail(refused(tooLarge, `the body has more than ${maxDocumentBytes} bytes`))
        : Effect.succeed(bytes)
    ),
  )

const refused = (refusal: Refusal, why: string): Refused => new Refused({ outcome: "invalid", refusal, why })
