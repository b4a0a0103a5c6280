/** The door that speaks JSON. */
import * as Effect from "effect/Effect"
import type { Authenticate } from "../../policy/authenticate.ts"
import { Refused } from "../../policy/call.ts"
import type { Door } from "../door.ts"
import { problem } from "../document.ts"

export interface JsonOptions {
  readonly authenticate: Authenticate["authenticate"]
}

export const jsonDoor = (_: JsonOptions): Door => ({
  isMine: (path) => /^\/(?:v1|docs|openapi\.json)(?:\/|$)/u.test(path),
  answer: () =>
    Effect.fail(
      new Refused({
        outcome: "invalid",
        refusal: { code: "NotImplemented", message: "There is nothing at this path." },
        why: "no such route",
      }),
    ),
  refuse: problem,
})
