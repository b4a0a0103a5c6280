/** What an object is given with its bytes: the headers it keeps, its class, its tags, its encryption. */
import { header, type Headers } from "../../../core/http.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { metaPrefix } from "./headers.ts"
import { maxMetaBytes, standardClass, storageClasses } from "./limits.ts"
import { refuseTags, tagsOfHeader } from "./tags.ts"

export type Attributes = Pick<Version, "headers" | "storageClass" | "tags" | "encryption">

/** The headers that give them. */
export const attributeHeaders: ReadonlySet<string> = new Set([
  "x-cos-server-side-encryption",
  "x-cos-storage-class",
  "x-cos-tagging",
])

/** What an object keeps beside custom headers (page 7749), and a GET may override (page 7753). */
export const keptNames: ReadonlyArray<string> = [
  "Cache-Control",
  "Content-Disposition",
  "Content-Encoding",
  "Content-Language",
  "Content-Type",
  "Expires",
]

export const attributesOf = (facts: Facts): Attributes => ({
  headers: keptHeaders(facts),
  storageClass: storageClassOf(facts),
  tags: tagsOfHeader(facts.header("x-cos-tagging") ?? ""),
  ...(encryptionOf(facts) === "AES256" ? { encryption: "AES256" as const } : {}),
})

export const refuseAttributes = (facts: Facts): RefusalWithText | undefined => {
  const storageClass = storageClassOf(facts)
  if (!storageClasses.has(storageClass)) return Assumed.unknownStorageClass(storageClass)
  const encryption = encryptionOf(facts)
  if (encryption === "cos/kms") return Assumed.headerNotImplemented(`x-cos-server-side-encryption: ${encryption}`)
  if (encryption !== "" && encryption !== "AES256") return Assumed.unknownEncryption(encryption)
  return refuseMeta(facts.request.headers) ?? refuseTags(tagsOfHeader(facts.header("x-cos-tagging") ?? ""))
}

const storageClassOf = (facts: Facts): string => (facts.header("x-cos-storage-class") || standardClass).toUpperCase()

const encryptionOf = (facts: Facts): string => facts.header("x-cos-server-side-encryption") ?? ""

/** An empty value is none: the Node SDK sends an empty Cache-Control so that no proxy sets one (base.js:2246). */
const keptHeaders = (facts: Facts): Headers => [
  ...keptNames.flatMap((name): Headers => {
    const value = facts.header(name) ?? ""
    return value !== "" ? [[name, value]] : name === "Content-Type" ? [[name, Assumed.defaultType]] : []
  }),
  ...metaOf(facts.request.headers),
]

const metaOf = (headers: Headers): Headers =>
  headers.map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => name.startsWith(metaPrefix))

/** Of any headers it looks at the custom ones. */
export const refuseMeta = (headers: Headers): RefusalWithText | undefined => {
  const meta = metaOf(headers)
  const odd = meta.find(([name]) => !/^x-cos-meta-[a-z0-9-]+$/u.test(name))
  if (odd !== undefined) return Assumed.metaName(odd[0])
  const bytes = meta.reduce((sum, [name, value]) => sum + name.length - metaPrefix.length + value.length, 0)
  return bytes > maxMetaBytes ? Assumed.metaTooLarge : undefined
}

export const encryptionHeaders = ({ encryption }: Pick<Version, "encryption">): Headers =>
  encryption === undefined ? [] : [["x-cos-server-side-encryption", encryption]]

/** Whether the request itself says what class or encryption the object gets. */
export const changesStorage = (facts: Facts): boolean =>
  ["x-cos-storage-class", "x-cos-server-side-encryption"].some((name) => header(facts.request.headers, name))
