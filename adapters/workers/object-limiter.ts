/** A limiter that asks a Durable Object, one for each principal: its counts hold for all isolates and locations. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { type Limiter, LimiterError } from "../policy/limiter.ts"
import { asking } from "./asking.ts"
import type { ObjectNamespace } from "./object.ts"
import { type Question, RunAnswer, TakenAnswer } from "./question.ts"

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
      ask(name, { _tag: "TakeRequest", limits: counted(limits) }).pipe(
        Effect.flatMap(decodeTaken),
        Effect.catchTag("SchemaError", unreadable),
      ),
    takeRun: ({ principal: { name, limits } }) =>
      ask(name, { _tag: "TakeRun", limits: counted(limits) }).pipe(
        Effect.flatMap(decodeRun),
        Effect.catchTag("SchemaError", unreadable),
      ),
    giveBackRun: ({ principal: { name } }, day) => Effect.asVoid(ask(name, { _tag: "GiveBackRun", day })),
  }
}

/** An object has no address; its `fetch` wants one. */
const nowhere = "https://limiter.invalid/"

type Limits = Extract<Question, { readonly limits: unknown }>["limits"]
const counted = ({ requestsPerSecond, burst, runsPerDay }: Limits): Limits => ({ requestsPerSecond, burst, runsPerDay })

const decodeTaken = Schema.decodeUnknownEffect(TakenAnswer)
const decodeRun = Schema.decodeUnknownEffect(RunAnswer)

/** As while another version of the object is being deployed. */
const unreadable = () => Effect.fail(new LimiterError({ problem: "the Durable Object's answer cannot be read" }))
