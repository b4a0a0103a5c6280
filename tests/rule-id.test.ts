/** The id of a rule read by itself is the one that the whole reading has, or none. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readRuleId } from "../core/wire/rule-id.ts"
import { dice, good, ruleSamples, sample } from "./generated.ts"

/** As `readConfiguration` has it. */
const byWholeReading = (text: string) =>
  Result.map(
    readConfiguration(text),
    ({ draft, findings }) => findings.some(({ path }) => path === "id") ? undefined : draft.id,
  )

const agree = (text: string): string | undefined => {
  const found = readRuleId(text)
  const whole = byWholeReading(text)
  assert.deepEqual(found, whole, text)
  return Result.getOrElse(found, () => undefined)
}

const rule = writeConfiguration({ ...good, id: "list1" })
const withId = (xml: string): string => rule.replace("<Id>list1</Id>", () => xml)

const plain: Readonly<Record<string, string>> = {
  "as it is": "<Id>list1</Id>",
  "between white space": "<Id> \n\tlist1\r\n </Id >",
  "in a section": "<Id><![CDATA[list1]]></Id>",
  "in references": "<Id>&#x6c;ist&#49;</Id>",
  "around a comment": "<Id>li<!-- Id -->st1</Id>",
  "under a prefix": "<x:Id>list1</x:Id>",
  "with an attribute": `<Id a="Id>">list1</Id>`,
  "after another rule's in a comment": "<!--<Id>evil</Id>--><Id>list1</Id>",
  "beside one that is deeper": "<Odd><Id>evil</Id></Odd><Id>list1</Id>",
}
for (const [how, xml] of Object.entries(plain)) {
  test(`\`readRuleId\` reads the id when it stands ${how}`, () => assert.equal(agree(withId(xml)), "list1"))
}

const odd: Readonly<Record<string, string>> = {
  "not at all": "",
  "twice": "<Id>list1</Id><Id>list1</Id>",
  "twice under two prefixes": "<a:Id>list1</a:Id><b:Id>evil</b:Id>",
  "beside an element": "<Id>list1<b/></Id>",
  "deeper alone": "<Odd><Id>list1</Id></Odd>",
  "in small letters": "<id>list1</id>",
}
for (const [how, xml] of Object.entries(odd)) {
  test(`\`readRuleId\` reads no id when it stands ${how}`, () => assert.equal(agree(withId(xml)), undefined))
}

test("`readRuleId` reads an empty id as empty", () => {
  for (const xml of ["<Id/>", "<Id></Id>", "<Id> </Id>", "<Id><!-- list1 --></Id>"]) {
    assert.equal(agree(withId(xml)), "")
  }
})

test("`readRuleId` refuses what is no whole rule, in the words of the whole reading", () => {
  const broken = ["", "<a/>", "text", `${rule}<b/>`, rule.replaceAll("InventoryConfiguration", "Inventory")]
  for (let end = 1; end < rule.length; end += 7) broken.push(rule.slice(0, end))
  for (const text of broken) {
    agree(text)
    assert.equal(Result.isFailure(readRuleId(text)), true, text)
  }
})

test("`readRuleId` agrees with the whole reading of every sample, cut up and joined anew", () => {
  const samples = ruleSamples.map(sample)
  const roll = dice(7)
  const pieces = [
    "<Id>",
    "</Id>",
    "<Id>x</Id>",
    "<Id/>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<a>",
    "</a>",
    "&lt;",
    " ",
    "x:",
  ]
  const outcomes = { refused: 0, none: 0, some: 0 }
  for (const text of samples) agree(text)
  for (let i = 0; i < 3000; i++) {
    let text = samples[roll(samples.length)]!
    // Where the id stands, most of all
    const at = roll(2) === 0 ? roll(text.length) : Math.max(0, text.indexOf("<Id>") + roll(24) - 6)
    text = text.slice(0, at) + pieces[roll(pieces.length)]! + text.slice(at + roll(2) * roll(20))
    const id = agree(text)
    outcomes[Result.isFailure(readRuleId(text)) ? "refused" : id === undefined ? "none" : "some"]++
  }
  for (const [outcome, count] of Object.entries(outcomes)) assert.equal(count >= 20, true, `${outcome} ${count}`)
})
