/** Documents that are cut, deep, huge, of another root or no XML at all, for every operation that reads one. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { maxLongDocumentBytes } from "../adapters/memory/assumptions.ts"
import { maxDocumentBytes } from "../core/limits.ts"
import { sample } from "./generated.ts"
import { type Asked, bucket, local, md5Of, refused, type Reply, utf8, type World } from "./local-attacks-world.ts"

const world = local()

/** An operation that reads a document, and one that it performs. */
interface Reading {
  readonly asked: (cos: World) => Promise<Asked>
  readonly good: string
  readonly root: string
  /** What a document that is not one of its own is answered with. */
  readonly empty: string
  /** The greatest that it may be, where that is more than others may. */
  readonly most?: number
}

const to = (method: string, target: string) => () => Promise.resolve({ method, target })
const onA = (target: string) => async ({ ask }: World): Promise<Asked> => {
  await ask({ method: "PUT", target: "/a", body: "abc" })
  return { method: "PUT", target }
}

const part = "<Part><PartNumber>1</PartNumber><ETag>900150983cd24fb0d6963f7d28e17f72</ETag></Part>"
const rule = utf8(sample("put-1.xml"))

const readings: Readonly<Record<string, Reading>> = {
  PutBucketInventory: {
    asked: to("PUT", "/?inventory&id=list1"),
    good: rule,
    root: "InventoryConfiguration",
    empty: "MissingRequestBodyError",
  },
  PostBucketInventory: {
    asked: to("POST", "/?inventory&id=disposable"),
    good: utf8(sample("post.xml")),
    root: "InventoryConfiguration",
    empty: "MissingRequestBodyError",
  },
  PutBucketVersioning: {
    asked: to("PUT", "/?versioning"),
    good: "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>",
    root: "VersioningConfiguration",
    // Page 19889
    empty: "InvalidArgument",
  },
  PutBucketCORS: {
    asked: to("PUT", "/?cors"),
    good: "<CORSConfiguration><CORSRule><AllowedOrigin>http://a</AllowedOrigin>" +
      "<AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
    root: "CORSConfiguration",
    empty: "MissingRequestBodyError",
  },
  PutObjectTagging: {
    asked: onA("/a?tagging"),
    good: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>",
    root: "Tagging",
    empty: "MissingRequestBodyError",
  },
  DeleteMultipleObjects: {
    asked: to("POST", "/?delete"),
    good: "<Delete><Object><Key>nothing</Key></Object></Delete>",
    root: "Delete",
    most: maxLongDocumentBytes,
    empty: "MissingRequestBodyError",
  },
  CompleteMultipartUpload: {
    asked: async ({ ask }) => {
      const begun = await ask({ method: "POST", target: "/m?uploads" })
      const target = `/m?uploadId=${begun.element("UploadId")}`
      await ask({ method: "PUT", target: `${target}&partNumber=1`, body: "abc" })
      return { method: "POST", target }
    },
    good: `<CompleteMultipartUpload>${part}</CompleteMultipartUpload>`,
    root: "CompleteMultipartUpload",
    most: maxLongDocumentBytes,
    empty: "MissingRequestBodyError",
  },
}

/** Before the root ends. */
const before = ({ good, root }: Reading, text: string): string => good.replace(`</${root}>`, `${text}</${root}>`)

/** What is no document, whatever it is for. */
const malformed: Readonly<Record<string, (reading: Reading) => string>> = {
  "no markup": () => "not xml",
  "JSON": () => '{"Id":"list1"}',
  "white space": () => " \r\n\t",
  "a NUL": (reading) => before(reading, "\0"),
  "bytes that are no UTF-8": (reading) => before(reading, "\xff\xfe"),
  "UTF-16": ({ good }) => `\xff\xfe${[...good].join("\0")}\0`,
  "a half": ({ good }) => good.slice(0, good.length >> 1),
  "all but the last character": ({ good }) => good.trimEnd().slice(0, -1),
  "another root": ({ good, root }) => good.replaceAll(root, "Another"),
  "the root in another case": ({ good, root }) => good.replaceAll(root, root.toLowerCase()),
  "two roots": ({ good, root }) => `${good}<${root}/>`,
  "text behind the root": ({ good }) => `${good}text`,
  "an end that is not its beginning's": ({ good, root }) => good.replace(`</${root}>`, `</${root}x>`),
  "elements that cross": ({ root }) => `<${root}><a><b></a></b></${root}>`,
  "a DOCTYPE": ({ good, root }) => `<!DOCTYPE ${root} [<!ENTITY a "b">]>${good.replace(/^<\?.*?>/u, "")}`,
  "an external entity": ({ root }) =>
    `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><${root}><Id>&a;</Id></${root}>`,
  "an unknown entity": ({ root }) => `<${root}><Id>&nbsp;</Id></${root}>`,
  "a character that XML has not": ({ root }) => `<${root}><Id>&#0;</Id></${root}>`,
  "a surrogate": ({ root }) => `<${root}><Id>&#xD800;</Id></${root}>`,
  "an attribute without quotes": ({ root }) => `<${root} a=b></${root}>`,
  "an attribute twice": ({ root }) => `<${root} a="1" a="2"></${root}>`,
  "an unclosed comment": (reading) => before(reading, "<!-- "),
  "an unclosed CDATA section": ({ root }) => `<${root}><![CDATA[</${root}>`,
  "an element named script": ({ root }) => `<${root}><script>a<b</script></${root}>`,
  "elements inside elements without end": ({ root }) => `<${root}>${"<a>".repeat(20_000)}`,
  "elements a thousand deep": ({ root }) => `<${root}>${"<a>".repeat(1000)}${"</a>".repeat(1000)}</${root}>`,
  "an entity that stands for many": ({ root }) =>
    `<!DOCTYPE a [<!ENTITY a "${"x".repeat(1000)}"><!ENTITY b "${"&a;".repeat(1000)}">]><${root}>&b;</${root}>`,
}

const asking = async (cos: World, reading: Reading, body: string, rest: Partial<Asked> = {}): Promise<Reply> => {
  const asked = await reading.asked(cos)
  return await cos.ask({ ...asked, body, headers: [["Content-MD5", md5Of(body)]], ...rest })
}

for (const [name, reading] of Object.entries(readings)) {
  test(`${name} answers MalformedXML to whatever is no document of its own, and changes nothing`, async () => {
    const cos = await world()
    await reading.asked(cos)
    const found = stateOf(cos)
    for (const [what, written] of Object.entries(malformed)) {
      const reply = await asking(cos, reading, written(reading))
      assert.equal(reply.code, "MalformedXML", `${what}: ${reply.text}`)
    }
    assert.deepEqual(stateOf(cos), found)
  })

  test(`${name} refuses an empty document, a large one, a wrong digest, and takes one in chunks`, async () => {
    const cos = await world()
    refused(await asking(cos, reading, ""), reading.empty)
    refused(await asking(cos, reading, "", { framing: "chunked" }), reading.empty)
    const large = reading.good + " ".repeat(reading.most ?? maxDocumentBytes)
    refused(await asking(cos, reading, large), "XMLSizeLimit")
    refused(await asking(cos, reading, large, { framing: "chunked" }), "XMLSizeLimit")
    for (const wrong of ["=", "abc", "A".repeat(24), "900150983cd24fb0d6963f7d28e17f72", "\xff\xfe"]) {
      refused(await asking(cos, reading, reading.good, { headers: [["Content-MD5", wrong]] }), "InvalidDigest")
    }
    refused(await asking(cos, reading, reading.good, { headers: [["Content-MD5", md5Of("another")]] }), "BadDigest")
    const reply = await asking(cos, reading, reading.good, { framing: "chunked" })
    assert.equal(reply.status, 200, reply.text)
  })
}

/** What the documents could have changed. */
const stateOf = ({ cos: { store } }: World) => {
  const { versioning, cors, rules, jobs } = store.bucket(bucket)!
  const [tagged] = store.versions(bucket, "a")
  return { versioning, cors, rules, jobs, tags: tagged?.tags, completed: store.versions(bucket, "m").length }
}

/** Well-formed, and wrong in what they say. */
const meaningless: ReadonlyArray<readonly [operation: string, document: string, code: string]> = [
  ["PutBucketVersioning", "<VersioningConfiguration/>", "InvalidArgument"],
  ["PutBucketVersioning", "<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", "InvalidArgument"],
  [
    "PutBucketVersioning",
    "<VersioningConfiguration><Status>Enabled</Status><Status>Suspended</Status></VersioningConfiguration>",
    "InvalidArgument",
  ],
  ["PutBucketCORS", "<CORSConfiguration/>", "MalformedXML"],
  ["PutBucketCORS", "<CORSConfiguration><CORSRule/></CORSConfiguration>", "MalformedXML"],
  ["PutBucketCORS", corsOf("<AllowedMethod>PATCH</AllowedMethod>"), "InvalidArgument"],
  ["PutBucketCORS", corsOf("<MaxAgeSeconds>-1</MaxAgeSeconds>"), "InvalidArgument"],
  ["PutBucketCORS", corsOf("<ExposeHeader>a&#13;&#10;X-Injected: yes</ExposeHeader>"), "InvalidArgument"],
  ["PutBucketCORS", corsOf(utf8("<ExposeHeader>腾讯云</ExposeHeader>")), "InvalidArgument"],
  ["PutBucketCORS", corsOf("<AllowedOrigin>*.*</AllowedOrigin>"), "InvalidArgument"],
  ["PutBucketCORS", corsOf("<Unknown/>"), "MalformedXML"],
  ["PutBucketCORS", `<CORSConfiguration>${corsOf("").repeat(1)}</CORSConfiguration>`, "MalformedXML"],
  ["PutObjectTagging", "<Tagging/>", "MalformedXML"],
  ["PutObjectTagging", "<Tagging><TagSet/><TagSet/></Tagging>", "MalformedXML"],
  ["PutObjectTagging", tagsOf("<Tag><Key>a</Key></Tag>"), "MalformedXML"],
  ["PutObjectTagging", tagsOf("<Tag><Key></Key><Value>b</Value></Tag>"), "InvalidTag"],
  ["PutObjectTagging", tagsOf("<Tag><Key>a</Key><Value>b</Value></Tag>".repeat(2)), "InvalidTag"],
  ["PutObjectTagging", tagsOf(`<Tag><Key>${"k".repeat(129)}</Key><Value>b</Value></Tag>`), "InvalidTag"],
  ["PutObjectTagging", tagsOf(`<Tag><Key>a</Key><Value>${"v".repeat(257)}</Value></Tag>`), "InvalidTag"],
  ["PutObjectTagging", tagsOf("<Tag><Key>a&amp;b</Key><Value>c</Value></Tag>"), "InvalidTag"],
  [
    "PutObjectTagging",
    tagsOf(Array.from({ length: 11 }, (_, at) => `<Tag><Key>${at}</Key><Value/></Tag>`).join("")),
    "InvalidTag",
  ],
  ["DeleteMultipleObjects", "<Delete/>", "MalformedXML"],
  ["DeleteMultipleObjects", "<Delete><Object/></Delete>", "MalformedXML"],
  ["DeleteMultipleObjects", "<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>", "MalformedXML"],
  ["DeleteMultipleObjects", `<Delete>${"<Object><Key>a</Key></Object>".repeat(1001)}</Delete>`, "MalformedXML"],
  ["CompleteMultipartUpload", "<CompleteMultipartUpload/>", "MalformedXML"],
  ["CompleteMultipartUpload", completing(part.replace("1<", "0<")), "InvalidPart"],
  ["CompleteMultipartUpload", completing(part.replace("1<", "-1<")), "MalformedXML"],
  ["CompleteMultipartUpload", completing(part.replace("1<", "abc<")), "MalformedXML"],
  ["CompleteMultipartUpload", completing(part.replace("1<", "10001<")), "InvalidPart"],
  ["CompleteMultipartUpload", completing(part.replace("1<", `${"9".repeat(30)}<`)), "MalformedXML"],
  ["CompleteMultipartUpload", completing(part + part), "InvalidPartOrder"],
  ["CompleteMultipartUpload", completing(part.replace("9001", "0009")), "InvalidPart"],
  ["CompleteMultipartUpload", completing("<Part><PartNumber>1</PartNumber></Part>"), "MalformedXML"],
  ["PutBucketInventory", rule.replace("<Id>list1", "<Id>other"), "InvalidArgument"],
  ["PutBucketInventory", rule.replace("<Id>list1</Id>", ""), "MalformedXML"],
  ["PutBucketInventory", rule.replace("true", "maybe"), "MalformedXML"],
  ["PutBucketInventory", rule.replace("Daily", "Hourly"), "InvalidArgument"],
  ["PutBucketInventory", rule.replace("<Format>CSV", "<Format>ORC"), "InvalidArgument"],
  ["PutBucketInventory", rule.replace("1568688761", "tomorrow"), "MalformedXML"],
  ["PutBucketInventory", rule.replace("<IsEnabled>", "<IsEnabled>true</IsEnabled><IsEnabled>"), "MalformedXML"],
]

function corsOf(more: string): string {
  return "<CORSConfiguration><CORSRule><AllowedOrigin>http://a</AllowedOrigin><AllowedMethod>GET</AllowedMethod>" +
    `${more}</CORSRule></CORSConfiguration>`
}
function tagsOf(tags: string): string {
  return `<Tagging><TagSet>${tags}</TagSet></Tagging>`
}
function completing(parts: string): string {
  return `<CompleteMultipartUpload>${parts}</CompleteMultipartUpload>`
}

test("a well-formed document that says what cannot be is refused by its code, for each operation", async () => {
  const cos = await world()
  for (const [operation, document, code] of meaningless) {
    const reply = await asking(cos, readings[operation]!, document)
    assert.equal(reply.code, code, `${operation} ${document.slice(0, 300)}\n${reply.text}`)
  }
})

test("a document of a thousand long keys or of ten thousand indented parts finds room", async () => {
  const cos = await world()
  const keys = Array.from({ length: 1000 }, (_, at) => `${"&amp;".repeat(800)}${at}`)
  const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("")
  const deleted = await asking(cos, readings["DeleteMultipleObjects"]!, `<Delete>${objects}</Delete>`)
  assert.equal(deleted.elements("Key").length, 1000, deleted.code)
  const parts = Array.from(
    { length: 10_000 },
    (_, at) =>
      `    <Part>\n        <PartNumber>${at + 1}</PartNumber>\n        <ETag>"${"0".repeat(32)}"</ETag>\n    </Part>\n`,
  )
  refused(await asking(cos, readings["CompleteMultipartUpload"]!, completing(parts.join(""))), "InvalidPart")
})

test("DeleteMultipleObjects deletes a thousand keys at once, and none of a key that is too long", async () => {
  const cos = await world()
  const keys = Array.from({ length: 998 }, (_, at) => `many/${at}`)
  await cos.ask({ method: "PUT", target: "/many/7", body: "seven" })
  await cos.ask({ method: "PUT", target: "/?versioning", body: readings["PutBucketVersioning"]!.good })
  const objects = [...keys, "", "k".repeat(851)].map((key) => `<Object><Key>${key}</Key></Object>`)
  const reply = await asking(cos, readings["DeleteMultipleObjects"]!, `<Delete>${objects.join("")}</Delete>`)
  assert.equal(reply.status, 200)
  assert.equal(reply.text.split("<Deleted>").length - 1, 999)
  assert.deepEqual(reply.elements("Code"), ["KeyTooLong"])
  assert.deepEqual(cos.cos.store.versions(bucket, "k".repeat(851)), [])
  refused(await cos.ask({ target: "/many/7" }), "NoSuchKey")
})
