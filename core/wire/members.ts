/**
 * The one table of what stands where in a rule's XML, and under which key of the JSON form. The XML reader, both
 * ways of the JSON form and the reader of the API's own JSON shape follow it; laws hold the XML writer and the Schemas to it.
 *
 * Sources: pages 30625 (PUT), 30623 (GET), 30627 (LIST), 46869 (POST); `StorageClass` as in the Go SDK
 * (`bucket_inventory.go:26`).
 */

export type LeafKind = "text" | "word" | "flag" | "integer" | "time"

export type Member =
  | { readonly kind: LeafKind; readonly key: string }
  /** Its presence is its value: `<SSE-COS/>`, `<SSE-COS>111</SSE-COS>` and the like are the same (observed). */
  | { readonly kind: "presence"; readonly key: string; readonly value: string }
  /** A container; without a key its members belong to the object around it. */
  | { readonly kind: "group"; readonly key?: string; readonly members: Members }
  /** A container of repeated words. */
  | { readonly kind: "words"; readonly key: string; readonly item: string }
  /** An element that itself repeats. */
  | { readonly kind: "groups"; readonly key: string; readonly members: Members }

export interface Members {
  readonly [element: string]: Member
}

const encryption: Member = { kind: "presence", key: "encryption", value: "SSE-COS" }

/** Where the parameters of an encryption would stand, of which none is known. */
export const encryptionPlace = "/Destination/COSBucketDestination/Encryption/SSE-COS"

/** Where what a tag holds stands; tags count from 1, in the order in which they are written. */
export const tagPlace = (number: number): string => `/Filter/And/Tag[${number}]`
export const tagNumber = (place: string): number | undefined => {
  const number = /^\/Filter\/And\/Tag\[([1-9]\d{0,8})\]$/u.exec(place)?.[1]
  return number === undefined ? undefined : Number(number)
}

/** Whether what stands there is a condition on the objects. */
export const isInFilter = (place: string): boolean => place === "/Filter" || place.startsWith("/Filter/")

const tag: Members = {
  Key: { kind: "text", key: "key" },
  Value: { kind: "text", key: "value" },
}

const filter: Members = {
  Prefix: { kind: "text", key: "prefix" },
  And: {
    kind: "group",
    members: {
      Prefix: { kind: "text", key: "prefix" },
      Tag: { kind: "groups", key: "tags", members: tag },
      StorageClass: { kind: "word", key: "storageClass" },
    },
  },
  Period: {
    kind: "group",
    key: "period",
    members: {
      StartTime: { kind: "time", key: "startTime" },
      EndTime: { kind: "time", key: "endTime" },
    },
  },
}

const destination: Members = {
  Bucket: { kind: "word", key: "bucket" },
  AccountId: { kind: "word", key: "accountId" },
  Prefix: { kind: "text", key: "prefix" },
  Format: { kind: "word", key: "format" },
  Encryption: { kind: "group", members: { "SSE-COS": encryption } },
  // The LIST page prints it beside the others, without Encryption
  "SSE-COS": encryption,
}

/** Both kinds of rule read the same members; which of them a job may not have is a matter of meaning. */
export const ruleMembers: Members = {
  Id: { kind: "word", key: "id" },
  IsEnabled: { kind: "flag", key: "isEnabled" },
  IncludedObjectVersions: { kind: "word", key: "includedObjectVersions" },
  Filter: { kind: "group", key: "filter", members: filter },
  OptionalFields: { kind: "words", key: "optionalFields", item: "Field" },
  Schedule: {
    kind: "group",
    key: "schedule",
    members: {
      Frequency: { kind: "word", key: "frequency" },
      MonthlyDate: { kind: "integer", key: "monthlyDate" },
    },
  },
  Destination: {
    kind: "group",
    key: "destination",
    members: { COSBucketDestination: { kind: "group", members: destination } },
  },
}

/** Spellings in COS documentation that mean another word (LIST page 30627, Go unit test). */
export const misspelled: ReadonlyMap<string, string> = new Map([["IsMultipartUpload", "IsMultipartUploaded"]])

/** Every element name of a rule, for telling a misplaced or mistyped element from a new one. */
export const elementNames: ReadonlySet<string> = new Set(namesOf(ruleMembers))

function namesOf(members: Members): ReadonlyArray<string> {
  return Object.entries(members).flatMap(([name, member]) => [
    name,
    ...("members" in member ? namesOf(member.members) : member.kind === "words" ? [member.item] : []),
  ])
}
