import { strict as assert } from "node:assert"
import { test } from "node:test"
import { invoke } from "./cli.ts"

const yaml = (lines: ReadonlyArray<string>) => lines.join("\n") + "\n"
const whole = [
  "id: daily",
  "isEnabled: true",
  "includedObjectVersions: Current",
  "schedule: { frequency: Daily }",
  'destination: { bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", format: CSV }',
]

const refused = async (
  stdin: string | Uint8Array,
  pattern: RegExp,
  args: ReadonlyArray<string> = ["validate", "-"],
) => {
  const { code, out, err } = await invoke(args, { stdin })
  assert.equal(code, 5, out + err)
  assert.match(out + err, pattern)
  assert.doesNotMatch(out + err, /\n\s+at |Unexpected failure/u)
}

test("`validate` accepts a whole rule, and says its name, when it is right", async () => {
  const { code, out, err } = await invoke(["validate", "-"], { stdin: yaml(whole) })
  assert.equal(code, 0, err)
  assert.equal(out, 'standard input: "daily" is valid')
})

test("`validate -o json` lists the findings with their places when a rule is wrong", async () => {
  const { code, out } = await invoke(["validate", "-", "-o", "json"], { stdin: yaml([...whole, "filter: {}"]) })
  assert.equal(code, 5)
  const { version, valid, findings } = JSON.parse(out)
  assert.equal(version, 1)
  assert.equal(valid, false)
  assert.deepEqual(findings.map((f: { code: string }) => f.code), ["filter-empty"])
  assert.deepEqual(findings[0].position, { line: 6, column: 1 })
})

test("`validate` reads every document of a YAML stream when there are several", async () => {
  const second = whole.with(0, "id: second")
  const { code, out } = await invoke(["validate", "-"], { stdin: yaml([...whole, "---", ...second]) })
  assert.equal(code, 0)
  assert.match(out, /"daily" is valid\n.*"second" is valid/u)
})

test("`validate --job` judges as run does when it is given", async () => {
  const job = yaml(whole.filter((line) => !/^(isEnabled|schedule)/u.test(line)))
  assert.equal((await invoke(["validate", "-", "--job"], { stdin: job })).code, 0)
  assert.equal((await invoke(["validate", "-"], { stdin: job })).code, 5)
})

test("A duplicate key is refused at its line when a YAML or JSON rule has one", async () => {
  await refused(yaml([...whole, "id: other"]), /standard input:6:1: A key stands twice/u)
  await refused('{"id": "a",\n "id": "b"}', /standard input:2:2: A key stands twice/u)
})

test("Aliases that explode are refused, at once, when a YAML rule has them", async () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x]"]
  for (let i = 0; i < 12; i++) {
    const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)]
    bomb.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(",")}]`)
  }
  await refused(yaml(bomb), /aliases unfold without end/u)
})

test("Nesting without end is refused when a document has it", async () => {
  await refused("[".repeat(100_000), /nested too deep/u)
  await refused('{"a":'.repeat(100_000), /nested too deep/u)
  await refused("- ".repeat(100_000), /nested too deep/u)
  await refused("<a>".repeat(100_000), /nested too deep/u)
  await refused(`${"a:\n  ".repeat(3)}${"? ".repeat(100_000)}`, /nested too deep|not YAML/u)
})

test("JSON that is only YAML is refused when it is given as JSON", async () => {
  await refused('{"id": "a",}', /not JSON/u)
  await refused("{id: a}", /not JSON/u)
})

test("Wrong types name the place, the value and the mend when a rule has them", async () => {
  await refused(
    yaml(whole.with(0, "id: 007")),
    /1:1 id: .*\n {4}found: {3}007\n {4}allowed: text\n {4}fix: {5}Put quotes around it/u,
  )
  await refused(
    yaml(whole.with(1, "isEnabled: yes")),
    /2:1 isEnabled: .*\n {4}found: {3}yes\n {4}allowed: true or false/u,
  )
  await refused(yaml([...whole, "optionalFields: Size"]), /6:1 optionalFields: .*\n.*\n {4}allowed: a list/u)
  await refused(yaml([...whole, "filter: null"]), /6:1 filter: The value is null/u)
  await refused("[1, 2]", /The value has the wrong form/u)
  await refused('"text"', /The value has the wrong form|wrong form/u)
})

test("Milliseconds are refused with the seconds they stand for when a period has them", async () => {
  await refused(
    yaml([...whole, "filter: { period: { startTime: 1568688761000 } }"]),
    /The time is not in epoch seconds.*\n {4}found: {3}1568688761000\n.*\n {4}fix: {5}.*1568688761 \(2019-09-17T02:52:41Z\)/u,
  )
})

test("Bytes that are no text are refused when they are given", async () => {
  await refused(new Uint8Array([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e]), /not UTF-8/u)
  await refused(new Uint8Array([0xff, 0xfe, 0x3c, 0x00]), /UTF-16/u)
  await refused("<InventoryConfiguration>\0</InventoryConfiguration>", /character that XML does not allow/u)
  await refused("", /empty|holds no rule|wrong form/u)
})

test("A document that is something else is refused by its root when it is given", async () => {
  await refused("<html><body>502</body></html>", /root element is another one/u)
  await refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", /DOCTYPE/u)
  await refused("<InventoryConfiguration><script>1</InventoryConfiguration>", /does not belong in COS documents/u)
})

test("A file that is not there, or is a folder, is named when it is given", async () => {
  for (const [path, why] of [["/nowhere/rule.yaml", /no such file/u], ["/", /directory/u]] as const) {
    const { code, err } = await invoke(["validate", path])
    assert.equal(code, 5)
    assert.match(err, why)
  }
})

test("`fmt` prints one canonical form of a rule when it is given in any", async () => {
  const { out } = await invoke(["get", "list2", "--demo", "-o", "xml"])
  const xml = await invoke(["fmt", "-"], { stdin: out })
  assert.equal(xml.code, 0, xml.err)
  assert.match(xml.out, /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<InventoryConfiguration>\n {2}<Id>list2<\/Id>\n/u)
  const forms = await Promise.all(
    ["xml", "json", "yaml"].map((form) => invoke(["fmt", "-", "-o", form], { stdin: out })),
  )
  for (const form of forms) {
    assert.equal(form.code, 0, form.err)
    assert.equal((await invoke(["fmt", "-", "-o", "yaml"], { stdin: form.out })).out, forms[2]!.out)
    assert.equal((await invoke(["fmt", "-", "-o", "xml"], { stdin: form.out })).out, forms[0]!.out)
  }
})

test("`fmt` refuses what its output would lose when a rule has it", async () => {
  await refused(yaml([...whole, 'filter: { prefix: "" }']), /filter-empty/u, ["fmt", "-"])
  await refused(yaml([...whole, "filter: {}"]), /filter-empty/u, ["fmt", "-"])
  await refused(yaml([...whole, 'extra: [{ in: /Filtr, xml: "<New/>" }]']), /extra-form/u, ["fmt", "-", "-o", "xml"])
})

test("Control sequences of a rule never reach the terminal when it is validated", async () => {
  const { out } = await invoke(["validate", "-"], {
    stdin: yaml([...whole.with(0, 'id: "a\\e]0;x\\a\\e[31m"'), '"k\\e[31m": 1']),
  })
  assert.match(out, /u\{1b\}/u)
  // deno-lint-ignore no-control-regex -- the escape that begins a sequence
  assert.doesNotMatch(out, /[\u001b\u0007]/u)
})

test("What could steer a terminal is escaped, and means the same, when a rule is printed as JSON or YAML", async () => {
  const prefix = "a\u202eb\u009b31m\u200b"
  const stdin = JSON.stringify({
    id: "a",
    isEnabled: true,
    includedObjectVersions: "All",
    schedule: { frequency: "Daily" },
    destination: { bucket: "qcs::cos:ap-guangzhou::b-1250000000", format: "CSV", prefix },
  })
  for (const form of ["json", "yaml"]) {
    const { out, code, err } = await invoke(["fmt", "-", "-o", form], { stdin })
    assert.equal(code, 0, err)
    assert.doesNotMatch(out, /[\u202e\u009b\u200b]/u)
    const back = await invoke(["fmt", "-", "-o", "xml"], { stdin: out })
    assert.ok(back.out.includes(`<Prefix>${prefix}</Prefix>`), back.out)
  }
})

test("Every file's problems are reported when one of them cannot be read", async () => {
  const { code, out, err } = await invoke(["validate", "-", "/nowhere/a.yaml"], {
    stdin: yaml(whole.with(0, "id: a b")),
  })
  assert.equal(code, 5)
  assert.match(out + err, /id-characters/u)
  assert.match(out + err, /there is no such file/u)
  assert.equal((await invoke(["validate", "-", "-"], { stdin: "" })).code, 5)
})

test("`fmt` keeps elements it does not know when a rule has them", async () => {
  const given = '<InventoryConfiguration><Id>a</Id><IsEnabled>true</IsEnabled><New x="1">t <b/></New>' +
    "<IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>" +
    "<Destination><COSBucketDestination><Format>CSV</Format><Bucket>b</Bucket></COSBucketDestination></Destination>" +
    "</InventoryConfiguration>"
  for (const form of ["xml", "json", "yaml"]) {
    const { out } = await invoke(["fmt", "-", "-o", form], { stdin: given })
    const { out: back } = await invoke(["fmt", "-", "-o", "xml"], { stdin: out })
    assert.ok(back.includes('<New x="1">t <b/></New>'), back)
  }
})
