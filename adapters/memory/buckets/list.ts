/** What the three lists of a bucket have in common: their parameters, and the elements that repeat them. */
import { parseBucket } from "../../../core/bucket.ts"
import type { Key } from "../../../core/key.ts"
import { container, leaf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { badEncoding, badLimit, markerTooLong, maxMarkerBytes } from "./assumptions.ts"
import { encodedKeys, keyParameter, type KeyText, markerParameter, plainKeys } from "./key-text.ts"
import type { Entry } from "./walk.ts"

/** Pages 7734, 35521 and 7736. */
export const entriesPerPage = 1000

export interface ListAsked {
  readonly prefix: Key
  readonly delimiter: Key | undefined
  readonly marker: Key
  readonly isEncoded: boolean
  readonly keys: KeyText
  /** As asked, or the greatest. */
  readonly limit: number
  /** What a page holds now. */
  readonly size: number
}

export interface Names {
  readonly marker: string
  readonly limit: string
}

export const listAsked = (facts: Facts, names: Names): ListAsked | RefusalWithText => {
  const prefix = keyParameter(facts, "prefix") ?? ""
  const delimiter = keyParameter(facts, "delimiter")
  const marker = markerParameter(facts, names.marker) ?? ""
  const tooLong = Object.entries({ prefix, delimiter: delimiter ?? "", [names.marker]: marker })
    .find(([, value]) => value.length > maxMarkerBytes)
  if (tooLong !== undefined) return markerTooLong(tooLong[0])
  const limit = limitOf(facts.parameter(names.limit))
  if (limit === undefined) return badLimit(names.limit, entriesPerPage)
  const encoding = facts.parameter("encoding-type") ?? ""
  if (encoding !== "" && encoding !== "url") return badEncoding
  const isEncoded = encoding === "url"
  return {
    prefix,
    delimiter: delimiter === "" ? undefined : delimiter,
    marker,
    isEncoded,
    keys: isEncoded ? encodedKeys : plainKeys,
    limit,
    size: Math.min(limit, facts.pageSize(entriesPerPage)),
  }
}

/** Of an empty parameter, which the Python SDK sends, the greatest. */
const limitOf = (text: string = ""): number | undefined => {
  if (text === "") return entriesPerPage
  const limit = /^\d{1,9}$/u.test(text) ? Number(text) : undefined
  return limit !== undefined && limit <= entriesPerPage ? limit : undefined
}

/** Never percent-encoded: the Python SDK decodes every other element that `encoding-type` may encode (cos_client.py). */
export const delimiterXml = ({ delimiter }: ListAsked): string =>
  delimiter === undefined ? "" : plainKeys.leaf("Delimiter", delimiter)

export const groupsXml = (entries: ReadonlyArray<Entry<unknown>>, keys: KeyText): string =>
  entries.map((entry) => "group" in entry ? container("CommonPrefixes", keys.leaf("Prefix", entry.group)) : "").join("")

export const itemsOf = <A>(entries: ReadonlyArray<Entry<A>>): ReadonlyArray<A> =>
  entries.flatMap((entry) => "item" in entry ? [entry.item] : [])

/** ISO-8601 with milliseconds that are always none, as every sample has it. */
export const dateXml = (name: string, millis: number): string =>
  leaf(name, new Date(Math.floor(millis / 1000) * 1000).toISOString())

/** The owner of an object is named by the APPID of its bucket (pages 7734 and 35521). */
export const objectOwner = (bucket: string): string => {
  const appid = parseBucket(bucket)?.appid ?? ""
  return container("Owner", leaf("ID", appid) + leaf("DisplayName", appid))
}
