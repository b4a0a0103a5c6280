/** Pages by token. */
import * as Result from "effect/Result"
import { UnexpectedAnswer } from "./errors.ts"
import { maxPages } from "./limits.ts"

export interface Page {
  readonly isTruncated: boolean
  readonly nextContinuationToken?: string
}

/** The token of the page after one. A page that says there is more must bring one that was not seen: else it would loop. */
export const makeNext = (...asked: ReadonlyArray<string>) => {
  const seen = new Set(asked)
  return ({ isTruncated, nextContinuationToken: next }: Page): Result.Result<string | undefined, UnexpectedAnswer> => {
    if (!isTruncated) return Result.succeed(undefined)
    if (next === undefined || next === "") return endless("The list goes on, but brings no token for the next page")
    if (seen.has(next)) return endless("The list repeats a token, so it would never end")
    if (seen.size + 1 >= maxPages) return endless(`The list has more than ${maxPages} pages`)
    seen.add(next)
    return Result.succeed(next)
  }
}

const endless = (problem: string): Result.Result<never, UnexpectedAnswer> =>
  Result.fail(new UnexpectedAnswer({ status: 200, problem, reason: "unknown", excerpt: "" }))
