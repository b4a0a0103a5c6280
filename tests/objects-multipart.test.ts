/** Objects that are uploaded in parts. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { crc64 } from "../core/crc64.ts"
import type { Headers } from "../core/http.ts"
import {
  bucket,
  hostOfBucket,
  ownedBytes,
  pieces,
  refused,
  start,
  versioned,
  type World,
  world,
} from "./objects-world.ts"

const mebibyte = "m".repeat(1024 * 1024)
const md5 = (text: string | Uint8Array) => createHash("md5").update(text).digest()

const begin = async ({ ask }: World, key = "/big", headers: Headers = []) =>
  (await ask("POST", `${key}?uploads`, headers)).element("UploadId")
const putPart = ({ ask }: World, id: string, number: number, body: string, key = "/big") =>
  ask("PUT", `${key}?partNumber=${number}&uploadId=${id}`, [], body)
const listOf = (parts: ReadonlyArray<readonly [number: number | string, etag: string]>) =>
  `<CompleteMultipartUpload>${
    parts.map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`).join("")
  }</CompleteMultipartUpload>`
const complete = ({ ask }: World, id: string, body: string, key = "/big", headers: Headers = []) =>
  ask("POST", `${key}?uploadId=${id}`, headers, body)
/** Uploads these parts, numbered from 1, and gives their ETags. */
const uploaded = async (made: World, id: string, bodies: ReadonlyArray<string>, key?: string) => {
  const etags: Array<readonly [number, string]> = []
  for (const [at, body] of bodies.entries()) {
    etags.push([at + 1, (await putPart(made, id, at + 1, body, key)).header("etag")!])
  }
  return etags
}

test("an upload is begun, filled and completed as the documentation has it", async () => {
  const made = world()
  const { ask, store } = made
  const begun = await ask("POST", "/dir/big.bin?uploads", [["Content-Type", "image/png"], ["x-cos-meta-a", "1"]])
  assert.equal(begun.status, 200)
  assert.match(
    begun.text,
    /^<\?xml[^>]*><InitiateMultipartUploadResult><Bucket>examplebucket-1250000000<\/Bucket><Key>dir\/big\.bin<\/Key><UploadId>1763700000[0-9a-f]{64}<\/UploadId><\/InitiateMultipartUploadResult>$/u,
  )
  const id = begun.element("UploadId")
  const part = await putPart(made, id, 1, mebibyte, "/dir/big.bin")
  assert.equal(part.header("etag"), `"${md5(mebibyte).toString("hex")}"`)
  assert.equal((await ask("HEAD", "/dir/big.bin")).status, 404)
  const etags = await uploaded(made, id, [mebibyte, "the rest"], "/dir/big.bin")
  const reply = await complete(made, id, listOf(etags), "/dir/big.bin")
  const etag = `"${md5(Buffer.concat([md5(mebibyte), md5("the rest")])).toString("hex")}-2"`
  assert.equal(reply.status, 200)
  assert.equal(reply.element("ETag"), etag)
  assert.equal(reply.element("Location"), `http://${hostOfBucket(bucket)}/dir/big.bin`)
  assert.equal(reply.element("Bucket"), bucket.name)
  assert.equal(reply.element("Key"), "dir/big.bin")
  const got = await ask("GET", "/dir/big.bin")
  assert.equal(got.text, mebibyte + "the rest")
  assert.deepEqual([got.header("etag"), got.header("content-type"), got.header("x-cos-meta-a")], [
    etag,
    "image/png",
    "1",
  ])
  assert.equal(store.versions(bucket.name, "dir/big.bin")[0]!.isMultipart, true)
  assert.deepEqual(store.uploads(bucket.name), [])
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("the CRC of a completed object is that of its bytes, whatever its parts", async () => {
  const made = world()
  for (const last of ["", "x", "the last part"]) {
    const id = await begin(made)
    const bodies = [mebibyte, mebibyte + "longer", last]
    const reply = await complete(made, id, listOf(await uploaded(made, id, bodies)))
    const crc = crc64()
    crc.update(new TextEncoder().encode(bodies.join("")))
    const expected = crc.digest()
    assert.equal(reply.header("x-cos-hash-crc64ecma"), expected)
    assert.equal((await made.ask("HEAD", "/big")).header("x-cos-hash-crc64ecma"), expected)
  }
})

test("an upload of one part has a multipart ETag, and one of an empty part is empty", async () => {
  const made = world()
  for (const body of ["small", ""]) {
    const id = await begin(made)
    const reply = await complete(made, id, listOf(await uploaded(made, id, [body])))
    assert.equal(reply.element("ETag"), `"${md5(md5(body)).toString("hex")}-1"`)
    assert.equal((await made.ask("GET", "/big")).text, body)
  }
})

test("a part that is uploaded again replaces the one before it, and one that is not named is let go", async () => {
  const made = world()
  const { store } = made
  const id = await begin(made)
  await putPart(made, id, 1, "replaced")
  const etags = await uploaded(made, id, ["one"])
  await putPart(made, id, 2, "never named")
  await putPart(made, id, 7, "nor this")
  assert.equal(store.bodies.used(), "one".length + "never named".length + "nor this".length)
  await complete(made, id, listOf(etags))
  assert.equal((await made.ask("GET", "/big")).text, "one")
  assert.equal(store.bodies.used(), 3)
})

test("an upload outlives its key's overwriting and deletion, and replaces what it then finds", async () => {
  const made = world()
  const { ask, store } = made
  const id = await begin(made)
  const etags = await uploaded(made, id, ["uploaded"])
  await ask("PUT", "/big", [], "put meanwhile")
  await ask("DELETE", "/big")
  await ask("PUT", "/big", [], "put again")
  assert.equal((await ask("GET", "/big")).text, "put again")
  assert.equal((await complete(made, id, listOf(etags))).status, 200)
  assert.equal((await ask("GET", "/big")).text, "uploaded")
  assert.equal(store.bodies.used(), ownedBytes(store))
})

test("two uploads of one key are two, and the one that is completed last is the object", async () => {
  const made = world()
  const [one, two] = [await begin(made), await begin(made)]
  assert.notEqual(one, two)
  const ofOne = await uploaded(made, one, ["one"])
  const ofTwo = await uploaded(made, two, ["two"])
  await complete(made, two, listOf(ofTwo))
  await complete(made, one, listOf(ofOne))
  assert.equal((await made.ask("GET", "/big")).text, "one")
  refused(await complete(made, two, listOf(ofTwo)), "NoSuchUpload")
})

test("a completed upload makes a version of its own where there are versions", async () => {
  const made = versioned()
  await made.ask("PUT", "/big", [], "before")
  const id = await begin(made)
  const reply = await complete(made, id, listOf(await uploaded(made, id, ["after"])))
  const head = await made.ask("HEAD", "/big")
  assert.equal(reply.header("x-cos-version-id"), head.header("x-cos-version-id"))
  assert.equal(made.store.versions(bucket.name, "big").length, 2)
})

test("what an upload was given when it began, the object has: class, tags, encryption, and no ban on overwriting", async () => {
  const made = world()
  const { ask } = made
  const given: Headers = [
    ["x-cos-storage-class", "COLD"],
    ["x-cos-server-side-encryption", "AES256"],
    ["x-cos-tagging", "a=1"],
    ["x-cos-forbid-overwrite", "true"],
  ]
  const id = await begin(made, "/big", given)
  const part = await putPart(made, id, 1, "x")
  assert.equal(part.header("x-cos-server-side-encryption"), "AES256")
  const reply = await complete(made, id, listOf([[1, part.header("etag")!]]))
  assert.equal(reply.header("x-cos-server-side-encryption"), "AES256")
  const head = await ask("HEAD", "/big")
  assert.equal(head.header("x-cos-storage-class"), "COLD")
  assert.equal(head.header("x-cos-server-side-encryption"), "AES256")
  assert.equal(head.header("x-cos-forbid-overwrite"), undefined)
  assert.equal(head.header("content-type"), "application/octet-stream")
  assert.equal((await ask("GET", "/big?tagging")).element("Value"), "1")
})

test("tags that a Complete brings go before those of the upload", async () => {
  const made = world()
  const id = await begin(made, "/big", [["x-cos-tagging", "a=1"]])
  const list = listOf(await uploaded(made, id, ["x"]))
  refused(await complete(made, id, list, "/big", [["x-cos-tagging", "=none"]]), "InvalidTag")
  await complete(made, id, list, "/big", [["x-cos-tagging", "b=2"]])
  assert.deepEqual((await made.ask("GET", "/big?tagging")).elements("Key"), ["b"])
})

test("an upload that may not overwrite is refused when it begins, and again when it is completed", async () => {
  const made = world()
  const { ask } = made
  const forbid: Headers = [["x-cos-forbid-overwrite", "true"]]
  const id = await begin(made, "/big", forbid)
  const other = await begin(made)
  const list = listOf(await uploaded(made, id, ["x"]))
  await uploaded(made, other, ["x"])
  await ask("PUT", "/big", [], "first")
  refused(await ask("POST", "/big?uploads", forbid), "FileAlreadyExists")
  refused(await complete(made, id, list), "FileAlreadyExists")
  refused(await complete(made, other, list, "/big", forbid), "FileAlreadyExists")
  assert.equal((await ask("GET", "/big")).text, "first")
  assert.equal((await complete(made, other, list)).status, 200)
})

test("Complete takes ETags with and without quotes, elements in any order, and others beside them", async () => {
  const made = world()
  const { ask } = made
  const id = await begin(made)
  const [[, one], [, two]] = await uploaded(made, id, [mebibyte, "x"]) as [[number, string], [number, string]]
  const body = `<?xml version="1.0" encoding="UTF-8"?><CompleteMultipartUpload xmlns="cos">
    <Part><Size>1048576</Size><ETag>${one.slice(1, -1).toUpperCase()}</ETag><LastModified>now</LastModified>
      <PartNumber> 1 </PartNumber></Part>
    <Part><PartNumber>2</PartNumber><ETag>${two.replaceAll('"', "&quot;")}</ETag></Part></CompleteMultipartUpload>`
  assert.equal((await complete(made, id, body)).status, 200)
  assert.equal((await ask("GET", "/big")).text, mebibyte + "x")
})

const other = '"00000000000000000000000000000000"'
const completions: ReadonlyArray<
  readonly [what: string, list: (etags: ReadonlyArray<string>) => string, code: string]
> = [
  ["a part that was not uploaded", ([one]) => listOf([[1, one!], [2, other]]), "InvalidPart"],
  ["another ETag", () => listOf([[1, other]]), "InvalidPart"],
  ["an ETag that is none", () => listOf([[1, ""]]), "InvalidPart"],
  ["a gap", ([one, , three]) => listOf([[1, one!], [3, three!]]), "InvalidPart"],
  ["parts out of order", ([one, two]) => listOf([[2, two!], [1, one!]]), "InvalidPartOrder"],
  ["a part twice", ([one]) => listOf([[1, one!], [1, one!]]), "InvalidPartOrder"],
  ["a small part before the last", ([, two, three]) => listOf([[2, two!], [3, three!]]), "EntityTooSmall"],
  ["a number that is none", ([one]) => listOf([["one", one!]]), "MalformedXML"],
  ["a number below none", ([one]) => listOf([[-1, one!]]), "MalformedXML"],
  ["no parts", () => listOf([]), "MalformedXML"],
  [
    "a part without an ETag",
    () => "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
    "MalformedXML",
  ],
  [
    "two numbers in a part",
    ([one]) => listOf([[1, one!]]).replace("<ETag>", "<PartNumber>1</PartNumber><ETag>"),
    "MalformedXML",
  ],
  [
    "another document",
    ([one]) => listOf([[1, one!]]).replaceAll("CompleteMultipartUpload", "Complete"),
    "MalformedXML",
  ],
  ["a document that is cut", ([one]) => listOf([[1, one!]]).slice(0, -5), "MalformedXML"],
  ["no body", () => "", "MissingRequestBodyError"],
]
for (const [what, list, code] of completions) {
  test(`Complete refuses ${what} with ${code}, and the upload stays as it was`, async () => {
    const made = world()
    const id = await begin(made)
    const etags = await uploaded(made, id, [mebibyte, "too small", mebibyte])
    refused(await complete(made, id, list(etags.map(([, etag]) => etag))), code)
    assert.equal((await made.ask("HEAD", "/big")).status, 404)
    assert.equal((await complete(made, id, listOf([etags[0]!, etags[1]!]))).status, 200)
    assert.equal(made.store.bodies.used(), ownedBytes(made.store))
  })
}

test("Complete compares Content-MD5 with its document", async () => {
  const made = world()
  const id = await begin(made)
  const list = listOf(await uploaded(made, id, ["x"]))
  const right = hashes.md5Base64(new TextEncoder().encode(list))
  refused(await complete(made, id, `${list} `, "/big", [["Content-MD5", right]]), "BadDigest")
  refused(await complete(made, id, list, "/big", [["Content-MD5", "x"]]), "InvalidDigest")
  assert.equal((await complete(made, id, list, "/big", [["Content-MD5", right]])).status, 200)
})

test("an upload is known under its own key and bucket alone, and only until it is over", async () => {
  const made = world()
  const { ask, store } = made
  const id = await begin(made)
  const list = listOf(await uploaded(made, id, ["x"]))
  const host: Headers = [["Host", "otherbucket-1250000000.cos.ap-guangzhou.myqcloud.com"]]
  const everywhere = async (target: string, headers: Headers = []) => {
    refused(await ask("PUT", `${target}&partNumber=1`, headers, "x"), "NoSuchUpload")
    refused(await ask("POST", target, headers, list), "NoSuchUpload")
    refused(await ask("GET", target, headers), "NoSuchUpload")
    refused(await ask("DELETE", target, headers), "NoSuchUpload")
  }
  await everywhere(`/other?uploadId=${id}`)
  await everywhere(`/big?uploadId=${id}`, host)
  await everywhere("/big?uploadId=")
  await everywhere("/big?uploadId=nonsense")
  assert.equal((await ask("DELETE", `/big?uploadId=${id}`)).status, 204)
  await everywhere(`/big?uploadId=${id}`)
  assert.deepEqual([store.uploads(bucket.name), store.bodies.used()], [[], 0])
})

test("a part has a number from 1 to 10000, and a body of a size that COS takes", async () => {
  const made = world()
  const { ask, store } = made
  const id = await begin(made)
  for (const number of ["0", "10001", "-1", "1.5", "one", "", "99999999999"]) {
    refused(await ask("PUT", `/big?partNumber=${number}&uploadId=${id}`, [], "x"), "InvalidArgument")
  }
  for (const number of [1, 10000]) assert.equal((await putPart(made, id, number, "x")).status, 200)
  refused(
    await ask("PUT", `/big?partNumber=1&uploadId=${id}`, [], pieces(["x"], 5 * 1024 ** 3 + 1)),
    "EntityTooLarge",
  )
  assert.equal(store.bodies.used(), 2)
})

test("a part whose Content-MD5 is of another body is not stored", async () => {
  const made = world()
  const { ask, store } = made
  const id = await begin(made)
  await putPart(made, id, 1, "first")
  const target = `/big?partNumber=1&uploadId=${id}`
  refused(await ask("PUT", target, [["Content-MD5", hashes.md5Base64(new Uint8Array(3))]], "second"), "BadDigest")
  refused(await ask("PUT", target, [["Content-MD5", "x"]], "second"), "InvalidDigest")
  refused(await ask("PUT", target, [["x-cos-meta-a", "1"], ["x-cos-tagging", "a=1"]], "second"), "NotImplemented")
  assert.deepEqual((await ask("GET", `/big?uploadId=${id}`)).elements("Size"), ["5"])
  assert.equal(store.bodies.used(), 5)
})

test("ListParts gives every part by its number, a page at a time", async () => {
  const made = world()
  const { ask, setTime } = made
  const id = await begin(made)
  for (const number of [10, 9, 100, 2, 1]) {
    setTime(start + number * 1000)
    await putPart(made, id, number, "x".repeat(number))
  }
  const target = `/big?uploadId=${id}`
  const whole = await ask("GET", target)
  assert.deepEqual(whole.elements("PartNumber"), ["1", "2", "9", "10", "100"])
  assert.deepEqual(whole.elements("Size"), ["1", "2", "9", "10", "100"])
  assert.equal(whole.elements("LastModified")[3], "2025-11-21T04:40:10Z")
  assert.equal(whole.elements("ETag")[0], `"${md5("x").toString("hex")}"`)
  assert.deepEqual(
    ["Bucket", "Key", "UploadId", "MaxParts", "IsTruncated", "PartNumberMarker", "StorageClass"].map(whole.element),
    [bucket.name, "big", id, "1000", "false", "0", "STANDARD"],
  )
  assert.match(whole.text, /<Owner><ID>qcs::cam::uin\/100000000001:uin\/100000000001<\/ID>/u)
  const seen: Array<string> = []
  for (let marker = "0", isTruncated = "true"; isTruncated === "true";) {
    const page = await ask("GET", `${target}&max-parts=2&part-number-marker=${marker}`)
    assert.equal(page.element("PartNumberMarker"), marker)
    seen.push(...page.elements("PartNumber"))
    marker = page.element("NextPartNumberMarker")
    isTruncated = page.element("IsTruncated")
    assert.equal(marker, seen.at(-1))
  }
  assert.deepEqual(seen, ["1", "2", "9", "10", "100"])
})

test("ListParts encodes the key when it is asked to, and refuses paging that makes no sense", async () => {
  const made = world()
  const key = "/a%20%E6%96%87"
  const target = `${key}?uploadId=${await begin(made, key)}`
  assert.equal((await made.ask("GET", target)).element("Key"), "a 文")
  const encoded = await made.ask("GET", `${target}&encoding-type=url`)
  assert.deepEqual([encoded.element("Key"), encoded.element("EncodingType")], ["a%20%E6%96%87", "url"])
  for (const odd of ["max-parts=0", "max-parts=1001", "max-parts=x", "part-number-marker=-1", "encoding-type=xml"]) {
    refused(await made.ask("GET", `${target}&${odd}`), "InvalidArgument")
  }
  assert.equal((await made.ask("GET", `${target}&max-parts=&part-number-marker=`)).status, 200)
})

const copyFrom = (path: string, range?: string): Headers => [
  ["x-cos-copy-source", `${hostOfBucket(bucket)}${path}`],
  ...(range === undefined ? [] : [["x-cos-copy-source-range", range] as const]),
]

test("UploadPartCopy makes parts of another object, whole or between two bytes", async () => {
  const made = versioned()
  const { ask } = made
  const version = (await ask("PUT", "/source", [], "0123456789")).header("x-cos-version-id")
  const id = await begin(made)
  const target = `/big?partNumber=1&uploadId=${id}`
  const whole = await ask("PUT", target, copyFrom("/source"))
  assert.equal(whole.element("ETag"), `"${md5("0123456789").toString("hex")}"`)
  assert.equal(whole.element("LastModified"), "2025-11-21T04:40:00Z")
  assert.equal(whole.header("x-cos-copy-source-version-id"), version)
  const cut = await ask("PUT", target, copyFrom("/source", "bytes=2-4"))
  assert.equal(cut.element("ETag"), `"${md5("234").toString("hex")}"`)
  await complete(made, id, listOf([[1, cut.element("ETag")]]))
  assert.equal((await ask("GET", "/big")).text, "234")
  assert.equal((await ask("GET", "/source")).text, "0123456789")
  assert.equal(made.store.bodies.used(), ownedBytes(made.store))
})

const partCopies: ReadonlyArray<readonly [headers: Headers, code: string]> = [
  [copyFrom("/source", "bytes=0-10"), "InvalidRange"],
  [copyFrom("/source", "bytes=10-10"), "InvalidRange"],
  [copyFrom("/source", "bytes=4-2"), "InvalidArgument"],
  [copyFrom("/source", "bytes=4-"), "InvalidArgument"],
  [copyFrom("/source", "bytes=-4"), "InvalidArgument"],
  [copyFrom("/source", "4-5"), "InvalidArgument"],
  [copyFrom("/missing"), "NoSuchCopySource"],
  [copyFrom("/source?versionId=MTg0"), "NoSuchVersion"],
  [[["x-cos-copy-source", "nonsense"]], "InvalidCopySource"],
  [[...copyFrom("/source"), ["x-cos-copy-source-if-none-match", "*"]], "PreconditionFailed"],
  [[...copyFrom("/source"), ["x-cos-metadata-directive", "Copy"]], "NotImplemented"],
]
for (const [headers, code] of partCopies) {
  const shown = headers.map(([name, value]) => `${name}: ${value}`).join(" and ")
  test(`UploadPartCopy answers ${code} to ${shown}`, async () => {
    const made = world()
    await made.ask("PUT", "/source", [], "0123456789")
    const id = await begin(made)
    refused(await made.ask("PUT", `/big?partNumber=1&uploadId=${id}`, headers), code)
    assert.deepEqual((await made.ask("GET", `/big?uploadId=${id}`)).elements("PartNumber"), [])
    assert.equal(made.store.bodies.used(), 10)
  })
}

test("UploadPartCopy needs an upload and a number like any part", async () => {
  const made = world()
  await made.ask("PUT", "/source", [], "x")
  const id = await begin(made)
  refused(await made.ask("PUT", "/big?partNumber=1&uploadId=none", copyFrom("/source")), "NoSuchUpload")
  refused(await made.ask("PUT", `/big?partNumber=0&uploadId=${id}`, copyFrom("/source")), "InvalidArgument")
})

test("Initiate refuses what PutObject refuses", async () => {
  const { ask, store } = world()
  const cases: ReadonlyArray<readonly [Headers, string]> = [
    [[["x-cos-storage-class", "NONE"]], "NotSupportedStorageClass"],
    [[["x-cos-acl", "public-read"]], "NotImplemented"],
    [[["x-cos-meta-a", "x".repeat(2049)]], "InvalidArgument"],
    [[["x-cos-tagging", "a=1&a=2"]], "InvalidTag"],
  ]
  for (const [headers, code] of cases) refused(await ask("POST", "/big?uploads", headers), code)
  assert.deepEqual(store.uploads(bucket.name), [])
})
