/** Names of optional fields. */
import { metaField, optionalFields } from "./limits.ts"
import { misspelled } from "./wire/members.ts"

/**
 * A field by the name that COS documents for it. SDKs send others: `SIZE` (.NET BucketTest.cs), `Etag` (Android),
 * `IsMultipartUpload` (Go unit test); a custom header has no case.
 */
export const fieldName = (field: string): string => {
  const lower = field.toLowerCase()
  return misspelled.get(field) ?? documented.get(lower) ?? (metaField.test(field) ? lower : field)
}

const documented: ReadonlyMap<string, string> = new Map(optionalFields.map((field) => [field.toLowerCase(), field]))
