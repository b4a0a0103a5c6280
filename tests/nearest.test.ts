/** Which word a mistyped one was meant to be. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { completed, didYouMean, nearest } from "../core/lint/nearest.ts"
import { prop } from "./harness.ts"

const words = ["secretId", "secretKey", "sessionToken", "region", "bucket", "endpoint"]

for (
  const [word, meant] of [
    ["secretId", "secretId"],
    ["secretID", "secretId"],
    ["secret_id", "secretId"],
    ["SECRET-KEY", "secretKey"],
    ["secertKey", "secretKey"],
    ["regoin", "region"],
    ["regions", "region"],
    ["egion", "region"],
    ["buckets", "bucket"],
    ["endpiont", "endpoint"],
    ["sesionTokn", "sessionToken"],
    ["colour", undefined],
    ["key", undefined],
    ["x", undefined],
    ["", undefined],
    ["--", undefined],
    ["region".repeat(50), undefined],
  ] as const
) {
  test(`nearest gives ${meant ?? "nothing"} when the word is ${JSON.stringify(word)}`, () => {
    assert.equal(nearest(word, words), meant)
  })
}

test("nearest counts two swapped letters as one slip", () => {
  assert.equal(nearest("ab", ["ba"]), "ba")
  assert.equal(nearest("abc", ["acb"]), "acb")
  assert.equal(nearest("abc", ["cab"]), undefined)
})

test("nearest gives the nearest when several are near, and the first of equals", () => {
  assert.equal(nearest("weekly", ["weeklies", "weekly"]), "weekly")
  assert.equal(nearest("cat", ["bat", "hat"]), "bat")
})

test("nearest gives nothing when there are no candidates", () => assert.equal(nearest("a", []), undefined))

test("didYouMean is a remark in parentheses, or nothing", () => {
  assert.equal(didYouMean("regoin", words), ' (did you mean "region"?)')
  assert.equal(didYouMean("zzzzz", words), "")
})

test("completed gives the one candidate that a word of four letters or more begins", () => {
  assert.equal(completed("sess", words), "sessionToken")
  assert.equal(completed("Session_T", words), "sessionToken")
  assert.equal(completed("ses", words), undefined)
  assert.equal(completed("secret", words), undefined)
  assert.equal(completed("sessions", words), undefined)
  assert.equal(completed("", words), undefined)
})

const Word = Schema.String.check(Schema.isPattern(/^[a-z]{3,12}$/u))
prop(
  "nearest finds every word by itself, whatever stands before it",
  Schema.Tuple([Word, Word]),
  ([word, other]) => nearest(word, [other, word]) === word,
)
prop(
  "nearest finds a word when one letter is dropped, doubled or swapped",
  Schema.Tuple([Word, Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 11 }))]),
  ([word, n]) => {
    const at = n % (word.length - 1)
    const dropped = word.slice(0, at) + word.slice(at + 1)
    const doubled = word.slice(0, at + 1) + word.slice(at)
    const swapped = word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2)
    return [dropped, doubled, swapped].every((slip) => nearest(slip, [word]) === word)
  },
)
