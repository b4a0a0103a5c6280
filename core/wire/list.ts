/** `ListInventoryConfigurationResult`: one page of a bucket's rules (page 30627). */
import * as Result from "effect/Result"
import type { InventoryConfiguration } from "../rule.ts"
import { type Finding, shown } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import { readingOfElement, rootElement, surveyOf, writeConfiguration } from "./configuration.ts"
import { isTruncatedPage, tokenOf } from "./page.ts"
import type { Reading } from "./reading.ts"
import { walkRule } from "./walk.ts"
import {
  childrenNamed,
  container,
  cutterOf,
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
  wrongRoot,
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
    const page = pageOf(
      document,
      plain.map((walked): Reading => ({
        draft: walked.draft,
        findings: [],
        unread: walked.unread,
        position: () => undefined,
      })),
    )
    return isPlain && Result.isSuccess(page) ? page : Result.flatMap(readXmlWithOffsets(text), readListDocument)
  })

/** The same from a document with offsets, so that each rule keeps its places. */
export const readListDocument = (document: Document): Result.Result<ListPage, XmlProblem> => {
  const survey = surveyOf(document)
  return pageOf(document, rulesOf(document.root).map((element) => readingOfElement(element, survey)))
}

/** What a list has against it as a file of rules: a part of a bucket's rules, or more than rules in it. */
export const listProblems = (document: Document): ReadonlyArray<Finding> => {
  const locate = positionsIn(document.text)
  return document.root.children.filter(isElement).flatMap((child): ReadonlyArray<Finding> => {
    const name = localName(child.tagName)
    const problem = !listMembers.includes(name)
      ? unknownMember(name)
      : name === "IsTruncated" && textOf(child).trim().toLowerCase() === "true"
      ? onePage
      : undefined
    return problem === undefined ? [] : [{ ...problem, position: locate(child.start ?? 0) }]
  })
}

const listMembers = [rootElement, "IsTruncated", "ContinuationToken", "NextContinuationToken"]

const unknownMember = (name: string): Finding => {
  const near = nearest(name, listMembers)
  return {
    code: "unknown-element",
    severity: "error",
    path: "",
    message: "The list holds an unknown element, which would be lost",
    found: shown(`<${name}>`),
    allowed: listMembers.map((member) => `<${member}>`).join(", "),
    fix: near === undefined ? `Put it into an <${rootElement}>, or remove it` : `Did you mean <${near}>?`,
    source: "page 30627",
  }
}

const onePage: Finding = {
  code: "list-truncated",
  severity: "error",
  path: "",
  message: "The list is one page of several, so rules are missing from it",
  found: "true",
  allowed: "<IsTruncated>false</IsTruncated>",
  fix: "Get the whole list again, or remove <IsTruncated> if these rules are all that is wanted",
  source: "page 30627",
}

/** Each rule of a LIST answer as it was sent, with the namespace declarations that it leans on. */
export const sliceList = (text: string): Result.Result<ReadonlyArray<string>, XmlProblem> =>
  Result.map(readXmlWithOffsets(text), (document) => {
    const cut = cutterOf(document)
    return rulesOf(document.root).map((element) => cut(element) ?? document.text.slice(element.start, element.end))
  })

export const rulesOf = (root: Element): ReadonlyArray<Element> => childrenNamed(root, rootElement)

export const pageOf = (document: Document, rules: ReadonlyArray<Reading>): Result.Result<ListPage, XmlProblem> =>
  Result.gen(function* () {
    const continuationToken = yield* tokenOf(document, "ContinuationToken")
    const next = { name: "NextContinuationToken", value: yield* tokenOf(document, "NextContinuationToken") }
    return {
      rules,
      isTruncated: yield* isTruncatedPage(document, next),
      ...(continuationToken === undefined ? {} : { continuationToken }),
      ...(next.value === undefined ? {} : { nextContinuationToken: next.value }),
    }
  })

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
