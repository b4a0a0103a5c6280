/** What can be mended of rules files for certain, mended in the files themselves. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { RulesFile } from "../adapters/rules-file.ts"
import type { ConfigError } from "../core/errors.ts"
import { advise, byPlace, distinct, type Finding } from "../core/lint/mod.ts"

/** Mends every file, also where another cannot be written. What is ignored is left as it is. */
export const fixFiles = (
  files: ReadonlyArray<RulesFile>,
  ignore: ReadonlyArray<string>,
): Effect.Effect<{ readonly fixed: ReadonlyArray<Finding>; readonly failures: ReadonlyArray<ConfigError> }> =>
  Effect.gen(function* () {
    const { fixFile } = yield* Effect.promise(() => import("../adapters/mending.ts"))
    const results = yield* Effect.forEach(files, (file) =>
      Effect.result(
        fixFile(file, {}, (reading, context) => advise(reading, context).filter(({ code }) => !ignore.includes(code))),
      ))
    return {
      // What stands in the defaults was mended for many rules at once
      fixed: distinct(results.filter(Result.isSuccess).flatMap(({ success }) => success.fixed)).toSorted(byPlace),
      failures: results.filter(Result.isFailure).map(({ failure }) => failure),
    }
  })
