/** `ListAllMyBucketsResult`: the buckets of an account, GET Service (pages 8291 and, for paging, 139734). */
import * as Result from "effect/Result"
import { isTruncatedPage, tokenOf } from "./page.ts"
import {
  childrenNamed,
  container,
  declaration,
  type Element,
  leaf,
  localName,
  readXml,
  textOf,
  wrongRoot,
  type XmlProblem,
} from "./xml/mod.ts"

export interface BucketEntry {
  readonly name: string
  /** The region. */
  readonly location: string
  /** ISO-8601, as the server wrote it; empty where it did not. */
  readonly creationDate: string
}

export interface BucketPage {
  readonly buckets: ReadonlyArray<BucketEntry>
  readonly isTruncated: boolean
  readonly nextMarker?: string
}

const root = "ListAllMyBucketsResult"

export const readService = (text: string): Result.Result<BucketPage, XmlProblem> =>
  Result.gen(function* () {
    const document = yield* readXml(text)
    if (localName(document.root.tagName) !== root) return yield* Result.fail(wrongRoot(document, root))
    const next = { name: "NextMarker", value: yield* tokenOf(document, "NextMarker") }
    return {
      buckets: childrenNamed(document.root, "Buckets").flatMap((list) => childrenNamed(list, "Bucket")).map(entryOf),
      isTruncated: yield* isTruncatedPage(document, next),
      ...(next.value === undefined ? {} : { nextMarker: next.value }),
    }
  })

const entryOf = (bucket: Element): BucketEntry => ({
  name: textIn(bucket, "Name"),
  location: textIn(bucket, "Location"),
  // Older documentation calls it CreateDate
  creationDate: textIn(bucket, "CreationDate") || textIn(bucket, "CreateDate"),
})

const textIn = (element: Element, name: string): string => {
  const child = childrenNamed(element, name)[0]
  return child === undefined ? "" : textOf(child).trim()
}

/** Whoever knows no owner, as a proxy does not, names none. */
export const writeService = (owner: string | undefined, page: BucketPage): string =>
  declaration + container(
    root,
    (owner === undefined ? "" : writeOwner(owner)) +
      leaf("NextMarker", page.nextMarker) + leaf("IsTruncated", page.isTruncated) +
      `<Buckets>${page.buckets.map(writeBucket).join("")}</Buckets>`,
  )

const writeOwner = (owner: string): string =>
  container("Owner", leaf("ID", `qcs::cam::uin/${owner}:uin/${owner}`) + leaf("DisplayName", owner))

const writeBucket = ({ name, location, creationDate }: BucketEntry): string =>
  container(
    "Bucket",
    leaf("Name", name) + leaf("Location", location) + leaf("CreationDate", creationDate || undefined),
  )
