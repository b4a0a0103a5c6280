/** Globs held against regular expressions and brute force, over every pattern and text of small alphabets. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { isMatch, matchesAny, overlap } from "../core/glob.ts"

/** Every text of at most so many characters. */
const textsOf = (alphabet: string, longest: number): ReadonlyArray<string> => {
  const all = [""]
  for (let from = 0, length = 1; length <= longest; length++) {
    const to = all.length
    for (; from < to; from++) for (const character of alphabet) all.push(all[from]! + character)
  }
  return all
}

/** Nothing of the globs below has a meaning in a regular expression but for these two. */
const oracle = (glob: string): RegExp => new RegExp(`^${glob.replaceAll("*", ".*").replaceAll("?", ".")}$`, "su")

test("`isMatch` agrees with a regular expression when pattern and text are small", () => {
  const texts = textsOf("ab", 6)
  for (const glob of textsOf("ab*?", 5)) {
    const regex = oracle(glob)
    for (const text of texts) {
      if (isMatch(glob, text) !== regex.test(text)) assert.fail(`${JSON.stringify(glob)} and ${JSON.stringify(text)}`)
    }
  }
})

test("`isMatch` takes a character as itself when it is neither a star nor a question mark", () => {
  const special = "abc.+^$()[]{}|\\/-_ \n"
  assert.equal(isMatch(special, special), true)
  for (const character of special) {
    assert.equal(isMatch(character, character), true)
    assert.equal(isMatch(character, "x"), false)
    assert.equal(isMatch(`*${character}*`, `a${character}b`), true)
  }
  assert.equal(isMatch("daily-*", "Daily-logs"), false)
})

test("`isMatch` and `overlap` end when a pattern costs a backtracking matcher exponential time", () => {
  const stars = "*a".repeat(60)
  const text = "a".repeat(3000)
  assert.equal(isMatch(`${stars}*b`, text), false)
  assert.equal(isMatch(`${stars}*`, text), true)
  assert.equal(isMatch(`${"*".repeat(500)}b`, text), false)
  assert.equal(overlap(`${stars}*b`, `${"a*".repeat(60)}c`), false)
  assert.equal(overlap(`${stars}*b`, `${"a*".repeat(60)}b`), true)
})

test("`overlap` is true when some small text matches both patterns, and false when none does", () => {
  const globs = textsOf("ab*?", 3)
  // The shortest common text is no longer than both patterns together
  const texts = textsOf("ab", 6)
  const matched = globs.map((glob) => {
    const regex = oracle(glob)
    return new Set(texts.flatMap((text, i) => regex.test(text) ? [i] : []))
  })
  for (const [i, a] of globs.entries()) {
    for (const [j, b] of globs.entries()) {
      const [few, many] = matched[i]!.size < matched[j]!.size ? [matched[i]!, matched[j]!] : [matched[j]!, matched[i]!]
      if (overlap(a, b) !== few.values().some((text) => many.has(text))) {
        assert.fail(`${JSON.stringify(a)} and ${JSON.stringify(b)}`)
      }
    }
  }
})

test("`matchesAny` is false when there is no pattern, and true when any one matches", () => {
  assert.equal(matchesAny([], ""), false)
  assert.equal(matchesAny([""], ""), true)
  assert.equal(matchesAny(["weekly-*", "daily-?"], "daily-1"), true)
  assert.equal(matchesAny(["weekly-*", "daily-?"], "daily-10"), false)
})
