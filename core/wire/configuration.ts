/** A rule in XML: reading it leniently, writing it in one canonical form. */
import * as Result from "effect/Result"
import { enclosing, type Finding, type Position } from "../lint/finding.ts"
import { maxDocumentBytes } from "../limits.ts"
import type { Extra, Filter, InventoryConfiguration, InventoryJob, Kind } from "../rule.ts"
import { encryptionPlace, tagNumber, tagPlace } from "./members.ts"
import type { Reading } from "./reading.ts"
import { type Walked, walkRule } from "./walk.ts"
import {
  container,
  cutterOf,
  type Document,
  type Element,
  leaf,
  localName,
  positionsIn,
  readXml,
  readXmlWithOffsets,
  wrongRoot,
  type XmlProblem,
} from "./xml/mod.ts"

export const rootElement = "InventoryConfiguration"

/** Reads a document whose root is `InventoryConfiguration`. Any order, unknown elements kept. */
export const readConfiguration = (text: string): Result.Result<Reading, XmlProblem> =>
  Result.flatMap(readXml(text), (document) => {
    if (localName(document.root.tagName) !== rootElement) return Result.fail(wrongRoot(document, rootElement))
    const walked = walkRule(document.root)
    // Places and raw elements need offsets, which the fast reader does not keep
    return walked.unknown.length === 0 && walked.findings.length === 0
      ? Result.succeed(readingFrom(walked, () => placesOf(Result.getOrThrow(readXmlWithOffsets(text)))))
      : Result.map(readXmlWithOffsets(text), readingOfDocument)
  })

export const readingOfDocument = (document: Document): Reading => readingOfElement(document.root, surveyOf(document))

/** What all rules of a document share: where offsets stand in it, and how elements are cut out of it. */
export interface Survey {
  readonly locate: Locate
  readonly cut: (element: Element) => string | undefined
}

export const surveyOf = (document: Document): Survey => ({
  locate: positionsIn(document.text),
  cut: cutterOf(document),
})

/** Reads one rule element that carries offsets. */
export const readingOfElement = (element: Element, { locate, cut }: Survey): Reading => {
  const walked = walkRule(element)
  const findings = [...walked.findings]
  const extra = walked.unknown.map(({ in: place, element }, i): Extra => {
    const xml = cut(element)
    if (xml === undefined) findings.push({ ...tooLong, path: `extra[${i}]` })
    return { in: place, xml: xml ?? "" }
  })
  const reading = readingFrom(
    extra.length === 0 ? walked : { ...walked, draft: { ...walked.draft, extra } },
    () => ({ offsets: walked.offsets, start: element.start ?? 0, locate }),
  )
  const place = (finding: Finding): Position => {
    const second = walked.seconds.get(finding)
    return second === undefined ? reading.position(finding.path) : locate(second)
  }
  return { ...reading, findings: findings.map((f) => ({ ...f, position: place(f) })) }
}

const tooLong = {
  code: "namespaces-too-long",
  severity: "error",
  message: "The namespaces of the unknown elements are too long to be kept with them",
  allowed: `at most ${maxDocumentBytes} characters in all`,
  fix: "Remove the element, or shorten the names of the namespaces",
  source: "limits of this project",
} as const

type Locate = (offset: number) => Position

interface Places {
  readonly offsets: ReadonlyMap<string, number>
  readonly start: number
  readonly locate: Locate
}

const placesOf = ({ root, text }: Document): Places => ({
  offsets: walkRule(root).offsets,
  start: root.start ?? 0,
  locate: positionsIn(text),
})

interface Placed extends Reading {
  readonly position: (path: string) => Position
}

/** A reading whose places are looked up only when somebody asks. */
const readingFrom = (walked: Walked, places: () => Places): Placed => {
  let found: Places | undefined
  return {
    draft: walked.draft as Reading["draft"],
    findings: walked.findings,
    unread: walked.unread,
    position: (path) => {
      found ??= places()
      return found.locate(nearestOffset(found.offsets, path) ?? found.start)
    },
  }
}

/** The offset of a path, or of the closest thing around it: what is missing is reported where it belongs. */
const nearestOffset = (offsets: ReadonlyMap<string, number>, path: string): number | undefined => {
  for (const at of enclosing(path)) {
    const offset = offsets.get(at)
    if (offset !== undefined) return offset
  }
  return undefined
}

/**
 * Writes a rule, without a declaration, in the order of the documentation's examples.
 *
 * `And` is written for a tag or a storage class alone, since a bare `Filter/Prefix` is what COS documents for a prefix.
 * A filter in which nothing is said is left out: an empty one would mean the whole bucket.
 */
export const writeConfiguration = (rule: InventoryConfiguration | InventoryJob): string => {
  const extra = extraBy(rule.extra ?? [])
  const isPeriodic = "schedule" in rule
  const { destination } = rule
  const destinationPlace = "/Destination/COSBucketDestination"
  return container(
    rootElement,
    leaf("Id", rule.id) +
      (isPeriodic ? leaf("IsEnabled", rule.isEnabled) : "") +
      container(
        "Destination",
        container(
          "COSBucketDestination",
          leaf("Format", destination.format) +
            leaf("AccountId", destination.accountId) +
            leaf("Bucket", destination.bucket) +
            leaf("Prefix", destination.prefix) +
            container(
              "Encryption",
              writeEncryption(destination.encryption, extra(encryptionPlace)) + extra(`${destinationPlace}/Encryption`),
            ) +
            extra(destinationPlace),
        ) + extra("/Destination"),
      ) +
      (isPeriodic
        ? container(
          "Schedule",
          leaf("Frequency", rule.schedule.frequency) + leaf("MonthlyDate", rule.schedule.monthlyDate) +
            extra("/Schedule"),
        )
        : "") +
      writeFilter(rule.filter ?? {}, extra) +
      leaf("IncludedObjectVersions", rule.includedObjectVersions) +
      container(
        "OptionalFields",
        (rule.optionalFields ?? []).map((field) => leaf("Field", field)).join("") + extra("/OptionalFields"),
      ) +
      extra("/"),
  )
}

/** Looked up by place: a rule may hold as many unknown elements as it holds tags. */
const extraBy = (extra: ReadonlyArray<Extra>): (place: string) => string => {
  const byPlace = new Map<string, string>()
  for (const { in: place, xml } of extra) byPlace.set(place, (byPlace.get(place) ?? "") + xml)
  return (place) => byPlace.get(place) ?? ""
}

const writeEncryption = (encryption: string | undefined, inside: string): string =>
  encryption === undefined && inside === "" ? "" : `<SSE-COS>${inside}</SSE-COS>`

const writeFilter = (filter: Filter, extra: (place: string) => string): string => {
  const { prefix, tags = [], storageClass, period } = filter
  const inAnd = extra("/Filter/And")
  const needsAnd = tags.length > 0 || storageClass !== undefined || inAnd !== ""
  const some = (text: string | undefined) => text === "" ? undefined : text
  return container(
    "Filter",
    (needsAnd
      ? container(
        "And",
        leaf("Prefix", some(prefix)) +
          tags.map((tag, i) =>
            container("Tag", leaf("Key", tag.key) + leaf("Value", tag.value) + extra(tagPlace(i + 1)))
          ).join("") + leaf("StorageClass", some(storageClass)) + inAnd,
      )
      : leaf("Prefix", some(prefix))) +
      container(
        "Period",
        leaf("StartTime", period?.startTime) + leaf("EndTime", period?.endTime) + extra("/Filter/Period"),
      ) +
      extra("/Filter"),
  )
}

/** Whether `writeConfiguration` puts an unknown element back at this place. */
export const isExtraPlace = (
  place: string,
  rule: { readonly filter?: { readonly tags?: ReadonlyArray<unknown> } },
  kind: Kind,
): boolean => {
  if (place === "/Schedule") return kind === "configuration"
  const tag = tagNumber(place)
  return tag === undefined ? extraPlaces.has(place) : tag <= (rule.filter?.tags?.length ?? 0)
}

const extraPlaces: ReadonlySet<string> = new Set([
  "/",
  "/Destination",
  "/Destination/COSBucketDestination",
  "/Destination/COSBucketDestination/Encryption",
  encryptionPlace,
  "/Filter",
  "/Filter/And",
  "/Filter/Period",
  "/OptionalFields",
])
