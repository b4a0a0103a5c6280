/** Creating, looking at and deleting a bucket (pages 7738, 7735, 7732). */
import { parseBucket, regionPattern } from "../../../core/bucket.ts"
import type { Headers } from "../../../core/http.ts"
import { declaration, isElement, leaf, localName, textOf } from "../../../core/wire/xml/mod.ts"
import { onAccelerate } from "../assumptions.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import type { Bucket, Reader } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { readDocument } from "../document.ts"

const shared = { at: "Bucket", needs: [], takes: [] } as const

export const existence: ReadonlyArray<Operation> = [
  {
    ...shared,
    name: "PutBucket",
    method: "PUT",
    body: "document",
    source: "page 7738",
    perform: (facts) => put(facts),
  },
  {
    ...shared,
    name: "HeadBucket",
    method: "HEAD",
    body: "none",
    source: "page 7735",
    perform: (facts) => ({ status: 200, headers: regionHeaders(facts.bucket()) }),
  },
  {
    ...shared,
    name: "GetBucketLocation",
    method: "GET",
    needs: ["location"],
    body: "none",
    source: "cos-nodejs-sdk-v5 sdk/base.js:502, test/test.js getBucketLocation",
    perform: (facts) => ({ status: 200, body: declaration + leaf("LocationConstraint", facts.bucket().region) }),
  },
  {
    ...shared,
    name: "DeleteBucket",
    method: "DELETE",
    body: "none",
    source: "page 7732",
    perform: ({ bucket, store }) => {
      const { name } = bucket()
      return isEmpty(store, name)
        ? { status: 204, changes: [{ _tag: "BucketDeleted", bucket: name }] }
        : Assumed.notEmpty
    },
  },
]

/** Pages 7735 and 7734. A bucket of one zone has no `x-cos-bucket-az-type`. */
export const regionHeaders = ({ region }: Pick<Bucket, "region">): Headers => [["x-cos-bucket-region", region]]

/** Page 7730. */
const maxBuckets = 200

const put = (facts: Facts): Done | RefusalWithText => {
  const place = facts.place()
  const name = place._tag === "Bucket" ? place.bucket.name : place._tag === "Nowhere" ? place.name ?? "" : ""
  const { owner } = facts.settings
  const there = facts.store.bucket(name)
  if (there !== undefined) return there.owner === owner ? Assumed.ownedByYou : Assumed.alreadyExists
  const region = place._tag === "Nowhere" ? place.region ?? facts.settings.region : facts.settings.region
  if (region === accelerate) return onAccelerate
  if (!regionPattern.test(region)) return Assumed.invalidRegion
  const refusal = nameRefusal(name) ?? refusedPart(facts)
  if (refusal !== undefined) return refusal
  if (facts.store.buckets().filter((bucket) => bucket.owner === owner).length >= maxBuckets) {
    return Assumed.tooManyBuckets
  }
  const bucket = { name, region, owner, created: facts.now, cors: [], strictSignature: false, denied: [] }
  return { status: 200, changes: [{ _tag: "BucketPut", bucket }] }
}

/** Of the host `<bucket>.cos.accelerate.myqcloud.com`, in the place of a region. */
const accelerate = "accelerate"

/** Page 13312: with its APPID, so that the default host has a label that DNS takes. */
const maxNameLength = 60

const nameRefusal = (name: string): RefusalWithText | undefined =>
  name.length > maxNameLength ? Assumed.nameTooLong : parseBucket(name) === undefined ? Assumed.invalidName : undefined

/** Access control, tags, zones and architectures of a bucket are what the local COS does not have. */
const refusedPart = (facts: Facts): RefusalWithText | undefined => {
  const acl = facts.header("x-cos-acl") ?? privateAcl
  if (acl !== privateAcl) return Assumed.withoutPart("PutBucket", `x-cos-acl: ${acl}`)
  const header = refusedHeaders.find((name) => facts.header(name) !== undefined)
  if (header !== undefined) return Assumed.withoutPart("PutBucket", header)
  if (facts.document.byteLength === 0) return undefined
  const root = readDocument(facts, "CreateBucketConfiguration")
  if (isRefusal(root)) return root
  const part = root.children.find(isElement)
  return part === undefined
    ? undefined
    : Assumed.withoutPart("PutBucket", `${localName(part.tagName)} ${textOf(part).trim()}`)
}

/** Page 7738: the default. */
const privateAcl = "private"

/** Page 7738. */
const refusedHeaders = [
  "x-cos-grant-read",
  "x-cos-grant-write",
  "x-cos-grant-read-acp",
  "x-cos-grant-write-acp",
  "x-cos-grant-full-control",
  "x-cos-tagging",
]

const isEmpty = (store: Reader, bucket: string): boolean => {
  for (const _ of store.entries(bucket, "")) return false
  return store.uploads(bucket).length === 0
}
