/** `ListAllMyBucketsResult`: the buckets of an account, GET Service (pages 8291 and, for paging, 139734). */
import * as Result from "effect/Result"
import { wrongRoot } from "./configuration.ts"
import { isTruncatedPage } from "./page.ts"
import {
  container,
  declaration,
  type Element,
  isElement,
  leaf,
  localName,
  readXml,
  textOf,
  type XmlProblem,
} from "./xml/mod.ts"

export interface BucketEntry {
  readonly name: string
  /** The region. */
  readonly location: string
  /** ISO-8601, as the server wrote it. */
  readonly creationDate: string
}

export interface BucketPage {
  readonly buckets: ReadonlyArray<BucketEntry>
  readonly isTruncated: boolean
  readonly nextMarker?: string
}

const root = "ListAllMyBucketsResult"

export const readService = (text: string): Result.Result<BucketPage, XmlProblem> =>
  Result.flatMap(readXml(text), (document) => {
    if (localName(document.root.tagName) !== root) return Result.fail(wrongRoot(document, root))
    const buckets = inside(document.root, "Buckets").flatMap((list) => inside(list, "Bucket")).map((bucket) => ({
      name: textIn(bucket, "Name"),
      location: textIn(bucket, "Location"),
      // Older documentation calls it CreateDate
      creationDate: textIn(bucket, "CreationDate") || textIn(bucket, "CreateDate"),
    }))
    const nextMarker = textIn(document.root, "NextMarker") || undefined
    return Result.map(isTruncatedPage(document, { name: "NextMarker", value: nextMarker }), (isTruncated) => ({
      buckets,
      isTruncated,
      ...(nextMarker === undefined ? {} : { nextMarker }),
    }))
  })

const inside = (element: Element, name: string): ReadonlyArray<Element> =>
  element.children.filter(isElement).filter((child) => localName(child.tagName) === name)

const textIn = (element: Element, name: string): string => {
  const child = inside(element, name)[0]
  return child === undefined ? "" : textOf(child).trim()
}

export const writeService = (owner: string, page: BucketPage): string =>
  declaration + container(
    root,
    container("Owner", leaf("ID", `qcs::cam::uin/${owner}:uin/${owner}`) + leaf("DisplayName", owner)) +
      leaf("NextMarker", page.nextMarker) + leaf("IsTruncated", page.isTruncated) +
      `<Buckets>${page.buckets.map(writeBucket).join("")}</Buckets>`,
  )

const writeBucket = (bucket: BucketEntry): string =>
  container(
    "Bucket",
    leaf("Name", bucket.name) + leaf("Location", bucket.location) + leaf("CreationDate", bucket.creationDate),
  )
