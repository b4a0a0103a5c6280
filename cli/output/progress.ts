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

/**
 * Of so many writes. Data for programs comes at the end, and standard error is theirs as well under `-o json`. Lines
 * would tear the bar, so they come when it is gone: where they are too many for a screen, those of what was not made.
 */
export const progressOf = (total: number, form: Form): Effect.Effect<Progress, never, World> =>
  Effect.gen(function* () {
    const { isTerminal, screen } = yield* World
    // Whoever asks for logs gets them, and a bar would be drawn over them
    const isQuiet = !(yield* LogLevel.isEnabled("Debug"))
    const hasBar = total > 0 && isTerminal.stderr && screen !== undefined && form !== "json" && isQuiet
    const bar = hasBar ? yield* barOf(screen, total) : undefined
    const isKept = hasBar && isTerminal.stdout
    const answers = new Map<Write, { readonly line: string; readonly isMade: boolean }>()
    const kept = Effect.suspend(() => {
      const all = [...answers.values()]
      const told = all.length <= aScreenful ? all : all.filter(({ isMade }) => !isMade)
      return Effect.forEach(told, ({ line }) => Console.log(line), { discard: true })
    })
    return {
      heard: (plan, write, answer) => {
        const before = answers.get(write)
        // What was taken has been heard of
        if (answer === "done" && before?.isMade === true) return Effect.void
        if (before === undefined) bar?.advance()
        const line = lineOf(plan, write, answer)
        answers.set(write, { line, isMade: made.includes(answer) })
        return form !== "table" || isKept ? Effect.void : Console.log(line)
      },
      during: (work) => {
        const drawn = bar === undefined ? work : bar.during(work)
        return form === "table" && isKept ? Effect.ensuring(drawn, kept) : drawn
      },
    }
  })

const aScreenful = 40

const made: ReadonlyArray<Answer> = ["done", "done earlier", "not shown"]

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
const lineOf = ({ bucket }: BucketPlan, { action, id }: Write, answer: Answer): string =>
  `${oneLine(bucket)}: ${wordsOf(answer, action, `"${oneLine(id)}"`)}`

const wordsOf = (answer: Answer, action: Write["action"], rule: string): string => {
  const done = { create: "created", update: "updated", delete: "deleted" }[action]
  switch (answer) {
    case "not shown":
      return `${done} ${rule}`
    case "done":
      return `${done} ${rule} after all`
    case "done earlier":
      return `${done} ${rule} earlier`
    case "changed":
      return `left ${rule} alone, which somebody else changed`
    case "in doubt":
    case "interrupted":
      return `could not ${action} ${rule}, or perhaps did`
    case "failed":
      return `could not ${action} ${rule}`
  }
}
