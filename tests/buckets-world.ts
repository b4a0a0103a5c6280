/** Keys that are hard to list, a plain model of listing them, and a client that follows pages to their end. */
import { strict as assert } from "node:assert"
import * as Schema from "effect/Schema"
import { type Store, type Version, versionIdAt } from "../adapters/store/mod.ts"
import { type Key, keyOfRaw } from "../core/key.ts"
import { bucket, type Reply, start, type World } from "./objects-world.ts"

/** Bytes that sort, escape, group and decode badly. */
const alphabet = ["a", "b", "/", "\x00", "\xff", "\xc3\xa9", "%", "+", " ", "&", "<", "\x1f", "/b", "\xf4\x8f\xbf\xbd"]

const letters = (max: number) =>
  Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: alphabet.length - 1 })))
    .check(Schema.isMaxLength(max))

export const keyFrom = (indices: ReadonlyArray<number>): Key => indices.map((at) => alphabet[at]!).join("")

/** Keys, each with a version for each of its booleans, newest first: true is a delete marker; and what is asked for. */
export const Listing = Schema.Struct({
  keys: Schema.Array(Schema.Struct({
    name: letters(4).check(Schema.isMinLength(1)),
    markers: Schema.Array(Schema.Boolean).check(Schema.isMinLength(1), Schema.isMaxLength(3)),
  })).check(Schema.isMaxLength(14)),
  prefix: letters(1),
  delimiter: Schema.Literals(["", "/", "b", "\xff", "/b"]),
  marker: letters(3),
  size: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 })),
})
export type Listing = typeof Listing.Type

/** One version of a key for each boolean, newest first. */
export const versionsOf = (key: Key, markers: ReadonlyArray<boolean>): ReadonlyArray<Version> =>
  markers.map((isDeleteMarker, at) => {
    const lastModified = start + (markers.length - at) * 1000
    return {
      key,
      versionId: versionIdAt(lastModified, 7),
      sequence: markers.length - at,
      isDeleteMarker,
      lastModified,
      etag: isDeleteMarker ? "" : "d41d8cd98f00b204e9800998ecf8427e",
      size: 0,
      crc64: isDeleteMarker ? "" : "0",
      storageClass: isDeleteMarker ? "" : "STANDARD",
      segments: [],
      headers: [],
      tags: [],
      isMultipart: false,
    }
  })

/** The same keys in the bucket of a world, and as the model has them: sorted, the last of two of one name. */
export const fill = (store: Store, keys: Listing["keys"]): ReadonlyArray<ReadonlyArray<Version>> => {
  const model = new Map<Key, ReadonlyArray<Version>>()
  for (const { name, markers } of keys) model.set(keyFrom(name), versionsOf(keyFrom(name), markers))
  const all = [...model.values()].sort(([a], [b]) => byKey(a!.key, b!.key))
  store.commit(
    all.flatMap((versions) =>
      versions.toReversed().map((version) => ({ _tag: "VersionPut", bucket: bucket.name, version } as const))
    ),
  )
  return all
}

/** Byte order, which for keys is that of code units. */
export const byKey = (a: Key, b: Key): number => a < b ? -1 : a > b ? 1 : 0

/** What stands for a key in a list: itself, or the group it is in. */
export const shownName = (key: Key, prefix: Key, delimiter: Key): Key => {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length)
  return at < 0 ? key : key.slice(0, at + delimiter.length)
}

/** What is inside the elements of some names, in their order. */
export const elementsIn = (
  xml: string,
  ...names: ReadonlyArray<string>
): ReadonlyArray<{ name: string; xml: string }> =>
  [...xml.matchAll(new RegExp(`<(${names.join("|")})>(.*?)</\\1>`, "gsu"))].map(([, name, inside]) => ({
    name: name!,
    xml: inside!,
  }))

/** The names that a page with `encoding-type=url` shows, keys and groups, each list as it stands. */
export const namesIn = (xml: string, item: string): ReadonlyArray<ReadonlyArray<Key>> => [
  elementsIn(xml, "CommonPrefixes").map((group) => keyOfRaw(textIn(group.xml, "Prefix"))),
  elementsIn(xml, item).map((found) => keyOfRaw(textIn(found.xml, "Key"))),
]

export const textIn = (xml: string, name: string): string => elementsIn(xml, name)[0]?.xml ?? ""

/** Follows a list to its end by what each page says comes next, and checks that it gets on. */
export const pagesOf = async (
  { ask }: Pick<World, "ask">,
  target: string,
  markers: Readonly<Record<string, string>>,
  encode: (text: string) => string = encodeURIComponent,
): Promise<ReadonlyArray<Reply>> => {
  const pages: Array<Reply> = []
  const seen = new Set<string>()
  let rest = ""
  for (;;) {
    const page = await ask("GET", target + rest)
    assert.equal(page.status, 200, page.text)
    pages.push(page)
    if (page.element("IsTruncated") !== "true") return pages
    rest = Object.entries(markers).map(([name, element]) => `&${name}=${encode(page.element(element))}`).join("")
    assert.ok(!seen.has(rest), `the page after ${rest} was given before`)
    seen.add(rest)
  }
}

/** A client that hands back what stands percent-encoded in the page. */
export const asItStands = (text: string): string => text
