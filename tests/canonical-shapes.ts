/** The rules that SDKs and tools send, as they send them, and how a person would write the same ones. */
import { sample } from "./generated.ts"

export interface Shape {
  /** Who sends it, and where that is read. */
  readonly name: string
  /** As it stands in COS. */
  readonly xml: string
  /** The same rule in a rules file. */
  readonly yaml: string
}

/** The first rule of a LIST. */
const firstRule = (xml: string): string => /<InventoryConfiguration>.*?<\/InventoryConfiguration>/su.exec(xml)![0]

const list1 = `
id: list1
includedObjectVersions: All
filter: { prefix: myPrefix }
schedule: { frequency: Daily }
`
const destination = (rest: string) =>
  `destination: { bucket: qcs::cos:ap-guangzhou::examplebucket-1250000000, format: CSV${rest} }`
const owned = destination(', accountId: "100000000001", prefix: list1')
const encrypted = destination(', accountId: "100000000001", prefix: list1, encryption: SSE-COS')
const sixFields = "optionalFields: [ETag, IsMultipartUploaded, LastModifiedDate, ReplicationStatus, Size, StorageClass]"

const rule = (...members: ReadonlyArray<string>) =>
  `<InventoryConfiguration>${members.join("")}</InventoryConfiguration>`
const delivered = (...members: ReadonlyArray<string>) =>
  `<Destination><COSBucketDestination>${members.join("")}</COSBucketDestination></Destination>`
const id = "<Id>list1</Id>"
const on = "<IsEnabled>true</IsEnabled>"
const daily = "<Schedule><Frequency>Daily</Frequency></Schedule>"
const all = "<IncludedObjectVersions>All</IncludedObjectVersions>"
const prefixed = "<Filter><Prefix>myPrefix</Prefix></Filter>"
const inAnd = "<Filter><And><Prefix>myPrefix</Prefix></And></Filter>"
const size = "<OptionalFields><Field>Size</Field></OptionalFields>"
const csv = "<Format>CSV</Format>"
const account = "<AccountId>100000000001</AccountId>"
const bucket = "<Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket>"
const out = "<Prefix>list1</Prefix>"
const sse = (content: string) => `<Encryption>${content}</Encryption>`

const plain = `${list1}${encrypted}\noptionalFields: [Size]\n`

export const shapes: ReadonlyArray<Shape> = [
  {
    name: "PUT page 30625, example 1",
    xml: sample("put-1.xml"),
    yaml: `
id: list1
includedObjectVersions: All
filter: { prefix: myPrefix, period: { startTime: 2019-09-17T02:52:41Z, endTime: 2019-09-17T02:52:42Z } }
schedule: { frequency: Daily }
${encrypted}
${sixFields}
`,
  },
  {
    name: "LIST page 30627: True, a bare SSE-COS, IsMultipartUpload, an APPID for the owner",
    xml: firstRule(sample("list.xml")),
    yaml: `${list1}
destination: { bucket: qcs::cos:ap-beijing::examplebucket-1250000000, accountId: "1250000000", prefix: list1/, format: CSV, encryption: SSE-COS }
${sixFields}
`,
  },
  {
    name: "Go, prefix always in And, True (bucket_inventory.go:57, costesting/ci_test.go:278)",
    xml: sample("go-and.xml"),
    yaml: `${list1}${encrypted}\noptionalFields: [IsMultipartUploaded, Size]\n`,
  },
  {
    name: "Go, the filter by storage class (bucket_inventory.go:26)",
    xml: rule(
      id,
      on,
      all,
      "<Filter><And><Prefix>myPrefix</Prefix><StorageClass>ARCHIVE</StorageClass></And></Filter>",
      size,
      daily,
      delivered(bucket, account, out, csv, sse("<SSE-COS></SSE-COS>")),
    ),
    yaml: plain.replace("{ prefix: myPrefix }", "{ storageClass: ARCHIVE, prefix: myPrefix }"),
  },
  {
    name: "Java, text with And and no tag (BucketInventoryTest.java)",
    xml: sample("java-text.xml"),
    yaml: `
id: inventory-java
filter: { prefix: folder/ }
schedule: { frequency: Weekly }
${destination(', accountId: "100000000001", prefix: java')}
optionalFields: [Size]
`,
  },
  {
    name: "Java, the order of its objects (model/inventory)",
    xml: rule(id, on, all, delivered(account, bucket, out, csv, sse("<SSE-COS/>")), prefixed, daily, size),
    yaml: plain,
  },
  {
    name: "C, its order (cos_c_sdk/cos_xml.c:1161)",
    xml: rule(
      id,
      on,
      daily,
      prefixed,
      all,
      delivered(csv, account, bucket, out, sse("<SSE-COS></SSE-COS>")),
      size,
    ),
    yaml: plain,
  },
  {
    name: "C++, True and a space in SSE-COS (op/bucket_op.cpp:432)",
    xml: rule(
      id,
      "<IsEnabled>True</IsEnabled>",
      delivered(csv, account, bucket, out, sse("<SSE-COS> </SSE-COS>")),
      daily,
      prefixed,
      all,
      size,
    ),
    yaml: plain,
  },
  {
    name: "C++, both prefixes a slash (bucket_op_test.cpp:1215)",
    xml: rule(
      id,
      on,
      delivered(csv, account, bucket, "<Prefix>/</Prefix>"),
      daily,
      "<Filter><Prefix>/</Prefix></Filter>",
      all,
    ),
    yaml: `
id: list1
includedObjectVersions: All
filter: { prefix: / }
schedule: { frequency: Daily }
${destination(', accountId: "100000000001", prefix: /')}
`,
  },
  {
    name: "C++, an answer with Id and IsEnabled last (bucket_response_test.cpp:42)",
    xml: sample("cpp-order.xml"),
    yaml: `${list1.replace("list1", "Id")}
${destination(', accountId: "1250000000", prefix: list1, encryption: SSE-COS')}
${sixFields}
`,
  },
  {
    name: "Node, its live test's object (test/test.js:4560)",
    xml: rule(
      "<Id>inventory_test</Id>",
      on,
      delivered(csv, account, bucket, "<Prefix>inventory_prefix_1</Prefix>", sse("<SSE-COS/>")),
      daily,
      prefixed,
      all,
      size,
    ),
    yaml: `${list1.replace("list1", "inventory_test")}
${destination(', accountId: "100000000001", prefix: inventory_prefix_1, encryption: SSE-COS')}
optionalFields: [Size]
`,
  },
  {
    name: "Node, the same put again without encryption (test/test.js:4700)",
    xml: rule(id, on, delivered(csv, account, bucket, out), daily, prefixed, all, size),
    yaml: `${list1}${owned}\noptionalFields: [Size]\n`,
  },
  {
    name: "Python, a dict's order with Id last (cos_client.py:2877)",
    xml: rule(
      delivered(csv, account, bucket, out, sse("<SSE-COS></SSE-COS>")),
      "<IsEnabled>True</IsEnabled>",
      prefixed,
      all,
      size,
      daily,
      id,
    ),
    yaml: plain,
  },
  {
    name: "Python, an unknown SSECOS, of which a file without encryption says nothing (ut/test.py:1789)",
    xml: rule(delivered(account, bucket, out, csv, sse("<SSECOS></SSECOS>")), on, prefixed, all, size, daily, id),
    yaml: `${list1}${owned}\noptionalFields: [Size]\n`,
  },
  {
    name: "PHP, a prefix alone, no owner and no encryption (src/Service.php:482)",
    xml: rule(id, on, all, prefixed, size, daily, delivered(bucket, csv)),
    yaml: `${list1}${destination("")}\noptionalFields: [Size]\n`,
  },
  {
    name: ".NET, a field in capitals (COSXMLTests/BucketTest.cs)",
    xml: rule(
      id,
      on,
      delivered(csv, account, bucket, out, sse("<SSE-COS />")),
      daily,
      prefixed,
      all,
      "<OptionalFields><Field>SIZE</Field></OptionalFields>",
    ),
    yaml: plain,
  },
  {
    name: "Android, Etag, and encryption always (model/tag/InventoryConfiguration.java)",
    xml: rule(
      id,
      on,
      delivered(csv, account, bucket, out, sse("<SSE-COS></SSE-COS>")),
      daily,
      prefixed,
      all,
      "<OptionalFields><Field>Size</Field><Field>Etag</Field></OptionalFields>",
    ),
    yaml: `${list1}${encrypted}\noptionalFields: [ETag, Size]\n`,
  },
  {
    name: "iOS, on lines of their own and in no order (QCloudCOSXMLBucketTests.m:1213)",
    xml: rule(
      all,
      on,
      id,
      delivered(csv, account, bucket, out, sse("<SSE-COS></SSE-COS>")),
      size,
      prefixed,
      daily,
    ).replaceAll("><", ">\n<"),
    yaml: plain,
  },
  {
    name: "coscli, the help's everything (cmd/bucket_inventory.go)",
    xml: sample("coscli-help.xml"),
    yaml: `
id: list4
isEnabled: false
includedObjectVersions: All
filter:
  prefix: myPrefix
  tags: [{ key: age, value: "18" }]
  period: { startTime: 2026-01-17T22:26:01Z, endTime: 2019-09-17T02:52:42Z }
schedule: { frequency: Weekly }
destination: { bucket: qcs::cos:ap-nanjing::test-1000000001, accountId: "100000000002", prefix: list4, format: CSV, encryption: SSE-COS }
optionalFields: [Size, Tag, LastModifiedDate, ETag, StorageClass, IsMultipartUploaded]
`,
  },
  {
    name: "coscli, SSE-COS with content (cmd/bucket_inventory.go)",
    xml: rule(id, on, delivered(csv, account, bucket, out, sse("<SSE-COS>111</SSE-COS>")), daily, prefixed, all, size),
    yaml: plain,
  },
  {
    name: "coscli, JSON through Go's objects (util/inventory.go)",
    xml: rule(id, on, all, inAnd, size, daily, delivered(bucket, account, out, csv, sse("<SSE-COS></SSE-COS>"))),
    yaml: `
Id: list1
IsEnabled: "true"
IncludedObjectVersions: All
Filter: { And: { Prefix: myPrefix } }
OptionalFields: { Field: [Size] }
Schedule: { Frequency: Daily }
Destination:
  COSBucketDestination:
    { Bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000", AccountId: "100000000001", Prefix: list1, Format: CSV, Encryption: { SSE-COS: "" } }
`,
  },
  {
    name: "Terraform, a start alone and no owner (resource_tc_cos_bucket_inventory.go)",
    xml: rule(
      id,
      on,
      all,
      "<Filter><And><Prefix>myPrefix</Prefix></And><Period><StartTime>1687276800</StartTime></Period></Filter>",
      size,
      daily,
      delivered(bucket, "<AccountId></AccountId>", out, csv, sse("<SSE-COS></SSE-COS>")),
    ),
    yaml: `
id: list1
includedObjectVersions: All
filter: { prefix: myPrefix, period: { startTime: 1687276800 } }
schedule: { frequency: Daily }
${destination(", prefix: list1, encryption: SSE-COS")}
optionalFields: [Size]
`,
  },
  {
    name: "any client, an empty And and an empty Period (recorded)",
    xml: rule(
      id,
      on,
      all,
      "<Filter><And></And><Period><StartTime></StartTime></Period></Filter><OptionalFields/>",
      "<Schedule><Frequency>Daily</Frequency><MonthlyDate></MonthlyDate></Schedule>",
      delivered(bucket, csv, "<Prefix></Prefix>"),
    ),
    yaml: `
id: list1
includedObjectVersions: All
schedule: { frequency: Daily }
${destination("")}
`,
  },
]
