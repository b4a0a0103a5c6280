/** What both sides are timed with: rules in full, in the layout of the documentation's examples (page 30623, 30627). */
import type { InventoryConfiguration } from "../../core/rule.ts"

export const rule = (id: string): InventoryConfiguration => ({
  id,
  isEnabled: true,
  destination: {
    bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
    accountId: "100000000001",
    prefix: `reports/${id}`,
    format: "CSV",
    encryption: "SSE-COS",
  },
  schedule: { frequency: "Daily" },
  filter: {
    prefix: "myPrefix",
    tags: [{ key: "age", value: "18" }],
    period: { startTime: 1568688761, endTime: 1568688762 },
  },
  includedObjectVersions: "All",
  optionalFields: [
    "Size",
    "LastModifiedDate",
    "ETag",
    "StorageClass",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "Tag",
  ],
})

/** The same rule as the SDK takes it. */
export const sdkRule = (id: string) => ({
  Id: id,
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: "qcs::cos:ap-guangzhou::examplebucket-1250000000",
      Prefix: `reports/${id}`,
      Encryption: { "SSE-COS": "" },
    },
  },
  Schedule: { Frequency: "Daily" },
  Filter: {
    And: { Prefix: "myPrefix", Tag: { Key: "age", Value: "18" } },
    Period: { StartTime: "1568688761", EndTime: "1568688762" },
  },
  IncludedObjectVersions: "All",
  OptionalFields: {
    Field: ["Size", "LastModifiedDate", "ETag", "StorageClass", "IsMultipartUploaded", "ReplicationStatus", "Tag"],
  },
})

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'

export const ruleDocument = (id: string): string => declaration + ruleElement(id)

export const listDocument = (count: number): string =>
  `${declaration}<ListInventoryConfigurationResult xmlns="http://....">\n${
    Array.from({ length: count }, (_, i) => ruleElement(`list${i}`)).join("")
  }<IsTruncated>false</IsTruncated>\n</ListInventoryConfigurationResult>\n`

const ruleElement = (id: string): string =>
  `<InventoryConfiguration xmlns="http://....">
    <Id>${id}</Id>
    <IsEnabled>true</IsEnabled>
    <Destination>
        <COSBucketDestination>
            <Format>CSV</Format>
            <AccountId>100000000001</AccountId>
            <Bucket>qcs::cos:ap-guangzhou::examplebucket-1250000000</Bucket>
            <Prefix>reports/${id}</Prefix>
            <Encryption>
                <SSE-COS></SSE-COS>
            </Encryption>
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
        <Field>Tag</Field>
    </OptionalFields>
</InventoryConfiguration>
`
