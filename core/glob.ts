/** Ids and bucket names by pattern: `*` is any text, also none, and `?` any one character. */

/** Whether the whole text matches. Takes time in proportion to the product of both lengths, whatever the pattern. */
export const isMatch = (glob: string, text: string): boolean => {
  let at = 0
  let on = 0
  let star = -1
  let since = 0
  while (on < text.length) {
    if (glob[at] === "*") {
      star = at++
      since = on
    } else if (at < glob.length && (glob[at] === "?" || glob[at] === text[on])) {
      at++
      on++
    } else if (star >= 0) {
      // The last star takes one character more
      at = star + 1
      on = ++since
    } else return false
  }
  while (glob[at] === "*") at++
  return at === glob.length
}

export const matchesAny = (globs: ReadonlyArray<string>, text: string): boolean =>
  globs.some((glob) => isMatch(glob, text))

/** Whether some text matches both, so that two owners may claim one id. */
export const overlap = (a: string, b: string): boolean => {
  // meets[j]: what is left of `a` and what is left of `b` from j on can be one text; from the ends backwards
  let below = Array.from({ length: b.length + 1 }, (_, j) => isEmptyable(b.slice(j)))
  for (let i = a.length - 1; i >= 0; i--) {
    const row: Array<boolean> = Array.from({ length: b.length + 1 }, () => false)
    row[b.length] = isEmptyable(a.slice(i))
    for (let j = b.length - 1; j >= 0; j--) {
      if (a[i] === "*" || b[j] === "*") row[j] = below[j]! || row[j + 1]!
      else row[j] = (a[i] === "?" || b[j] === "?" || a[i] === b[j]) && below[j + 1]!
    }
    below = row
  }
  return below[0]!
}

const isEmptyable = (glob: string): boolean => /^\**$/u.test(glob)
