/** The door that speaks JSON. */
import * as Effect from "effect/Effect"
import { problem } from "../document.ts"
import type { Door } from "../door.ts"
import type { JsonOptions } from "./answered.ts"

export const jsonDoor = (options: JsonOptions): Door => ({
  isMine: (path) => /^\/(?:v1|docs|openapi\.json)(?:\/|$)/u.test(path),
  answer: (door) =>
    Effect.map(Effect.flatMap(answers, ({ answered }) => answered(options, door)), (response) => {
      // Of a rule that a condition found missing, which is no failure
      if (response.status < 400) delete door.told.code
      return door.request.method === "HEAD" ? { ...response, body: new Uint8Array(0) } : response
    }),
  refuse: problem,
})

/** Loaded for the first who asks in JSON: a proxy that starts at the edge for one SDK should not read all of it. */
const answers = Effect.promise(() => import("./answered.ts"))
