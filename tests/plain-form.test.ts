/** Forms read by plain functions: what they take, and what they say of the rest. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import {
  count,
  filledList,
  list,
  object,
  oneOf,
  optional,
  readPlain,
  record,
  text,
  wordOr,
} from "../core/plain-form.ts"

const form = object({
  name: text("letters", /^[a-z]+$/u),
  size: optional(count(1, 9)),
  kinds: optional(filledList(oneOf("a", "b"))),
  inner: optional(object({ texts: list(text()) })),
  labels: optional(record(text("a label", /^\w+$/u))),
  access: optional(wordOr("open", object({ tokens: list(text()) }))),
})

const said = (value: unknown): ReadonlyArray<string> => {
  const read = readPlain(form, value, "this test")
  return Result.isFailure(read) ? read.failure.map(({ code, path, allowed }) => `${path} ${code} ${allowed}`) : []
}

test("`readPlain` gives back what fits its form, and nothing beside it", () => {
  for (
    const value of [
      { name: "x" },
      { name: "x", size: 9, kinds: ["a", "b"], inner: { texts: [] }, labels: { k: "v" }, access: "open" },
      { name: "x", access: { tokens: ["", "t"] } },
    ]
  ) {
    assert.deepEqual(readPlain(form, value, "this test"), Result.succeed(value))
  }
})

test("`readPlain` says everything that is wrong, each at its place, when nothing fits", () => {
  assert.deepEqual(said({ nmae: "x", size: 0, kinds: [], inner: {}, labels: { k: "", l: 1 }, access: "shut" }), [
    "nmae unknown-key name, size, kinds, inner, labels, access",
    "name required a value",
    "size wrong-type a whole number from 1 to 9",
    "kinds[0] required a value",
    "inner.texts required a value",
    "labels.k wrong-type a label",
    "labels.l wrong-type a label",
    'access wrong-type "open"; or an object with tokens',
  ])
  assert.deepEqual(said({ name: "x", kinds: ["c"], inner: { texts: [1, "", null] }, access: { tokens: "t" } }), [
    'kinds[0] wrong-type "a" | "b"',
    "inner.texts[0] wrong-type text",
    "inner.texts[2] wrong-type text",
    "access.tokens wrong-type a list",
  ])
})

test("`readPlain` refuses what is none of JSON's objects, lists and whole numbers", () => {
  for (const value of [null, undefined, [], "x", 1, true, [{ name: "x" }]]) {
    assert.deepEqual(said(value), [" wrong-type an object with name"])
  }
  for (const size of [0, 10, 1.5, NaN, Infinity, "1", null, undefined]) {
    assert.deepEqual(said({ name: "x", size }), ["size wrong-type a whole number from 1 to 9"])
  }
  // A hole is no item
  assert.deepEqual(said({ name: "x", inner: { texts: new Array(1) } }), ["inner.texts[0] wrong-type text"])
})

test("`readPlain` keeps names that objects have of their own apart from members", () => {
  const claims: unknown = JSON.parse('{ "name": "x", "labels": { "__proto__": "v", "constructor": "w" } }')
  const { labels } = Result.getOrThrow(readPlain(form, claims, "this test"))
  assert.deepEqual(Object.entries(labels ?? {}), [["__proto__", "v"], ["constructor", "w"]])
  assert.deepEqual(said({ name: "x", toString: "y" }), [
    "toString unknown-key name, size, kinds, inner, labels, access",
  ])
  assert.deepEqual(said(Object.create({ name: "x" })), ["name required a value"])
})
