/** Whether the proxy lives, and whether it can do its work: `/healthz` and `/readyz`. */
import * as Effect from "effect/Effect"
import type { Door } from "./door.ts"
import { json, problem } from "./document.ts"

export const healthDoor = (): Door => ({
  isMine: (path) => path === "/healthz" || path === "/readyz",
  answer: ({ told }) => {
    told.operation = "Health"
    return Effect.succeed(json(200, { status: "ok" }))
  },
  refuse: problem,
})
