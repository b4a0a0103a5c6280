/** Whether the proxy lives, and whether it can do its work: `/healthz` and `/readyz`. */
import * as Effect from "effect/Effect"
import type { Policy } from "../../core/policy/mod.ts"
import { methodNotAllowed } from "../answer.ts"
import { Refused } from "../policy/call.ts"
import type { Door } from "./door.ts"
import { json, problem } from "./document.ts"
import type { Readiness } from "./readiness.ts"

export interface HealthOptions {
  readonly probe: (policy: Policy) => Effect.Effect<Readiness>
  /** Whether the proxy is about to end, and is to be sent nothing new. */
  readonly isDraining?: () => boolean
}

/** Anybody may ask, so that neither tells more than a word. */
export const healthDoor = ({ probe, isDraining = () => false }: HealthOptions): Door => ({
  isMine: (path) => path === live || path === ready,
  answer: ({ request: { method, target }, policy, told }) => {
    told.operation = "Health"
    if (method !== "GET" && method !== "HEAD") return Effect.fail(wrongMethod)
    if (target.split("?", 1)[0] === live) return Effect.succeed(json(200, { status: "ok" }))
    return isDraining() ? Effect.succeed(answerOf(draining)) : Effect.map(probe(policy), answerOf)
  },
  refuse: problem,
})

const live = "/healthz"
const ready = "/readyz"

const draining: Readiness = { isReady: false, reason: "draining" }

const answerOf = (readiness: Readiness) =>
  readiness.isReady ? json(200, { status: "ready" }) : json(503, { status: "not ready", reason: readiness.reason })

const wrongMethod = new Refused({
  outcome: "invalid",
  refusal: methodNotAllowed,
  why: "health is asked for with GET",
})
