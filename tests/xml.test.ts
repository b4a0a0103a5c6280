/** The guard and the readers behind it: what is refused, and that what is accepted is read the same by both. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { maxDocumentBytes, maxXmlDepth } from "../core/limits.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readList } from "../core/wire/list.ts"
import { readText } from "../core/wire/text.ts"
import {
  type Element,
  guard,
  isElement,
  leaf,
  positionAt,
  positionsIn,
  readXml,
  readXmlWithOffsets,
  textOf,
} from "../core/wire/xml/mod.ts"
import { Generated, good, ruleOf, ruleSamples, sample } from "./generated.ts"
import { prop } from "./harness.ts"

const codeOf = (xml: string): string | undefined => {
  const result = guard(xml)
  return Result.isFailure(result) ? result.failure.code : undefined
}

/** A tree without the offsets that one of the readers keeps. */
const plain = (element: Element): unknown => [
  element.tagName,
  ...element.children.map((child) => isElement(child) ? plain(child) : child),
]

/** Both readers agree on whether a document is read, and on what it is. */
const assertSame = (xml: string): void => {
  const fast = readXml(xml)
  const slow = readXmlWithOffsets(xml)
  assert.equal(fast._tag, slow._tag)
  if (Result.isSuccess(fast) && Result.isSuccess(slow)) {
    assert.deepEqual(plain(fast.success.root), plain(slow.success.root))
    assert.equal(fast.success.root.start, slow.success.root.start)
    assert.equal(fast.success.root.end, slow.success.root.end)
  }
}

prop("guard accepts what the writer writes and both readers read it the same", Generated, (generated) => {
  const xml = writeConfiguration(ruleOf(generated))
  assert.equal(codeOf(xml), undefined)
  assertSame(xml)
  return true
})

prop("escaped text reads back as it was, whatever it holds", Schema.String, (text) => {
  const document = readXml(leaf("a", text))
  // deno-lint-ignore no-control-regex -- these are what XML cannot carry
  const carried = !/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/u.test(text) && text.isWellFormed()
  return Result.isSuccess(document) ? carried && textOf(document.success.root) === text : !carried
})

test("both readers read every accepted sloppiness the same", () => {
  const documents = [
    '<?xml version = "1.0" encoding = "UTF-8">\n<a xmlns = "http://....">\n</a>',
    "\ufeff<a>x</a>",
    "<!-- c --><a/><!-- d -->\n",
    "<a><![CDATA[<b>&amp;]]]]><![CDATA[>]]></a>",
    "<a>x<!-- > -> --->y</a>".replace("--->", "-->"),
    "<a><!----></a>",
    "<a><![CDATA[]]></a>",
    "<n:a xmlns:n='u'><n:b/></n:a >",
    "<a\n b = '>' c=\"/\"\t/>",
    "<a b='/'>t</a>",
    "<a><link/><br>x</br><img></img></a>",
    "<a>stray<b/>text&#x41;&#65;&amp;lt;&quot;&apos;</a>",
    "<a>\r\nx\ry&#13;</a>",
    "<a><b-c.d_e1:f/><_/></a>",
    "<a><SCRIPT>x</SCRIPT><x:script/><Style/></a>",
    "<__proto__><constructor a='1'/></__proto__>",
  ]
  for (const xml of documents) {
    assert.equal(codeOf(xml), undefined, xml)
    assertSame(xml)
  }
})

const refused: ReadonlyArray<readonly [code: string, ...documents: ReadonlyArray<string>]> = [
  ["xml-empty", "", " \n", "\ufeff", "<!-- a -->", "<?xml version='1.0'?>"],
  [
    "xml-cut",
    "<a>",
    "<a",
    "<",
    "<a><b></b>",
    "<a><!-- ",
    "<a><![CDATA[x]]",
    "<a b='",
    "<a></a",
    '<?xml version="1.0"',
    "<!-- ",
  ],
  [
    "xml-mismatch",
    "<a></b>",
    "<Id>x</IdFoo>",
    "<a></A>",
    "<a></a\u00a0>",
    "</a>",
    "<a></a b='1'>",
    "<a><b></a></b>",
    "<a></ a>",
  ],
  [
    "xml-doctype",
    "<!DOCTYPE a><a/>",
    "<!doctype html><html></html>",
    '<!DOCTYPE l [<!ENTITY a "&a;&a;">]><l>&a;</l>',
    "<a><!ENTITY x 'y'></a>",
  ],
  [
    "xml-instruction",
    "<a><?php x?></a>",
    "<?xml-stylesheet href='x'?><a/>",
    "<!-- --><?xml version='1.0'?><a/>",
    "<a/><?x?>",
  ],
  ["xml-encoding", "<?xml version='1.0' encoding='GBK'?><a/>", '<?xml version="1.0" encoding="UTF-16"><a/>'],
  ["xml-comment", "<a><!--> --></a>", "<a><!---> --></a>", "<a><!-- -- --></a>", "<a><!-- ---></a>"],
  ["xml-name", "<1/>", "<a>< b/></a>", "<a><:b/></a>", "<a><腾/></a>", "<a><-b/></a>", "<a><>"],
  ["xml-element", "<script></script>", "<a><style>x</style></a>", "<a><script/></a>"],
  ["xml-tag", "<a b/>", "<a b=c/>", "<a b='<'/>", "<a b='1'c='2'/>", "<a / >", "<a/ >", "<a b='1/>", "<a\u00a0/>"],
  ["xml-attribute", "<a b='1' b='1'/>", "<a b='1' c='2' b=\"3\"/>"],
  [
    "xml-reference",
    "<a>&</a>",
    "<a>&nbsp;</a>",
    "<a>&#0;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#99999999999999999999;</a>",
    "<a>&amp</a>",
    "<a>&#xFFFE;</a>",
    "<a b='&x;'/>",
    "<a>&#X41;</a>",
    "<a>& amp;</a>",
    "<a>&#;</a>",
  ],
  ["xml-section", "<a>]]></a>", "<a>x<![CDATA[]]>]]></a>"],
  [
    "xml-character",
    "<a>\0</a>",
    "\0",
    "<a>\u001b</a>",
    "<a>\ud800</a>",
    "<a>\udc00x</a>",
    "<a>\ufffe</a>",
    "<a b='\u0001'/>",
  ],
  ["xml-outside", "x", "x<a/>", "<![CDATA[x]]><a/>", "{}", "\u00a0<a/>"],
  ["xml-after-root", "<a/><b/>", "<a></a><a></a>", "<a/></a>"],
]
for (const [code, ...documents] of refused) {
  test(`guard refuses with ${code}, and both readers with it`, () => {
    for (const xml of documents) {
      assert.equal(codeOf(xml), code, xml)
      assertSame(xml)
    }
  })
}

test("guard says what is wrong, what is allowed and how to mend it when it refuses", () => {
  for (const xml of refused.flatMap(([, ...documents]) => documents)) {
    const result = guard(xml)
    assert.equal(result._tag, "Failure")
    if (Result.isSuccess(result)) continue
    const { message, allowed, fix, position } = result.failure
    for (const text of [message, allowed, fix]) assert.match(text, /\S/u)
    assert.doesNotMatch(message, /\.$|undefined|<>/u)
    assert.equal(position.line >= 1 && position.column >= 1, true)
  }
})

test("guard takes 32 levels and refuses 33, as it refuses 100 000", () => {
  const deep = (levels: number) => "<a>".repeat(levels) + "</a>".repeat(levels)
  assert.equal(codeOf(deep(maxXmlDepth)), undefined)
  assertSame(deep(maxXmlDepth))
  assert.equal(codeOf(deep(maxXmlDepth + 1)), "xml-depth")
  assert.equal(codeOf(deep(100_000)), "xml-depth")
  assert.equal(codeOf("<a>".repeat(100_000)), "xml-depth")
})

test("guard keeps its messages short when names are long", () => {
  const name = "a".repeat(500_000)
  for (const xml of [`<${name}>`, `<${name}></b>`, `<b></${name}>`, `</${name}>`, `<a ${name}='1' ${name}='2'/>`]) {
    const result = guard(xml)
    assert.equal(result._tag, "Failure")
    if (Result.isFailure(result)) {
      assert.equal(`${result.failure.message}${result.failure.allowed}${result.failure.fix}`.length < 600, true)
    }
  }
})

const cuttable = [...ruleSamples, "post.xml", "list.xml"]
for (const name of cuttable) {
  test(`a document is refused at every cut before its last > when it is the sample ${name}`, () => {
    const bytes = new TextEncoder().encode(sample(name).replace("myPrefix", "腾讯云😀"))
    const end = bytes.lastIndexOf(62)
    const read = name === "list.xml" ? readList : readConfiguration
    for (let at = 0; at < end; at++) {
      const text = readText(bytes.subarray(0, at), maxDocumentBytes)
      const result = Result.flatMap(text, (xml): Result.Result<unknown, unknown> => read(xml))
      assert.equal(result._tag, "Failure", `cut at ${at}`)
    }
    assert.equal(
      Result.flatMap(
        readText(bytes.subarray(0, end + 1), maxDocumentBytes),
        (xml): Result.Result<unknown, unknown> => read(xml),
      )._tag,
      "Success",
    )
  })
}

test("readText refuses what is not UTF-8, at its place, and what is too large", () => {
  const problem = (bytes: ReadonlyArray<number> | Uint8Array) => {
    const result = readText(Uint8Array.from(bytes), maxDocumentBytes)
    return Result.isFailure(result)
      ? [result.failure.code, result.failure.position.line, result.failure.position.column]
      : "read"
  }
  assert.deepEqual(problem([60, 10, 60, 97, 0xff]), ["document-not-utf8", 2, 3])
  assert.deepEqual(problem([0xc3]), ["document-not-utf8", 1, 1])
  assert.deepEqual(problem([0xed, 0xa0, 0x80]), ["document-not-utf8", 1, 1])
  assert.deepEqual(problem([0xc0, 0x80]), ["document-not-utf8", 1, 1])
  assert.deepEqual(problem([0xff, 0xfe, 60, 0]), ["document-not-utf8", 1, 1])
  assert.deepEqual(problem([0xe8, 0x85, 0xbe, 0xe8, 0x85]), ["document-not-utf8", 1, 2])
  assert.deepEqual(problem(new Uint8Array(maxDocumentBytes + 1)), ["document-too-large", 1, 1])
  assert.equal(problem(new Uint8Array(maxDocumentBytes).fill(32)), "read")
})

test("a place is right when the text has CRLF, multi-byte characters and a byte order mark", () => {
  const at = (xml: string) => {
    const result = guard(xml)
    return Result.isFailure(result) ? [result.failure.position.line, result.failure.position.column] : undefined
  }
  assert.deepEqual(at("<a>\r\n\r\n  <b>\r\n</c></a>"), [4, 1])
  assert.deepEqual(at("<a>\r\r &x;</a>"), [3, 2])
  assert.deepEqual(at("\ufeff<a>&x;</a>"), [1, 4])
  assert.deepEqual(at("<a>腾讯云😀&x;</a>"), [1, 9])
  assert.deepEqual(at("<a>\n</a>\n x"), [3, 2])
})

prop(
  "positionsIn agrees with positionAt at every offset",
  Schema.Array(Schema.Literals(["a", "\n", "😀", "\n\n"])),
  (parts) => {
    const text = parts.join("")
    const locate = positionsIn(text)
    for (let at = 0; at <= text.length; at++) {
      const lines = text.slice(0, at).split("\n")
      const expected = { line: lines.length, column: lines.at(-1)!.length + 1 }
      assert.deepEqual([locate(at), positionAt(text, at)], [expected, expected])
    }
    return true
  },
)

test("a wrong root is named with its place, past comments that look like it", () => {
  const result = readConfiguration("<!-- <Foo> -->\n <Foo/>")
  assert.equal(result._tag, "Failure")
  if (Result.isSuccess(result)) return
  assert.deepEqual([result.failure.code, result.failure.position, result.failure.found], ["xml-root", {
    line: 2,
    column: 2,
  }, "<Foo>"])
  assert.equal(
    Result.isSuccess(
      readConfiguration(writeConfiguration(good).replaceAll("InventoryConfiguration", "c:InventoryConfiguration")),
    ),
    true,
  )
})
