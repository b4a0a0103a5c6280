/** Tags of objects: as a header, and as a document. */
import { childrenNamed, container, declaration, type Element, leaf } from "../../../core/wire/xml/mod.ts"
import { percentDecode } from "../../../core/wire/target.ts"
import { refusalOf } from "../assumptions.ts"
import type { RefusalWithText } from "../checks.ts"
import { textIn } from "../document.ts"
import type { Tag } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { maxTagKeyCharacters, maxTags, maxTagValueCharacters, tagText } from "./limits.ts"

/** `x-cos-tagging`: `key1=value1&key2=value2`, both percent-encoded (page 41624). */
export const tagsOfHeader = (text: string): ReadonlyArray<Tag> =>
  text.split("&").filter((pair) => pair !== "").map((pair) => {
    const equals = pair.indexOf("=")
    return equals < 0
      ? { key: decoded(pair), value: "" }
      : { key: decoded(pair.slice(0, equals)), value: decoded(pair.slice(equals + 1)) }
  })

const decoded = (text: string): string => percentDecode(text.replaceAll("+", " "))

/** Page 35709. */
export const tagsOfDocument = (root: Element): ReadonlyArray<Tag> | RefusalWithText => {
  const sets = childrenNamed(root, "TagSet")
  if (sets.length !== 1) return refusalOf("MalformedXML")
  const tags: Array<Tag> = []
  for (const tag of childrenNamed(sets[0]!, "Tag")) {
    const [key, value] = [textIn(tag, "Key"), textIn(tag, "Value")]
    if (key === undefined || value === undefined) return refusalOf("MalformedXML")
    tags.push({ key, value })
  }
  return tags
}

export const refuseTags = (tags: ReadonlyArray<Tag>): RefusalWithText | undefined => {
  if (tags.length > maxTags) return Assumed.tooManyTags
  if (new Set(tags.map(({ key }) => key)).size < tags.length) return Assumed.repeatedTag
  return tags.every(isValid) ? undefined : Assumed.badTag
}

const isValid = ({ key, value }: Tag): boolean =>
  key !== "" && tagText.test(key) && tagText.test(value) && lengthOf(key) <= maxTagKeyCharacters &&
  lengthOf(value) <= maxTagValueCharacters

const lengthOf = (text: string): number => Array.from(text).length

export const writeTags = (tags: ReadonlyArray<Tag>): string =>
  declaration + container(
    "Tagging",
    `<TagSet>${
      tags.map(({ key, value }) => container("Tag", leaf("Key", key) + leaf("Value", value))).join("")
    }</TagSet>`,
  )
