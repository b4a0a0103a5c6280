/**
 * Rules files mended: the edits of findings put into the text of a file, and nothing else of it touched.
 *
 * **Details**
 *
 * Rules are judged as they are written, with the defaults of their document and their variables as they are. What stands
 * in the defaults is changed there, unless that would change a rule that has nothing wrong; then the rule itself gets its
 * own value; and so is what a mapping merges. A mend is left undone where it would bring an error, change another rule, take a variable out of a text, or
 * where it is not certain how to write it; XML is not edited.
 *
 * **Laws**
 *
 * What {@link mended} gives has no mend left that it could do, so that a second time does nothing; it keeps every comment
 * and every finding that has no mend. `tests/mending-laws.test.ts` holds it to this.
 */
import * as Effect from "effect/Effect"
import type { ConfigError } from "../../core/errors.ts"
import { rewriteFile } from "../file-writing.ts"
import type { RulesFile } from "../rules-file.ts"
import { type Mended, mending } from "./rounds.ts"
import type { Judge } from "./state.ts"

export { type Mended, mended } from "./rounds.ts"
export type { Judge } from "./state.ts"

/**
 * What {@link mended} does, for the file itself, which keeps its mode, its line ends and its byte order mark. It can be
 * interrupted before every attempt, and before the file is written.
 */
export const fixFile = (file: RulesFile, judge?: Judge): Effect.Effect<Mended, ConfigError> =>
  Effect.gen(function* () {
    const attempts = mending(file, judge)
    let next = attempts.next()
    while (next.done !== true) {
      yield* Effect.yieldNow
      next = attempts.next()
    }
    const result = next.value
    if (result.text === file.text) return result
    yield* Effect.yieldNow
    const mark = file.hasMark ? "\ufeff" : ""
    yield* rewriteFile(file.file, mark + file.text, mark + result.text)
    return result
  })
