/** Destinations as people write them, turned into COS's own form. */
import { expandDestination } from "../bucket.ts"
import type { Finding } from "../lint/finding.ts"
import type { Draft } from "../rule.ts"
import type { Reading } from "../wire/reading.ts"

/** `name-appid` and `cos://name-appid/prefix` become the resource name in the source bucket's region. */
export const expanded = (reading: Reading, region: string | undefined): Reading => {
  const { destination } = reading.draft
  if (destination?.bucket === undefined) return reading
  const { bucket, prefix } = expandDestination(destination.bucket, region)
  if (bucket === destination.bucket) return reading
  const both = prefix !== undefined && destination.prefix !== undefined && destination.prefix !== prefix
  const draft: Draft = {
    ...reading.draft,
    destination: { ...destination, bucket, ...(prefix === undefined || both ? {} : { prefix }) },
  }
  return both
    ? { ...reading, draft, findings: [...reading.findings, twoPrefixes(destination.bucket)] }
    : { ...reading, draft, ...(prefix === undefined ? {} : { short: destination.bucket }) }
}

const twoPrefixes = (bucket: string): Finding => ({
  code: "destination-prefix",
  severity: "error",
  path: "destination.prefix",
  message: "The destination has two prefixes",
  found: bucket,
  allowed: "one prefix, in destination.bucket or in destination.prefix",
  fix: "Remove one of them",
  source: "the JSON form in the README",
})
