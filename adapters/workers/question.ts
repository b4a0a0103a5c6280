/** What a limiter asks of its Durable Object, and what that answers. */
import * as Schema from "effect/Schema"

const Limits = Schema.Struct({
  requestsPerSecond: Schema.Int,
  burst: Schema.Int,
  runsPerDay: Schema.Int,
})

/** The limits come with the question, so that the object knows no policy. */
export const Question = Schema.Union([
  Schema.TaggedStruct("TakeRequest", { limits: Limits }),
  Schema.TaggedStruct("TakeRun", { limits: Limits }),
  Schema.TaggedStruct("GiveBackRun", { day: Schema.Int }),
])
export type Question = typeof Question.Type

const Refusal = Schema.Struct({ isTaken: Schema.Literal(false), retryAfterSeconds: Schema.Int })
export const TakenAnswer = Schema.Union([Schema.Struct({ isTaken: Schema.Literal(true) }), Refusal])
export const RunAnswer = Schema.Union([Schema.Struct({ isTaken: Schema.Literal(true), day: Schema.Int }), Refusal])
