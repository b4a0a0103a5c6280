/** What several rows look for: words out of a list, and words that stand twice. */
import type { Hit } from "./context.ts"
import { nearest } from "./nearest.ts"

export const oneOf = function* (path: string, word: string | undefined, allowed: ReadonlyArray<string>): Iterable<Hit> {
  if (word === undefined || word === "" || allowed.includes(word)) return
  const near = nearest(word, allowed)
  yield {
    path,
    found: word,
    allowed: allowed.join(", "),
    fix: near === undefined ? "Choose one of these" : `Did you mean "${near}"?`,
  }
}

export const repeats = function* (
  words: ReadonlyArray<string | undefined> | undefined,
  pathOf: (index: number) => string,
  allowed: string,
  fold = (word: string) => word,
): Iterable<Hit> {
  const seen = new Set<string>()
  for (const [i, word] of (words ?? []).entries()) {
    if (word === undefined) continue
    const key = fold(word)
    if (seen.has(key)) yield { path: pathOf(i), found: word, allowed, fix: "Remove the repetition" }
    seen.add(key)
  }
}
