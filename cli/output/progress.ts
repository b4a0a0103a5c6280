/** Writes as they happen: a bar where somebody looks at a terminal, a line each where nobody does. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type { Answer, BucketPlan, Write } from "../../core/plan/mod.ts"
import { oneLine } from "../../core/redact.ts"
import { World } from "../world.ts"
import type { Form } from "./form.ts"

export interface Progress {
  /** Told of every answer. */
  readonly heard: (plan: BucketPlan, write: Write, answer: Answer) => Effect.Effect<void>
  /** Shows it for as long as the work goes on. */
  readonly during: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

/** Of so many writes. Data for programs comes at the end, and standard error is theirs as well under `-o json`. */
export const progressOf = (total: number, form: Form): Effect.Effect<Progress, never, World> =>
  Effect.gen(function* () {
    const { isTerminal, screen } = yield* World
    // Whoever asks for logs gets them, and a bar would be drawn over them
    const isQuiet = !(yield* LogLevel.isEnabled("Debug"))
    const hasBar = isTerminal.stderr && screen !== undefined && form !== "json" && isQuiet
    const bar = hasBar ? yield* barOf(screen, total) : undefined
    const hasLines = form === "table" && !(hasBar && isTerminal.stdout)
    return {
      heard: (plan, write, answer) => {
        // What was taken has been heard of
        if (answer === "done") return Effect.void
        bar?.advance()
        return hasLines ? Console.log(lineOf(plan, write, answer)) : Effect.void
      },
      during: bar?.during ?? ((work) => work),
    }
  })

const barOf = (stream: NodeJS.WritableStream, total: number) =>
  Effect.map(Effect.promise(() => import("cli-progress")), ({ default: { SingleBar } }) => {
    const bar = new SingleBar({
      stream,
      format: "Applying [{bar}] {value}/{total}",
      clearOnComplete: true,
      // A process that is killed cannot switch it on again
      linewrap: true,
      // Signals are for the program, which ends the bar with its work
      gracefulExit: false,
    })
    return {
      advance: () => bar.increment(),
      during: <A, E, R>(work: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
        Effect.acquireUseRelease(
          Effect.sync(() => bar.start(total, 0)),
          () => Effect.provide(work, Logger.layer([])),
          () => Effect.sync(() => bar.stop()),
        ),
    }
  })

/** Such as `examplebucket-1250000000: created "daily-logs"`. */
const lineOf = ({ bucket }: BucketPlan, { action, id }: Write, answer: Answer): string => {
  const rule = `"${oneLine(id)}"`
  const made = { create: "created", update: "updated", delete: "deleted" }[action]
  return `${oneLine(bucket)}: ${
    answer === "not shown"
      ? `${made} ${rule}`
      : answer === "done earlier"
      ? `${made} ${rule} earlier`
      : answer === "changed"
      ? `left ${rule} alone, which somebody else changed`
      : `could not ${action} ${rule}${answer === "in doubt" ? ", or perhaps did" : ""}`
  }`
}
