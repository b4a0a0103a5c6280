/** Documents that were once half read, read as another rule, or explained by the wrong reason. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Result from "effect/Result"
import { parse } from "txml/txml"
import { readYaml } from "../adapters/yaml/mod.ts"
import { isEnforced, shapeFindings } from "../adapters/memory/assumptions.ts"
import { codeOf, codes } from "../core/codes.ts"
import { CosError, UnexpectedAnswer } from "../core/errors.ts"
import { type Finding, lint } from "../core/lint/mod.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { refusals } from "../core/signing/mod.ts"
import { readListAnswer, readRuleAnswer, readServiceAnswer } from "../core/wire/answers.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { readValueRules, readXmlRules } from "../core/wire/document.ts"
import { readError, writeErrorDocument } from "../core/wire/error-document.ts"
import { type Path, writeJson } from "../core/wire/json.ts"
import { readList, sliceList, writeList } from "../core/wire/list.ts"
import { completeConfiguration, type Reading, readingOf } from "../core/wire/reading.ts"
import { indentXml } from "../core/wire/xml/mod.ts"
import { good, sample, settled } from "./generated.ts"

const context = { kind: "configuration", region: "ap-guangzhou" } as const
const rule = writeJson(good)
const position = (path: Path) => ({ line: path.length, column: 1 })
const read = (value: unknown) => readValueRules({ value, position })
/** All that is said of a document, judged as the command line judges it. */
const said = (readings: ReadonlyArray<Reading>): ReadonlyArray<Finding> => readings.flatMap((r) => lint(r, context))
const brief = (findings: ReadonlyArray<Finding>) => findings.map((f) => [f.code, f.path, f.fix])
const answer = (body: string, status = 200) => ({ status, headers: [], body: new TextEncoder().encode(body) })
const wrap = (inside: string, attributes = "") =>
  `<InventoryConfiguration${attributes}>${inside}</InventoryConfiguration>`
const listOf = (inside: string, attributes = "") =>
  `<ListInventoryConfigurationResult${attributes}>${inside}</ListInventoryConfigurationResult>`
const inner = writeConfiguration(good)

// Envelopes

test("a document reports every key beside its rules but version, bucket, region and demo", () => {
  const beside = { version: 1, bucket: "a-1", region: "ap-guangzhou", demo: true }
  assert.deepEqual(said(read({ ...beside, configuration: rule })), [])
  assert.deepEqual(brief(said(read({ ...beside, configuration: rule, filter: { prefix: "b" }, regoin: "x" }))), [
    ["unknown-key", "filter", "Move it into configuration, or remove it"],
    ["unknown-key", "regoin", 'Did you mean "region"?'],
  ])
  assert.deepEqual(
    brief(said(read({ configurations: [rule, rule], toString: 1 }))),
    [["unknown-key", "toString", "Move it into configurations, or remove it"]],
  )
  assert.deepEqual(
    said(read(JSON.parse(`{"configuration":${JSON.stringify(rule)},"__proto__":{}}`))).map((f) => f.path),
    ["__proto__"],
  )
  const [problem] = said(read({ configuration: rule, Id: "b" }))
  assert.deepEqual(problem?.position, { line: 1, column: 1 })
})

test("a document with its rules under two keys says so", () => {
  for (const [other, value] of [["configurations", [rule]], ["job", rule]] as const) {
    const readings = read({ configuration: rule, [other]: value })
    assert.deepEqual(brief(said(readings)), [["unknown-key", other, `Keep configuration or ${other}`]])
    assert.equal(readings.length, 1, "one reading a rule")
  }
})

test("a document reports keys beside its rules when it holds none", () => {
  const readings = read({ configurations: [], configuration_s: [rule] })
  assert.deepEqual(brief(said(readings)), [["unknown-key", "configuration_s", 'Did you mean "configurations"?']])
  assert.deepEqual(read({ configurations: [] }), [])
})

test("a misspelled envelope is one problem, not one for everything that a rule has", () => {
  const cases: ReadonlyArray<readonly [value: object, path: string, fix: string]> = [
    [{ version: 1, configurationz: rule }, "configurationz", 'Did you mean "configuration"?'],
    [{ configurationss: [rule] }, "configurationss", 'Did you mean "configurations"?'],
    [{ region: "ap-guangzhou", Job: rule }, "Job", 'Did you mean "job"?'],
    [{ bucket: "a-1", rules: [rule] }, "rules", "Put the rule under configuration"],
  ]
  for (const [value, path, fix] of cases) assert.deepEqual(brief(said(read(value))), [["unknown-key", path, fix]])
  assert.deepEqual(brief(said(read({ version: 1 }))), [["no-rules", "", "Put the rule under configuration"]])
  assert.deepEqual(said(read({ version: 2, configurationz: rule })).map((f) => f.code), ["document-version"])
})

test("a rule with a key of an envelope in it is still judged as a rule", () => {
  assert.deepEqual(brief(said(read({ ...rule, version: 1 }))), [["unknown-key", "version", "Remove it"]])
  assert.deepEqual(said(read({ wholly: "else" })).map((f) => f.code).toSpliced(1), ["unknown-key"])
  assert.equal(said(read({ wholly: "else" })).length > 1, true)
})

test("API-shaped JSON reports what stands beside its InventoryConfiguration", () => {
  const api = JSON.parse(sample("node-object.json")) as object
  assert.deepEqual(said(read({ InventoryConfiguration: api })), [])
  const findings = said(read({ InventoryConfiguration: api, Filter: { Prefix: "b" }, InventoryConfigurations: [api] }))
  assert.deepEqual(brief(findings), [
    ["unknown-key", "Filter", "Move it into InventoryConfiguration, or remove it"],
    ["unknown-key", "InventoryConfigurations", 'Did you mean "InventoryConfiguration"?'],
  ])
  assert.deepEqual(findings.map((f) => f.position?.line), [1, 1])
})

// API-shaped JSON

test("API-shaped JSON has encryption by text or {}, and reports flags, null and whatever else is no element", () => {
  const encrypted = (value: unknown) =>
    read({ Id: "a", Destination: { COSBucketDestination: { Bucket: "b", Encryption: { "SSE-COS": value } } } })[0]!
  for (const value of ["", " ", "111", {}, [""]]) {
    assert.deepEqual([encrypted(value).draft.destination?.encryption, encrypted(value).findings], ["SSE-COS", []])
  }
  for (const value of [false, true, null, 0, 1, [], [null], { a: 1 }]) {
    const { draft, findings } = encrypted(value)
    assert.deepEqual(
      [draft.destination?.encryption, findings.map((f) => [f.code, f.path])],
      [undefined, [["wrong-type", "SSE-COS"]]],
      JSON.stringify(value),
    )
  }
  const [bare] = read({ Destination: { Bucket: "b", SSECOS: false } })
  assert.deepEqual(bare!.findings.map((f) => [f.code, f.path]), [["wrong-type", "SSE-COS"]])
})

test("API-shaped JSON reports an empty list where one value belongs, and under any unknown key", () => {
  const problems = (value: object) => read({ Id: "a", ...value })[0]!.findings.map((f) => [f.code, f.path, f.found])
  assert.deepEqual(problems({ Filter: [] }), [["wrong-type", "Filter", "[]"]])
  assert.deepEqual(problems({ Filter: { Prefix: [] } }), [["wrong-type", "Prefix", "[]"]])
  assert.deepEqual(problems({ Filtr: [] }), [["unknown-key", "Filtr", "Filtr"]])
  assert.deepEqual(problems({ OptionalFields: { Field: [] }, Filter: { And: { Tag: [] } } }), [])
  assert.deepEqual(read({ Id: "a", OptionalFields: { Field: ["Size", "ETag"] } })[0]!.draft.optionalFields, [
    "Size",
    "ETag",
  ])
})

// Lists

test("a file of a list reports what would be lost: unknown elements and further pages", () => {
  const file = (inside: string) => Result.getOrThrow(readXmlRules(listOf(inside)))
  assert.deepEqual(said(file(inner + "<IsTruncated>false</IsTruncated>")), [])
  const findings = said(file(`${inner}\n<InventoryConfigurations>${inner}</InventoryConfigurations>\n<Filter/>`))
  assert.deepEqual(findings.map((f) => [f.code, f.found, f.fix, f.position]), [
    ["unknown-element", "<InventoryConfigurations>", "Did you mean <InventoryConfiguration>?", { line: 2, column: 1 }],
    ["unknown-element", "<Filter>", "Put it into an <InventoryConfiguration>, or remove it", { line: 3, column: 1 }],
  ])
  const truncated = "<IsTruncated> True</IsTruncated><NextContinuationToken>a</NextContinuationToken>"
  assert.deepEqual(said(file(inner + truncated)).map((f) => [f.code, f.severity]), [["list-truncated", "error"]])
  assert.deepEqual(said(file("<Later/>")).map((f) => f.code), ["unknown-element"])
  assert.deepEqual(file("<IsTruncated>false</IsTruncated>"), [])
})

test("an answer of a list passes over unknown elements and stray text", () => {
  const { configurations } = Result.getOrThrow(readListAnswer(answer(listOf(`stray${inner}<Later/>${inner}`))))
  assert.equal(configurations.length, 2)
})

test("an answer of a list is whole or has more pages, by the plain word, or is refused", () => {
  const list = (inside: string) => readListAnswer(answer(listOf(inner + inside)))
  const token = "<NextContinuationToken>a</NextContinuationToken>"
  const flag = (word: string) => `<IsTruncated>${word}</IsTruncated>`
  for (const inside of ["", flag("false"), flag(" FALSE "), "<NextContinuationToken/>", flag("false") + token]) {
    assert.equal(Result.getOrThrow(list(inside)).isTruncated, false, inside)
  }
  for (const inside of [flag("true") + token, flag("True"), flag("false") + flag("true")]) {
    assert.equal(Result.getOrThrow(list(inside)).isTruncated, true, inside)
  }
  const refused = [flag("yes"), flag("1"), flag(""), flag("truefalse"), token, flag("false") + flag("?")]
  for (const inside of refused) {
    const result = list(inside)
    assert.ok(Result.isFailure(result) && result.failure instanceof UnexpectedAnswer, inside)
    assert.match(result.failure.problem, /IsTruncated.* \(line 1, column \d+\)$/u)
    assert.equal(Result.isFailure(readList(listOf(inside))), true)
    assert.equal(Result.isFailure(readXmlRules(listOf(inside))), true)
  }
  const placed = readList(listOf(`\n ${flag("yes")}`))
  assert.deepEqual(Result.isFailure(placed) && placed.failure.position, { line: 2, column: 2 })
})

test("an answer of buckets is whole or has more pages, by the same plain word", () => {
  const buckets = (inside: string) =>
    readServiceAnswer(answer(`<ListAllMyBucketsResult><Buckets/>${inside}</ListAllMyBucketsResult>`))
  assert.equal(Result.getOrThrow(buckets("")).isTruncated, false)
  assert.equal(Result.getOrThrow(buckets("<IsTruncated>TRUE</IsTruncated>")).isTruncated, true)
  for (const inside of ["<IsTruncated>yes</IsTruncated>", "<NextMarker>a</NextMarker>"]) {
    const result = buckets(inside)
    assert.ok(Result.isFailure(result) && result.failure instanceof UnexpectedAnswer, inside)
  }
})

// Unknown elements and their namespaces

/** Prefixes without a declaration around them, as a reader that knows namespaces would refuse them. */
const unbound = (xml: string): ReadonlyArray<string> => {
  type Node = ReturnType<typeof parse>[number]
  const look = (node: Node, bound: ReadonlySet<string>): ReadonlyArray<string> => {
    if (typeof node === "string") return []
    const names = Object.keys(node.attributes)
    const here = new Set([...bound, ...names.filter((n) => n.startsWith("xmlns:")).map((n) => n.slice(6))])
    const used = [node.tagName, ...names].filter((n) => n.includes(":")).map((n) => n.slice(0, n.indexOf(":")))
    return [...used.filter((p) => !here.has(p)), ...node.children.flatMap((child) => look(child, here))]
  }
  return parse(xml).flatMap((node) => look(node, new Set(["xml", "xmlns"])))
}

test("an unknown element takes the declarations of its prefixes along, and keeps them through a get and a put", () => {
  const attributes = ` xmlns="http://...." xmlns:c='urn:c?a="1"&amp;b' xmlns:d="urn:d" xmlns:e="urn:e"`
  const body = inner.slice("<InventoryConfiguration>".length, -"</InventoryConfiguration>".length)
    .replace("<Filter>", '<Filter xmlns:d="urn:d2"><c:MinSize d:unit="B">1<e:x/></c:MinSize>')
  const odd = `<c:One/><Two/><Three xml:lang="en" c:a='1'/><c:Four xmlns:c="urn:own"/><x:Five/>`
  const sent = wrap(body + odd, attributes)
  const { configuration } = Result.getOrThrow(readRuleAnswer(answer(sent), "list1"))
  const c = `xmlns:c='urn:c?a="1"&amp;b'`
  assert.deepEqual(configuration.extra, [
    { in: "/Filter", xml: `<c:MinSize ${c} xmlns:d="urn:d2" xmlns:e="urn:e" d:unit="B">1<e:x/></c:MinSize>` },
    { in: "/", xml: `<c:One ${c}/>` },
    { in: "/", xml: "<Two/>" },
    { in: "/", xml: `<Three ${c} xml:lang="en" c:a='1'/>` },
    { in: "/", xml: '<c:Four xmlns:c="urn:own"/>' },
    { in: "/", xml: "<x:Five/>" },
  ])
  const written = writeConfiguration(configuration)
  assert.deepEqual(unbound(sent), ["x"])
  assert.deepEqual(unbound(written), ["x"], "what was undeclared stays so, and nothing else becomes so")
  assert.deepEqual(settled(Result.getOrThrow(readConfiguration(written)).draft), settled(configuration))
})

test("an unknown element in a list takes the declarations of the list along, and so does a slice", () => {
  const xml = listOf(wrap("<c:Later/><Id>a</Id>") + wrap("<Id>b</Id>"), ' xmlns:c="urn:c"')
  const { rules } = Result.getOrThrow(readList(xml))
  assert.deepEqual(rules.map((r) => r.draft.extra), [[{ in: "/", xml: '<c:Later xmlns:c="urn:c"/>' }], undefined])
  const slices = Result.getOrThrow(sliceList(xml))
  assert.deepEqual(slices.map(unbound), [[], []])
  assert.equal(slices[1], wrap("<Id>b</Id>"))
})

test("unknown elements are reported, not multiplied, when their namespace has a name without end", () => {
  const long = "a".repeat(maxDocumentBytes / 2)
  const reading = Result.getOrThrow(
    readConfiguration(wrap("<Id>a</Id>" + "<c:a/>".repeat(50_000), ` xmlns:c="${long}"`)),
  )
  assert.equal(reading.findings.every((f) => f.code === "namespaces-too-long"), true)
  assert.equal(reading.findings.length > 49_000, true)
  const kept = (reading.draft.extra ?? []).reduce((length, { xml }) => length + xml.length, 0)
  assert.equal(kept < 2 * maxDocumentBytes, true)
})

// Text where elements belong

test("text straight inside a container of a rule is reported with its container, in every container", () => {
  const insides: ReadonlyArray<readonly [inside: string, name: string, path: string]> = [
    ["logs/<Id>a</Id>", "InventoryConfiguration", ""],
    ["<Filter>logs/<Period><StartTime>1</StartTime></Period></Filter>", "Filter", "filter"],
    ["<Filter><And> logs/ </And></Filter>", "And", "filter"],
    ["<Filter><Period><StartTime>1</StartTime>&#50;</Period></Filter>", "Period", "filter.period"],
    ["<Filter><And><Tag>age</Tag></And></Filter>", "Tag", "filter.tags[0]"],
    ["<OptionalFields>Size<Field>ETag</Field></OptionalFields>", "OptionalFields", "optionalFields"],
    ["<Schedule>Daily</Schedule>", "Schedule", "schedule"],
    ["<Destination><![CDATA[x]]></Destination>", "Destination", "destination"],
    [
      "<Destination><COSBucketDestination><Encryption>SSE-COS</Encryption></COSBucketDestination></Destination>",
      "Encryption",
      "destination",
    ],
  ]
  for (const [inside, name, path] of insides) {
    const xml = wrap(`\n\t${inside}\r\n`)
    const { findings } = Result.getOrThrow(readConfiguration(xml))
    assert.deepEqual(findings.map((f) => [f.code, f.severity, f.path]), [["text-in-container", "error", path]], inside)
    assert.match(findings[0]!.message, new RegExp(`^<${name}> `))
    const { line, column } = findings[0]!.position!
    assert.equal(xml.replaceAll("\r\n", "\n").split("\n")[line - 1]!.slice(column - 1).startsWith(`<${name}>`), true)
    assert.equal(Result.isFailure(readRuleAnswer(answer(xml), "a")), true)
  }
  assert.equal(shapeFindings.has("text-in-container"), true)
})

test("white space and comments inside the containers of a rule say nothing", () => {
  const indented = indentXml(inner).replaceAll("<And>", "<And><!-- both -->")
  const { findings, draft } = Result.getOrThrow(readConfiguration(indented))
  assert.deepEqual([findings, settled(draft)], [[], good])
  assert.deepEqual(said(Result.getOrThrow(readXmlRules(writeList({ rules: [good], isTruncated: false })))), [])
})

// Lint and the local COS

test("a prefix that is broken into lines is reported at its place", () => {
  const xml = inner.replace("<Prefix>myPrefix</Prefix>", "\n<Prefix>\n  myPrefix\n</Prefix>")
  const [reading] = Result.getOrThrow(readXmlRules(xml))
  assert.equal(reading!.draft.filter?.prefix, "\n  myPrefix\n", "the codec keeps it")
  assert.deepEqual(
    lint(reading!, context).map((f) => [f.code, f.found, f.fix, f.position]),
    [["text-lines", JSON.stringify("\n  myPrefix\n"), "Write it on one line", { line: 2, column: 1 }]],
  )
})

test("the local COS enforces what is documented of a rule and not what this project assumes", () => {
  const finding = (code: string): Finding => ({
    code,
    severity: "error",
    path: "",
    message: "",
    allowed: "",
    fix: "",
    source: "",
  })
  assert.deepEqual(["account-id", "tag-repeated", "text-lines"].map((code) => isEnforced(finding(code))), [
    true,
    false,
    false,
  ])
})

// YAML

test("an alias without an anchor is explained as one, at its place, and a bomb as a bomb", () => {
  const problems = (text: string) => {
    const result = readYaml(text)
    return Result.isFailure(result) ? result.failure.map((f) => [f.code, f.found, f.position]) : "read"
  }
  assert.deepEqual(problems("id: a\nfilter:\n  prefix: *x\n  storageClass: *.log\n"), [
    ["alias-unknown", "*x", { line: 3, column: 11 }],
    ["alias-unknown", "*.log", { line: 4, column: 17 }],
  ])
  assert.deepEqual(problems("a: *x\nb: &x 1\n"), [["alias-unknown", "*x", { line: 1, column: 4 }]])
  assert.deepEqual(problems("a: &x 1\nb: *x\n---\nc: *x\n"), [["alias-unknown", "*x", { line: 4, column: 4 }]])
  assert.equal(problems("a: &x {b: 1}\nb: *x\n"), "read")
  const bomb = ["a0: &a0 [x]", ...Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`)]
  assert.deepEqual(problems(bomb.join("\n")), [["document-aliases", undefined, { line: 1, column: 1 }]])
  const result = readYaml("prefix: *x")
  assert.equal(Result.isFailure(result) && result.failure[0]!.fix, 'Put quotes around it if it is text: "*x"')
})

// Refusals of COS

test("an AccessDenied that says that the request has expired is a matter of the clock", () => {
  const { Expired, Missing, TooSkewed } = refusals
  const error = ({ code, message }: { readonly code: string; readonly message: string }) => {
    const read = readError(answer(writeErrorDocument({ code, message }), 403))
    assert.ok(read instanceof CosError)
    return [read.code, read.reason, read.retryable]
  }
  assert.deepEqual(error(Expired), ["AccessDenied", "clock", false])
  assert.deepEqual(error({ ...Expired, message: `${Expired.message}.` }), ["AccessDenied", "clock", false])
  assert.deepEqual(error({ code: Expired.message, message: "" }), [Expired.message, "clock", false])
  assert.deepEqual(error(TooSkewed), ["RequestTimeTooSkewed", "clock", false])
  assert.deepEqual(error(Missing), ["AccessDenied", "denied", false])
  assert.deepEqual(error({ code: "NoSuchBucket", message: Expired.message }).slice(1), ["not-found", false])
  assert.match(codeOf(Expired.code, 403, Expired.message).advice, /clock/u)
  assert.equal(codeOf(Expired.code, 403), codes["AccessDenied"])
})

test("What stands inside SSE-COS is kept and sent back, in Encryption or bare", () => {
  const inside = "<New>1</New>"
  for (const form of [`<Encryption><SSE-COS>${inside}</SSE-COS></Encryption>`, `<SSE-COS>x${inside}</SSE-COS>`]) {
    const xml = sample("get.xml").replace(/<Encryption>[^]*<\/Encryption>/u, form)
    const { draft } = Result.getOrThrow(readConfiguration(xml))
    assert.equal(draft.destination?.encryption, "SSE-COS")
    const again = writeConfiguration(Result.getOrThrow(completeConfiguration(draft)))
    assert.ok(again.includes(`<Encryption><SSE-COS>${inside}</SSE-COS></Encryption>`), again)
    assert.deepEqual(lint(readingOf(draft), context).filter((f) => f.code === "extra-form"), [])
  }
})

test("A filter whose only condition cannot be read is not called empty", () => {
  for (const startTime of ["2026-01-01", null, "2026-01-01T00:00:00+08:00", "2026-01-01T00:00:00.5Z"]) {
    const codes = said(read({ ...rule, filter: { period: { startTime } } })).map((f) => f.code)
    assert.deepEqual(codes, ["wrong-type"], String(startTime))
  }
  const xml = writeConfiguration(good).replace(
    /<Filter>.*<\/Filter>/u,
    "<Filter><Period><StartTime>soon</StartTime></Period></Filter>",
  )
  assert.deepEqual(lint(Result.getOrThrow(readConfiguration(xml)), context).map((f) => f.code), ["not-time"])
})

test("A page with two tokens that differ, or with elements in one, is refused", () => {
  const page = (tokens: string) =>
    `<ListInventoryConfigurationResult><IsTruncated>true</IsTruncated>${tokens}</ListInventoryConfigurationResult>`
  const token = (text: string) => `<NextContinuationToken>${text}</NextContinuationToken>`
  for (const odd of [token("a") + token("b"), token("a<x/>b")]) assert.ok(Result.isFailure(readList(page(odd))), odd)
  for (const fine of [token("a"), token("a") + token("a"), token("") + token(" a ")]) {
    assert.equal(Result.getOrThrow(readList(page(fine))).nextContinuationToken, "a")
  }
})
