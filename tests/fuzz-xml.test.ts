/** Mutated documents: every reader ends with a value or a finding, never with a crash, and never half-reads. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { HttpResponse } from "../core/http.ts"
import { lint } from "../core/lint/mod.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { InventoryConfiguration } from "../core/rule.ts"
import {
  type AnswerError,
  readDone,
  readJobAnswer,
  readListAnswer,
  readRuleAnswer,
  readServiceAnswer,
} from "../core/wire/answers.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readXmlRules } from "../core/wire/document.ts"
import { readList, sliceList, writeList } from "../core/wire/list.ts"
import { completeConfiguration } from "../core/wire/reading.ts"
import { readText } from "../core/wire/text.ts"
import { type Element, isElement, readXml, readXmlWithOffsets } from "../core/wire/xml/mod.ts"
import { dice, good, ruleSamples, sample, settled } from "./generated.ts"

const names = [...ruleSamples, "post.xml", "list.xml", "put-nodes.xml", "error-signature.xml", "post-result.xml"]
const bytesOf = (name: string): Uint8Array => new TextEncoder().encode(sample(name))
const documents = names.map(bytesOf)
const answers = ["get.xml", "list.xml", "error-signature.xml", "post-result.xml"].map(bytesOf)
const lists = [
  bytesOf("list.xml"),
  ...[[], [good]].map((rules) => new TextEncoder().encode(writeList({ rules, isTruncated: false }))),
]

/** Pieces that a mutation puts in: markup, its fragments, and bytes that are no text. */
const pieces = [
  "<",
  ">",
  "/",
  "&",
  ";",
  '"',
  "'",
  "=",
  "-->",
  "<!--",
  "<![CDATA[",
  "]]>",
  "<?",
  "?>",
  "<!DOCTYPE a>",
  "<a>",
  "</a>",
  "<a/>",
  "<script>",
  "<style>",
  "<Filter/>",
  "<Filter>",
  "</Filter>",
  "<Id>x</Id>",
  "<Prefix>",
  "</Prefix>",
  "<Tag/>",
  "&amp;",
  "&#0;",
  "&#x41;",
  "&lt;",
  "x:",
  "\0",
  "\r",
  "\r\n",
  "\t",
  "\ufeff",
  "\ud83d\ude00",
  "腾",
  " xmlns='u'",
  " xmlns:x='u'",
  " a='1'",
  "__proto__",
  "constructor",
  "9999999999999999",
  "-1",
  "True",
].map((piece) => new TextEncoder().encode(piece)).concat(
  Uint8Array.of(0xff),
  Uint8Array.of(0xc3),
  Uint8Array.of(0xed, 0xa0, 0x80),
)

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array => {
  const out = new Uint8Array(bytes.length - remove + insert.length)
  out.set(bytes.subarray(0, at))
  out.set(insert, at)
  out.set(bytes.subarray(at + remove), at + insert.length)
  return out
}

const mutate = (roll: (below: number) => number, originals = documents): Uint8Array => {
  let bytes = originals[roll(originals.length)]!
  for (let times = 1 + roll(3); times > 0; times--) {
    const at = roll(bytes.length + 1)
    const length = Math.min(roll(40), bytes.length - at)
    const other = documents[roll(documents.length)]!
    const from = roll(other.length)
    switch (roll(5)) {
      case 0:
        bytes = splice(bytes, at, length, new Uint8Array(0))
        break
      case 1:
        bytes = splice(bytes, at, 0, pieces[roll(pieces.length)]!)
        break
      case 2:
        bytes = splice(bytes, at, Math.min(1, length), Uint8Array.of(roll(256)))
        break
      case 3:
        bytes = splice(bytes, at, length, bytes.subarray(at, at + length * 2))
        break
      default:
        bytes = splice(bytes, at, length, other.subarray(from, from + roll(80)))
    }
  }
  return bytes
}

const plain = (element: Element): unknown => [
  element.tagName,
  ...element.children.map((child) => isElement(child) ? plain(child) : child),
]

const rounds = 1500
const text = (bytes: Uint8Array): string => Result.getOrElse(readText(bytes, maxDocumentBytes), () => "")

test("the guard and txml read every mutated document the same", () => {
  const roll = dice(1)
  let accepted = 0
  for (let i = 0; i < rounds; i++) {
    const xml = text(mutate(roll))
    if (xml === "") continue
    const fast = readXml(xml)
    const slow = readXmlWithOffsets(xml)
    assert.equal(fast._tag, slow._tag, xml)
    if (Result.isFailure(fast) || Result.isFailure(slow)) continue
    accepted++
    assert.deepEqual(plain(fast.success.root), plain(slow.success.root), xml)
  }
  assert.equal(accepted > rounds / 20 && accepted < rounds, true, `${accepted} were accepted`)
})

test("a mutated rule is refused, reported, or whole and of the Schema", () => {
  const roll = dice(2)
  const outcomes = { refused: 0, reported: 0, whole: 0 }
  for (let i = 0; i < rounds; i++) {
    const xml = text(mutate(roll))
    const reading = Result.getOrUndefined(readConfiguration(xml))
    if (reading === undefined) {
      outcomes.refused++
      continue
    }
    for (const f of lint(reading, { kind: "configuration", region: "ap-guangzhou" })) {
      assert.equal(f.position !== undefined && f.position.line >= 1 && f.position.column >= 1, true)
    }
    const complete = completeConfiguration(reading.draft)
    if (reading.findings.length > 0 || Result.isFailure(complete)) {
      outcomes.reported++
      continue
    }
    outcomes.whole++
    assert.equal(Schema.is(InventoryConfiguration)(complete.success), true, xml)
    const again = Result.getOrThrow(readConfiguration(writeConfiguration(complete.success)))
    assert.deepEqual(settled(again.draft), settled(complete.success), xml)
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.equal(count >= 10, true, `${outcome} ${count}`)
})

test("a mutated list that is read as a page is read and sliced as a file of the same rules", () => {
  const roll = dice(3)
  const outcomes = { refused: 0, empty: 0, filled: 0 }
  for (let i = 0; i < rounds; i++) {
    const xml = text(mutate(roll, lists))
    if (xml === "") continue
    const list = readList(xml)
    const slices = sliceList(xml)
    if (Result.isFailure(list)) {
      outcomes.refused++
      continue
    }
    assert.equal(Result.isSuccess(slices) && slices.success.length, list.success.rules.length)
    const file = Result.getOrThrow(readXmlRules(xml))
    const { rules } = list.success
    outcomes[rules.length > 0 ? "filled" : "empty"]++
    if (rules.length > 0) assert.deepEqual(file.map((r) => r.draft), rules.map((r) => r.draft))
    else assert.equal(file.every((r) => r.findings.length > 0), true)
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.equal(count >= 10, true, `${outcome} ${count}`)
})

test("a mutated answer of any status is an answer or a tagged error with a short, printable excerpt", () => {
  const roll = dice(4)
  const statuses = [200, 204, 301, 400, 403, 404, 500, 503]
  const readers: ReadonlyArray<(response: HttpResponse) => Result.Result<unknown, AnswerError>> = [
    (response) => readRuleAnswer(response, "list1"),
    readListAnswer,
    readDone,
    readJobAnswer,
    readServiceAnswer,
  ]
  const outcomes = { answer: 0, CosError: 0, UnexpectedAnswer: 0 }
  for (let i = 0; i < rounds; i++) {
    const response = { status: statuses[roll(statuses.length)]!, headers: [], body: mutate(roll, answers) }
    const result = readers[roll(readers.length)]!(response)
    if (Result.isSuccess(result)) {
      outcomes.answer++
      continue
    }
    const error = result.failure
    assert.equal(error._tag === "CosError" || error._tag === "UnexpectedAnswer", true)
    outcomes[error._tag]++
    if (error._tag === "UnexpectedAnswer") assert.doesNotMatch(error.excerpt + error.problem.slice(0, 40), /\p{Cc}/u)
    assert.doesNotMatch(error.message, /undefined|\[object/u)
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.equal(count >= 10, true, `${outcome} ${count}`)
})
