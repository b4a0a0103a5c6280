/** `ListInventoryConfigurationResult`: one page of a bucket's rules (page 30627). */
import * as Result from "effect/Result"
import type { InventoryConfiguration } from "../rule.ts"
import { readingOfElement, rootElement, writeConfiguration, wrongRoot } from "./configuration.ts"
import type { Reading } from "./reading.ts"
import { walkRule } from "./walk.ts"
import {
  container,
  declaration,
  type Document,
  type Element,
  isElement,
  leaf,
  localName,
  positionsIn,
  readXml,
  readXmlWithOffsets,
  textOf,
  type XmlProblem,
} from "./xml/mod.ts"

export const listElement = "ListInventoryConfigurationResult"

export interface ListPage {
  readonly rules: ReadonlyArray<Reading>
  readonly isTruncated: boolean
  readonly continuationToken?: string
  readonly nextContinuationToken?: string
}

/** Reads a LIST answer. Stray text between elements is passed over, as the documentation's own sample has it. */
export const readList = (text: string): Result.Result<ListPage, XmlProblem> =>
  Result.flatMap(readXml(text), (document) => {
    if (localName(document.root.tagName) !== listElement) return Result.fail(wrongRoot(document, listElement))
    const plain = rulesOf(document.root).map(walkRule)
    const isPlain = plain.every((w) => w.unknown.length === 0 && w.findings.length === 0)
    return isPlain
      ? Result.succeed(pageOf(
        document,
        plain.map((walked): Reading => ({
          draft: walked.draft,
          findings: [],
          unread: walked.unread,
          position: () => undefined,
        })),
      ))
      : Result.map(readXmlWithOffsets(text), readListDocument)
  })

/** The same from a document with offsets, so that each rule keeps its places. */
export const readListDocument = (document: Document): ListPage => {
  const locate = positionsIn(document.text)
  return pageOf(document, rulesOf(document.root).map((element) => readingOfElement(element, document.text, locate)))
}

/** Each rule of a LIST answer as it was sent. */
export const sliceList = (text: string): Result.Result<ReadonlyArray<string>, XmlProblem> =>
  Result.map(
    readXmlWithOffsets(text),
    (document) => rulesOf(document.root).map((element) => document.text.slice(element.start, element.end)),
  )

const rulesOf = (root: Element): ReadonlyArray<Element> =>
  root.children.filter(isElement).filter((child) => localName(child.tagName) === rootElement)

const pageOf = (document: Document, rules: ReadonlyArray<Reading>): ListPage => {
  const last = (name: string): string | undefined => {
    // The documentation's sample prints IsTruncated twice; its last one is right (Go unit test)
    const found = document.root.children.filter(isElement).findLast((child) => localName(child.tagName) === name)
    const text = found === undefined ? undefined : textOf(found).trim()
    return text === "" ? undefined : text
  }
  const continuationToken = last("ContinuationToken")
  const nextContinuationToken = last("NextContinuationToken")
  return {
    rules,
    isTruncated: last("IsTruncated")?.toLowerCase() === "true",
    ...(continuationToken === undefined ? {} : { continuationToken }),
    ...(nextContinuationToken === undefined ? {} : { nextContinuationToken }),
  }
}

export const writeList = (page: {
  readonly rules: ReadonlyArray<InventoryConfiguration>
  readonly isTruncated: boolean
  readonly continuationToken?: string
  readonly nextContinuationToken?: string
}): string => writeListOf(page.rules.map(writeConfiguration), page)

/** A LIST document around rules that are XML already. */
export const writeListOf = (
  rules: ReadonlyArray<string>,
  page: Pick<ListPage, "isTruncated" | "continuationToken" | "nextContinuationToken">,
): string =>
  declaration + container(
    listElement,
    rules.join("") + leaf("IsTruncated", page.isTruncated) + leaf("ContinuationToken", page.continuationToken) +
      leaf("NextContinuationToken", page.nextContinuationToken),
  )
