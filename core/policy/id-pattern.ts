/** Patterns of rule ids. */
import { idPattern } from "../limits.ts"

/** The first character of a pattern that no id has, so that the pattern matches none. */
export const strangerIn = (pattern: string): string | undefined =>
  Array.from(pattern).find((character) => !/[*?]/u.test(character) && !idPattern.test(character))
