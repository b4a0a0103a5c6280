/**
 * Documents of the greatest size taken, each built to make one part work hardest. Work that grew with the square of the
 * size would take minutes here, so that finishing is the test; what is asserted is that all of it was read.
 */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { lint } from "../core/lint/mod.ts"
import { maxDocumentBytes, maxListBytes } from "../core/limits.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { readDone, readListAnswer } from "../core/wire/answers.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readValueRules, readXmlRules } from "../core/wire/document.ts"
import { readList } from "../core/wire/list.ts"
import { guard } from "../core/wire/xml/mod.ts"

const context = { kind: "configuration", region: "ap-guangzhou" } as const
const size = maxDocumentBytes - 200
const fill = (piece: string | ((i: number) => string)): string => {
  const parts: Array<string> = []
  for (let length = 0, i = 0; length < size; i++) {
    const part = typeof piece === "string" ? piece : piece(i)
    parts.push(part)
    length += part.length
  }
  return parts.join("")
}
const wrap = (inside: string) => `<InventoryConfiguration>${inside}</InventoryConfiguration>`

const documents: Readonly<Record<string, () => string>> = {
  "empty elements": () => wrap(fill("<a/>")),
  "elements of a thousand names": () => wrap(fill((i) => `<Frequencies${i % 1000}/>`)),
  "elements of all names": () => wrap(fill((i) => `<Bucket${i}Destinati/>`)),
  "references": () => wrap(`<Id>${fill("&amp;")}</Id>`),
  "one reference behind much text": () => wrap(`${fill("x<a/>")}&amp;`),
  "one section behind much text": () => wrap(`${fill("x<a/>")}<![CDATA[]]>`),
  "attributes": () => `<InventoryConfiguration ${fill((i) => ` a${i}="1"`)}/>`,
  "elements with attributes": () => wrap(fill('<a b="c"/>')),
  "one attribute": () => `<InventoryConfiguration a="${fill("x")}"/>`,
  "comments": () => wrap(fill("<!--a-->")),
  "comments full of ends": () => wrap(fill("<!-- > > -->")),
  "sections": () => wrap(`<Id>${fill("<![CDATA[a]]>")}</Id>`),
  "white space": () => wrap(fill(" ")),
  "white space in a closing tag": () => `<InventoryConfiguration></InventoryConfiguration${fill(" ")}>`,
  "white space in an opening tag": () => `<InventoryConfiguration${fill("\n")}></InventoryConfiguration>`,
  "lines": () => wrap(fill("\n<Id>a</Id>")),
  "fields": () => wrap(`<OptionalFields>${fill((i) => `<Field>Size${i}</Field>`)}</OptionalFields>`),
  "fields that cannot be read": () =>
    wrap(`<OptionalFields>${fill((i) => `<Field><x/></Field><Field>a${i}</Field>`)}</OptionalFields>`),
  "tags": () => wrap(`<Filter><And>${fill("<Tag><Key>a</Key></Tag>")}</And></Filter>`),
  "tags with unknown elements": () => wrap(`<Filter><And>${fill("<Tag><x/></Tag>")}</And></Filter>`),
}

for (const [name, document] of Object.entries(documents)) {
  test(`a document of 1 MiB is read, judged and written when it is ${name}`, () => {
    const text = document()
    assert.equal(guard(text)._tag, "Success")
    const reading = Result.getOrThrow(readConfiguration(text))
    const [placed] = Result.getOrThrow(readXmlRules(text))
    assert.deepEqual(placed!.draft.extra?.length, reading.draft.extra?.length)
    const findings = lint(placed!, context)
    assert.equal(findings.every((f) => f.position !== undefined), true)
    const whole = { ...reading.draft, id: "a", destination: {}, schedule: {} } as unknown as InventoryConfiguration
    assert.equal(writeConfiguration(whole).startsWith("<InventoryConfiguration><Id>a</Id>"), true)
  })
}

test("a list of many small, odd rules is read in one go", () => {
  const list = `<ListInventoryConfigurationResult>${
    fill("<InventoryConfiguration><x/>\n</InventoryConfiguration>")
  }</ListInventoryConfigurationResult>`
  const { rules } = Result.getOrThrow(readList(list))
  assert.equal(rules.length > 10_000, true)
  assert.equal(rules.at(-1)!.position("")!.line, rules.length)
})

test("an answer of 16 MiB is read or refused when it is one long attribute, comment, name or text", () => {
  const long = "a".repeat(maxListBytes - 200)
  const insides = [
    ` x="${long}">`,
    `><!--${long}-->`,
    `>${long}`,
    `><${long}/>`,
    `>${" ".repeat(long.length)}`,
    ` ${long}="1">`,
  ]
  const root = "ListInventoryConfigurationResult"
  for (const inside of insides) {
    const body = new TextEncoder().encode(`<${root}${inside}</${root}>`)
    assert.equal(readListAnswer({ status: 200, headers: [], body })._tag, "Success")
    assert.equal(readListAnswer({ status: 200, headers: [], body: body.subarray(0, -1) })._tag, "Failure")
  }
})

test("an answer is told from HTML at once when it begins with many comments", () => {
  for (const comments of ["<!---->".repeat(40), "<!-- -->\n".repeat(40), "<!--".repeat(60)]) {
    const result = readDone({ status: 200, headers: [], body: new TextEncoder().encode(`${comments}x`) })
    assert.equal(result._tag, "Failure")
  }
})

test("a document is refused at once when it is a hostile start without an end", () => {
  for (
    const piece of [
      "<a>",
      "<",
      "<!--",
      "<![CDATA[",
      "&",
      "<a ",
      "<a b='",
      "]]>",
      "<!DOCTYPE ",
      "</a>",
      "<?xml ",
      '"',
      "<a/>&",
    ]
  ) {
    assert.equal(guard(wrap("").slice(0, 24) + fill(piece))._tag, "Failure", piece)
    assert.equal(guard(fill(piece))._tag, "Failure", piece)
  }
})

test("a value of many unknown keys, fields or tags is read and judged in either shape", () => {
  const many = <A>(make: (i: number) => A): ReadonlyArray<A> => Array.from({ length: 50_000 }, (_, i) => make(i))
  const keys = Object.fromEntries(many((i) => [`filterz${i}`, 1]))
  const values: ReadonlyArray<readonly [unknown, number]> = [
    [keys, 50_000],
    [{ Id: "a", ...keys }, 50_000],
    [{ id: "a", optionalFields: many((i) => `Size${i}`) }, 50_000],
    [{ id: "a", optionalFields: many((i) => i) }, 50_000],
    [{ Id: "a", OptionalFields: many((i) => `Size${i}`) }, 50_000],
    [{ id: "a", filter: { tags: many(() => ({})) } }, 100_000],
    [{ id: "a", extra: many((i) => ({ in: `/Filter/And/Tag[${i}]`, xml: "<x/>" })) }, 50_000],
  ]
  for (const [value, least] of values) {
    const [reading] = readValueRules({ value, position: () => ({ line: 1, column: 1 }) })
    assert.equal(lint(reading!, context).length >= least, true)
  }
})
