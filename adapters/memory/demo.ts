/**
 * The demo bucket, with the rules of the documentation's own examples (page 30625, 2026-04-14), word for word: the
 * declaration without `?>` and the placeholder of a namespace are theirs.
 */
import * as Result from "effect/Result"
import type { InventoryConfiguration } from "../../core/rule.ts"
import { readConfiguration } from "../../core/wire/configuration.ts"
import { completeConfiguration } from "../../core/wire/reading.ts"
import type { BucketOptions, Key, Options } from "./options.ts"

/** A key that opens the demo alone. */
export const demoKey = {
  secretId: "AKIDdemo-not-a-real-secret-id",
  secretKey: "demo-not-a-real-secret-key",
} as const satisfies Key

export const demoBucket = {
  name: "examplebucket-1250000000",
  region: "ap-guangzhou",
  owner: "100000000001",
} as const satisfies BucketOptions

/** The demo as a COS of one bucket, which is also the default one. */
export const demoOptions = (): Options => ({
  buckets: [{ ...demoBucket, rules: demoDocuments().map(ruleFrom) }],
  keys: [demoKey],
  defaultBucket: demoBucket.name,
})

/** The examples as the page prints them. */
export const demoDocuments = (): ReadonlyArray<string> => [example1, example2, example3]

const ruleFrom = (xml: string): InventoryConfiguration =>
  Result.getOrThrow(Result.flatMap(readConfiguration(xml), ({ draft }) => completeConfiguration(draft)))

const example1 = `<?xml version = "1.0" encoding = "UTF-8">
<InventoryConfiguration xmlns = "http://....">
<Id>list1</Id>
<IsEnabled>true</IsEnabled>
<Destination>
<COSBucketDestination>
<Format>CSV</Format>
<AccountId>100000000001</AccountId>
<Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket>
<Prefix>list1</Prefix>
<Encryption>
<SSE-COS></SSE-COS>
</Encryption>
</COSBucketDestination>
</Destination>
<Schedule>
<Frequency>Daily</Frequency>
</Schedule>
<Filter>
<Prefix>myPrefix</Prefix>
<Period>
<StartTime>1568688761</StartTime>
<EndTime>1568688762</EndTime>
</Period>
</Filter>
<IncludedObjectVersions>All</IncludedObjectVersions>
<OptionalFields>
<Field>Size</Field>
<Field>LastModifiedDate</Field>
<Field>ETag</Field>
<Field>StorageClass</Field>
<Field>IsMultipartUploaded</Field>
<Field>ReplicationStatus</Field>
</OptionalFields>
</InventoryConfiguration>`

const example2 = `<?xml version = "1.0" encoding = "UTF-8">
<InventoryConfiguration xmlns = "http://....">
<Id>list2</Id>
<IsEnabled>true</IsEnabled>
<Destination>
<COSBucketDestination>
<Format>CSV</Format>
<AccountId>100000000001</AccountId>
<Bucket>qcs::cos:ap-guangzhou::inventorybucket-1250000000</Bucket>
</COSBucketDestination>
</Destination>
<Schedule>
<Frequency>Daily</Frequency>
</Schedule>
<Filter>
<And>
<Prefix>myPrefix</Prefix>
<Tag>
<Key>age</Key>
<Value>18</Value>
</Tag>
</And>
</Filter>
<IncludedObjectVersions>All</IncludedObjectVersions>
<OptionalFields>
<Field>Size</Field>
<Field>LastModifiedDate</Field>
<Field>StorageClass</Field>
<Field>ETag</Field>
<Field>Tag</Field>
</OptionalFields>
</InventoryConfiguration>`

/** The page speaks of list3, but its request and its document say list2 again; the id is corrected here. */
const example3 = `<?xml version = "1.0" encoding = "UTF-8">
<InventoryConfiguration xmlns = "http://....">
<Id>list3</Id>
<IsEnabled>true</IsEnabled>
<Destination>
<COSBucketDestination>
<Format>CSV</Format>
<AccountId>100000000001</AccountId>
<Bucket>qcs::cos:ap-guangzhou::inventorybucket-1250000000</Bucket>
</COSBucketDestination>
</Destination>
<Schedule>
<Frequency>Daily</Frequency>
</Schedule>
<Filter>
<And>
<Prefix>myPrefix</Prefix>
<Tag>
<Key>age</Key>
<Value>18</Value>
</Tag>
</And>
</Filter>
<IncludedObjectVersions>All</IncludedObjectVersions>
<OptionalFields>
<Field>Size</Field>
<Field>LastModifiedDate</Field>
<Field>StorageClass</Field>
<Field>ETag</Field>
<Field>Tag</Field>
<Field>Crc64</Field>
<Field>x-cos-meta-myheader</Field>
</OptionalFields>
</InventoryConfiguration>`
