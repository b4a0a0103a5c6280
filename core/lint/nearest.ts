/** The "did you mean" of every message: the known word that a mistyped one was most likely meant to be. */

/**
 * The candidate nearest to `word`, or undefined when none is near: at most one slip in every three letters,
 * where a slip is a letter too many, too few, wrong, or swapped with its neighbour.
 *
 * Case, `-` and `_` do not count, so that `secret_id` finds `secretId`. Of equally near candidates the first wins.
 */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  const wanted = plain(word)
  if (wanted === "" || wanted.length > longestWord) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(wanted.length / 3)) + 1
  for (const candidate of candidates) {
    const slips = distance(wanted, plain(candidate), least)
    if (slips < least) {
      best = candidate
      least = slips
    }
  }
  return best
}

/** The one candidate that a word of some length is the beginning of, so that `strict` finds `strictSignature`. */
export const completed = (word: string, candidates: Iterable<string>): string | undefined => {
  const begun = plain(word)
  const [only, ...others] = [...candidates].filter((candidate) => plain(candidate).startsWith(begun))
  return begun.length < shortestBeginning || others.length > 0 ? undefined : only
}

/** Fewer letters begin too many words by chance. */
const shortestBeginning = 4

/** ` (did you mean "secretId"?)`, or nothing. */
export const didYouMean = (word: string, candidates: Iterable<string>): string => {
  const near = nearest(word, candidates)
  return near === undefined ? "" : ` (did you mean "${near}"?)`
}

/** Longer words are not slips of ours, and the table below grows with the square. */
const longestWord = 64

const plain = (word: string): string => {
  const lower = word.toLowerCase()
  return lower.includes("-") || lower.includes("_") ? lower.replace(/[-_]/gu, "") : lower
}

/** Damerau-Levenshtein in its restricted form: no letter is edited twice. From `limit` on, the exact number is not sought. */
const distance = (a: string, b: string, limit: number): number => {
  if (b.length > longestWord || Math.abs(a.length - b.length) >= limit) return Infinity
  let before: Array<number> = []
  let above = Array.from({ length: b.length + 1 }, (_, j) => j)
  let smallestAbove = 0
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let smallest = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1)
      row.push(least)
      if (least < smallest) smallest = least
    }
    // A swap reaches back two rows
    if (smallest >= limit && smallestAbove >= limit) return Infinity
    before = above
    above = row
    smallestAbove = smallest
  }
  return above[b.length]!
}
