/** Tags of objects. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { refused, start, versioned, world } from "./objects-world.ts"

type Pairs = ReadonlyArray<readonly [key: string, value: string]>
const document = (pairs: Pairs): string =>
  `<Tagging><TagSet>${
    pairs.map(([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`).join("")
  }</TagSet></Tagging>`
const tagged = async () => {
  const made = world()
  await made.ask("PUT", "/a", [["x-cos-meta-kept", "yes"]], "body")
  return made
}

test("PutObjectTagging replaces all tags, and GetObjectTagging gives them in their order", async () => {
  const { ask } = await tagged()
  const put = await ask("PUT", "/a?tagging", [], document([["name", "xiaoming"], ["age", "18"]]))
  assert.deepEqual([put.status, put.text], [200, ""])
  const first = await ask("GET", "/a?tagging")
  assert.equal(
    first.text,
    '<?xml version="1.0" encoding="UTF-8"?>' + document([["name", "xiaoming"], ["age", "18"]]),
  )
  await ask("PUT", "/a?tagging", [], document([["only", ""]]))
  const second = await ask("GET", "/a?tagging")
  assert.deepEqual([second.elements("Key"), second.elements("Value")], [["only"], [""]])
})

test("tags change nothing else of an object", async () => {
  const { ask, setTime, store } = await tagged()
  setTime(start + 86_400_000)
  const before = await ask("GET", "/a")
  await ask("PUT", "/a?tagging", [], document([["a", "b"]]))
  await ask("DELETE", "/a?tagging")
  const after = await ask("GET", "/a")
  const lasting = (reply: typeof before) =>
    reply.headers.filter(([name]) => name !== "x-cos-request-id" && name !== "Date")
  assert.deepEqual([lasting(after), after.text], [lasting(before), before.text])
  assert.equal(store.bodies.used(), 4)
})

test("DeleteObjectTagging leaves an empty set, and an object without tags has one", async () => {
  const { ask } = await tagged()
  const empty = '<?xml version="1.0" encoding="UTF-8"?><Tagging><TagSet></TagSet></Tagging>'
  assert.equal((await ask("GET", "/a?tagging")).text, empty)
  await ask("PUT", "/a?tagging", [], document([["a", "b"]]))
  const reply = await ask("DELETE", "/a?tagging")
  assert.deepEqual([reply.status, reply.text], [204, ""])
  assert.equal((await ask("GET", "/a?tagging")).text, empty)
})

test("x-cos-tagging sets tags with the object, percent-encoded and with spaces as plus signs", async () => {
  const { ask } = world()
  await ask("PUT", "/a", [["x-cos-tagging", "age=18&cost+center=a%2Bb%3D%40&%E9%A1%B9=%E5%B9%B4&empty="]], "a")
  const reply = await ask("GET", "/a?tagging")
  assert.deepEqual(reply.elements("Key"), ["age", "cost center", "项", "empty"])
  assert.deepEqual(reply.elements("Value"), ["18", "a+b=@", "年", ""])
})

test("tags belong to one version, named either way the documentation writes the parameter", async () => {
  const { ask } = versioned()
  const first = (await ask("PUT", "/a", [["x-cos-tagging", "n=1"]], "1")).header("x-cos-version-id")!
  await ask("PUT", "/a", [["x-cos-tagging", "n=2"]], "2")
  await ask("PUT", `/a?tagging&VersionId=${first}`, [], document([["n", "one"]]))
  assert.equal((await ask("GET", `/a?tagging&versionId=${first}`)).element("Value"), "one")
  assert.equal((await ask("GET", "/a?tagging")).element("Value"), "2")
  assert.equal((await ask("GET", "/a")).text, "2")
})

const most = Array.from({ length: 10 }, (_, at) => [`key-${at}`, "v"] as const)
const accepted: ReadonlyArray<readonly [what: string, pairs: Pairs]> = [
  ["ten tags", most],
  ["the longest key and value", [["k".repeat(128), "v".repeat(256)]]],
  ["every sign that is allowed", [["a +-=._:/@", "B +-=._:/@"]]],
  ["letters of any script", [["ключ", "値"]]],
]
for (const [what, pairs] of accepted) {
  test(`PutObjectTagging takes ${what}`, async () => {
    const { ask } = await tagged()
    assert.equal((await ask("PUT", "/a?tagging", [], document(pairs))).status, 200)
    assert.deepEqual((await ask("GET", "/a?tagging")).elements("Key"), pairs.map(([key]) => key))
  })
}

const rejected: ReadonlyArray<readonly [what: string, body: string, code: string]> = [
  ["eleven tags", document([...most, ["one", "more"]]), "InvalidTag"],
  ["a repeated key", document([["a", "1"], ["a", "2"]]), "InvalidTag"],
  ["an empty key", document([["", "1"]]), "InvalidTag"],
  ["a key too long", document([["k".repeat(129), "v"]]), "InvalidTag"],
  ["a value too long", document([["k", "v".repeat(257)]]), "InvalidTag"],
  ["a sign that is not allowed", document([["a#b", "v"]]), "InvalidTag"],
  ["a tag without a value", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>", "MalformedXML"],
  ["two sets", "<Tagging><TagSet></TagSet><TagSet></TagSet></Tagging>", "MalformedXML"],
  ["another document", "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>", "MalformedXML"],
  ["a document that is cut", document([["a", "b"]]).slice(0, -4), "MalformedXML"],
  ["no body", "", "MissingRequestBodyError"],
]
for (const [what, body, code] of rejected) {
  test(`PutObjectTagging refuses ${what} with ${code}, and keeps the tags there are`, async () => {
    const { ask } = await tagged()
    await ask("PUT", "/a?tagging", [], document([["kept", "yes"]]))
    refused(await ask("PUT", "/a?tagging", [], body), code)
    assert.deepEqual((await ask("GET", "/a?tagging")).elements("Key"), ["kept"])
  })
}

test("PutObjectTagging compares Content-MD5 with its document", async () => {
  const { ask } = await tagged()
  const body = document([["a", "b"]])
  const md5 = hashes.md5Base64(new TextEncoder().encode(body))
  refused(await ask("PUT", "/a?tagging", [["Content-MD5", md5]], document([["a", "c"]])), "BadDigest")
  refused(await ask("PUT", "/a?tagging", [["Content-MD5", "md5"]], body), "InvalidDigest")
  assert.equal((await ask("PUT", "/a?tagging", [["Content-MD5", md5]], body)).status, 200)
})

test("tags of a missing object are neither set, given nor deleted", async () => {
  const { ask } = world()
  refused(await ask("PUT", "/none?tagging", [], document([["a", "b"]])), "NoSuchKey")
  refused(await ask("GET", "/none?tagging"), "NoSuchKey")
  refused(await ask("DELETE", "/none?tagging"), "NoSuchKey")
})
