/** A limiter that asks a Durable Object, one for each principal: its counts hold for all isolates and locations. */
import * as Effect from "effect/Effect"
import { type Limiter, LimiterError } from "../policy/limiter.ts"
import { asking } from "./asking.ts"
import type { ObjectNamespace } from "./object.ts"
import { isRunAnswer, isTakenAnswer, type Question } from "./question.ts"

export const limiterOfObject = <Id>(namespace: ObjectNamespace<Id>): Limiter => {
  const ask = (name: string, question: Question): Effect.Effect<unknown, LimiterError> =>
    asking(async () => {
      const answer = await namespace.get(namespace.idFromName(name)).fetch(nowhere, {
        method: "POST",
        body: JSON.stringify(question),
      })
      if (!answer.ok) throw new Error(`status ${answer.status} of the Durable Object`)
      return await answer.json()
    })
  return {
    takeRequest: ({ principal: { name, limits } }) =>
      Effect.filterOrElse(ask(name, { _tag: "TakeRequest", limits: counted(limits) }), isTakenAnswer, unreadable),
    takeRun: ({ principal: { name, limits } }) =>
      Effect.filterOrElse(ask(name, { _tag: "TakeRun", limits: counted(limits) }), isRunAnswer, unreadable),
    giveBackRun: ({ principal: { name } }, day) => Effect.asVoid(ask(name, { _tag: "GiveBackRun", day })),
  }
}

/** An object has no address; its `fetch` wants one. */
const nowhere = "https://limiter.invalid/"

type Limits = Extract<Question, { readonly limits: unknown }>["limits"]
const counted = ({ requestsPerSecond, burst, runsPerDay }: Limits): Limits => ({ requestsPerSecond, burst, runsPerDay })

/** As while another version of the object is being deployed. */
const unreadable = () => Effect.fail(new LimiterError({ problem: "the Durable Object's answer cannot be read" }))
