import { tokenName } from "./covered.ts"

/** The first place where two texts of one signing stage part. */
export interface Difference {
  /** Counts from 1. */
  readonly line: number
  /** What stands there: `method`, `path`, `parameters`, `headers`; or `algorithm`, `time`, `hash of FormatString`. */
  readonly subject: string
  /** Undefined where one side has no such line or pair. Of parameters and headers, only the pair that differs. */
  readonly ours: string | undefined
  readonly servers: string | undefined
}

/**
 * Compares our `HttpString` with the server's `FormatString`, or our `StringToSign` with the server's: what
 * SignatureDoesNotMatch brings. Undefined when they are equal, and then it is the secret key that differs.
 *
 * Session tokens are not compared and not shown. Line ends are the server's own business: XML may have changed them.
 */
export const explainMismatch = (ours: string, servers: string): Difference | undefined => {
  const mine = linesOf(ours)
  const theirs = linesOf(servers)
  const subjects = mine[0] === "sha1" ? stringToSignSubjects : httpStringSubjects
  for (let at = 0; at < Math.max(mine.length, theirs.length); at++) {
    if ((mine[at] ?? "") === (theirs[at] ?? "")) continue
    const subject = subjects[at] ?? "end"
    const pairs = subject === "parameters" || subject === "headers"
    const [a, b] = pairs ? firstPair(mine[at] ?? "", theirs[at] ?? "") : [mine[at], theirs[at]]
    return { line: at + 1, subject, ours: a, servers: b }
  }
  return undefined
}

const httpStringSubjects = ["method", "path", "parameters", "headers"]
const stringToSignSubjects = ["algorithm", "time", "hash of FormatString"]

/** Without the token's pair, which the side that compares may not have at hand. */
const linesOf = (text: string): ReadonlyArray<string> =>
  text.trimEnd().split(/\r?\n/).map((line) =>
    pairsOf(line).filter((pair) => !pair.startsWith(`${tokenName}=`)).join("&")
  )

const firstPair = (ours: string, servers: string): readonly [string | undefined, string | undefined] => {
  const mine = pairsOf(ours)
  const theirs = pairsOf(servers)
  const at = Array.from({ length: Math.max(mine.length, theirs.length) }, (_, i) => i).find((i) =>
    mine[i] !== theirs[i]
  )
  return [mine[at ?? 0], theirs[at ?? 0]]
}

const pairsOf = (text: string): ReadonlyArray<string> => text === "" ? [] : text.split("&")
