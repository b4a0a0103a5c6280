/** Decode with guard and validation against the SDK's bare XML parse; encode against the SDK's builder. */
import { strict as assert } from "node:assert"
import * as Result from "effect/Result"
import { lint } from "../../core/lint/mod.ts"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { readConfiguration, writeConfiguration } from "../../core/wire/configuration.ts"
import { readList } from "../../core/wire/list.ts"
import { completeConfiguration, type Reading } from "../../core/wire/reading.ts"
import { listDocument, rule, ruleDocument, sdkRule } from "./documents.ts"
import { timeCalls } from "./measure.ts"
import type { Row } from "./row.ts"
import { xml } from "./sdk.ts"

const judged = (reading: Reading): InventoryConfiguration => {
  const findings = lint(reading, { kind: "configuration", region: "ap-guangzhou" })
  if (findings.length > 0) throw new Error(findings[0]!.message)
  return Result.getOrThrow(completeConfiguration(reading.draft))
}

const decodeRule = (text: string) => judged(Result.getOrThrow(readConfiguration(text)))
const decodePage = (text: string) => Result.getOrThrow(readList(text)).rules.map(judged)

export const xmlRows = (): ReadonlyArray<Row> => {
  const document = ruleDocument("list1")
  const page = listDocument(100)
  const ours = rule("list1")
  const theirs = { InventoryConfiguration: sdkRule("list1") }
  assert.deepEqual(decodeRule(document), ours)
  assert.equal(decodePage(page).length, 100)
  assert.equal(writeConfiguration(ours), xml.json2xml(theirs))
  return [
    {
      name: "decode a rule, guarded and judged",
      pair: timeCalls(() => decodeRule(document), () => xml.xml2json(document)),
      unit: "seconds",
      aim: { timesFaster: 1.3 },
    },
    {
      name: "decode a page of 100, guarded and judged",
      pair: timeCalls(() => decodePage(page), () => xml.xml2json(page)),
      unit: "seconds",
      aim: { timesFaster: 1.3 },
    },
    {
      name: "encode a rule",
      pair: timeCalls(() => writeConfiguration(ours), () => xml.json2xml(theirs)),
      unit: "seconds",
      aim: { timesFaster: 1 },
    },
  ]
}
