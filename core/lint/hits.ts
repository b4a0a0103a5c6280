/** What several rows look for: words out of a list, and words that stand twice. */
import type { Hit } from "./context.ts"
import type { Edit } from "./finding.ts"
import { nearest } from "./nearest.ts"

export const oneOf = function* (path: string, word: string | undefined, allowed: ReadonlyArray<string>): Iterable<Hit> {
  if (word === undefined || word === "" || allowed.includes(word)) return
  const near = nearest(word, allowed)
  yield {
    path,
    found: word,
    allowed: allowed.join(", "),
    fix: near === undefined ? "Choose one of these" : `Did you mean "${near}"?`,
    ...respelled(path, word, near),
  }
}

/** The mend of a word that is certainly another one: it differs by case, `-` and `_` alone. */
export const respelled = (path: string, word: string, near: string | undefined): { readonly edit?: Edit } =>
  near !== undefined && isSpelling(word, near) ? { edit: { path, value: near } } : {}

export const isSpelling = (word: string, known: string): boolean => letters(word) === letters(known)

const letters = (word: string): string => word.toLowerCase().replace(/[-_]/gu, "")

export const repeats = function* (
  words: ReadonlyArray<string | undefined> | undefined,
  pathOf: (index: number) => string,
  allowed: string,
  options: {
    /** Words that are the same fold to one text. */
    readonly fold?: (word: string) => string
    /** The mend of a repetition, where it is certain. */
    readonly editOf?: (index: number) => Edit | undefined
  } = {},
): Iterable<Hit> {
  const { fold = (word) => word, editOf } = options
  const seen = new Set<string>()
  for (const [i, word] of (words ?? []).entries()) {
    if (word === undefined) continue
    const key = fold(word)
    if (seen.has(key)) {
      const edit = editOf?.(i)
      const fix = "Remove the repetition"
      yield { path: pathOf(i), found: word, allowed, fix, ...(edit === undefined ? {} : { edit }) }
    }
    seen.add(key)
  }
}
