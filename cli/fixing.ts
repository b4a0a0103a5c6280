/** What can be mended of rules files for certain, mended in the files themselves. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RulesFile } from "../adapters/rules-file.ts"
import type { ConfigError } from "../core/errors.ts"
import { advise } from "../core/advice/mod.ts"
import { byPlace, distinct, type Finding } from "../core/lint/mod.ts"

export interface Fixed {
  readonly fixed: ReadonlyArray<Finding>
  /** What has a mend that could not be done. */
  readonly left: ReadonlyArray<Finding>
  readonly failures: ReadonlyArray<ConfigError>
}

/** Mends every file, also where another cannot be written. What is ignored is left as it is. */
export const fixFiles = (
  files: ReadonlyArray<RulesFile>,
  ignore: ReadonlyArray<string>,
): Effect.Effect<Fixed> =>
  Effect.gen(function* () {
    const { fixFile } = yield* Effect.promise(() => import("../adapters/mending/mod.ts"))
    const results = yield* Effect.forEach(files, (file) =>
      Effect.result(
        fixFile(file, (reading, context) => advise(reading, context).filter(({ code }) => !ignore.includes(code))),
      ))
    const done = results.filter(Result.isSuccess).map(({ success }) => success)
    return {
      // What stands in the defaults was mended for many rules at once
      fixed: distinct(done.flatMap(({ fixed }) => fixed)).toSorted(byPlace),
      left: distinct(done.flatMap(({ left }) => left)).toSorted(byPlace),
      failures: results.filter(Result.isFailure).map(({ failure }) => failure),
    }
  })
