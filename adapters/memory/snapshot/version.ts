/** One version of a snapshot: what its members mean, and what is wrong with them. */
import type { Headers } from "../../../core/http.ts"
import { bytesOfKey, encodeKey, type Key, keyOfRaw, keyOfText, textOfKey } from "../../../core/key.ts"
import type { Finding } from "../../../core/lint/finding.ts"
import { nearest } from "../../../core/lint/nearest.ts"
import type { Refusal } from "../../../core/signing/mod.ts"
import { defaultType, refuseMeta, refuseTags, storageClasses } from "../objects/mod.ts"
import { syntheticSize, type Tag } from "../../store/mod.ts"
import type { ObjectForm, VersionForm } from "./form.ts"
import { problem } from "./source.ts"

/** The key of an object; undefined where neither or both members say it. */
export const keyOf = ({ key, keyEncoded }: ObjectForm): Key | undefined =>
  key === undefined
    ? keyEncoded === undefined ? undefined : keyOfRaw(keyEncoded)
    : keyEncoded === undefined
    ? keyOfText(key)
    : undefined

/** As text where it is text. */
export const writeKey = (key: Key): Pick<ObjectForm, "key" | "keyEncoded"> => {
  const text = textOfKey(key)
  return text === undefined ? { keyEncoded: encodeKey(key) } : { key: text }
}

/** Newest first. */
export const versionsOf = ({ key: _, keyEncoded: __, versions, ...only }: ObjectForm): ReadonlyArray<VersionForm> =>
  versions ?? [only]

/** Bytes; of computed bodies none, because they take no room. */
export const sizeOf = ({ body, bodyBase64 }: VersionForm): number =>
  body !== undefined ? utf8.encode(body).length : bodyBase64 !== undefined ? bodyBase64.length / 4 * 3 : 0

export const bytesOf = ({ body, bodyBase64 }: VersionForm): Uint8Array =>
  bodyBase64 === undefined ? utf8.encode(body ?? "") : bytesOfKey(atob(bodyBase64))

/** Text where the bytes are UTF-8. */
export const writeBody = (bytes: Uint8Array, binary: string): Pick<VersionForm, "body" | "bodyBase64"> => {
  if (bytes.length === 0) return {}
  try {
    return { body: strict.decode(bytes) }
  } catch {
    return { bodyBase64: btoa(binary) }
  }
}

const utf8 = new TextEncoder()
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** More would be an object of 10 GiB. */
const mostRefs = 10_000

/** The refs of a computed body, one for each of its parts; undefined where one is none. */
export const refsOf = ({ bodyComputed = [] }: VersionForm): ReadonlyArray<string> | undefined => {
  const refs: Array<string> = []
  for (const text of bodyComputed) {
    const [ref = "", times = "1", ...more] = text.split("*")
    const count = /^[1-9]\d{0,4}$/u.test(times) ? Number(times) : 0
    if (syntheticSize(ref) === undefined || count === 0 || more.length > 0 || refs.length + count > mostRefs) {
      return undefined
    }
    for (let nth = 0; nth < count; nth++) refs.push(ref)
  }
  return refs
}

export const writeRefs = (refs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const runs: Array<{ readonly ref: string; count: number }> = []
  for (const ref of refs) {
    const last = runs.at(-1)
    if (last?.ref === ref) last.count++
    else runs.push({ ref, count: 1 })
  }
  return runs.map(({ ref, count }) => count === 1 ? ref : `${ref}*${count}`)
}

/** A list of headers is taken as it is; otherwise there is a type. */
export const headersOf = ({ contentType, headers = {}, meta = {}, deleteMarker }: VersionForm): Headers => {
  const given = isPairs(headers) ? headers : Object.entries(headers)
  const isTyped = isPairs(headers) || deleteMarker === true ||
    given.some(([name]) => name.toLowerCase() === "content-type")
  return [
    ...(contentType !== undefined
      ? [["Content-Type", contentType] as const]
      : isTyped
      ? []
      : [["Content-Type", defaultType] as const]),
    ...given,
    ...Object.entries(meta).map(([name, value]) => [`x-cos-meta-${name.toLowerCase()}`, value] as const),
  ]
}

export const tagsOf = ({ tags = [] }: VersionForm): ReadonlyArray<Tag> =>
  isTags(tags) ? tags : Object.entries(tags).map(([key, value]) => ({ key, value }))

/** `Array.isArray` does not tell readonly ones apart. */
const isPairs = (headers: NonNullable<VersionForm["headers"]>): headers is Headers => Array.isArray(headers)
const isTags = (tags: NonNullable<VersionForm["tags"]>): tags is ReadonlyArray<Tag> => Array.isArray(tags)

/** What is wrong with one version by itself. */
export const versionProblems = function* (version: VersionForm, at: string): Iterable<Finding> {
  const bodies = bodyMembers.filter((member) => version[member] !== undefined)
  if (bodies.length > 1) {
    yield problem(
      "body-repeated",
      `${at}.${bodies[1]}`,
      "The body is given twice",
      "one of body, bodyBase64, bodyComputed",
      "Remove the others",
    )
  }
  if (version.body !== undefined && hasLoneSurrogate(version.body)) {
    yield problem(
      "not-text",
      `${at}.body`,
      "The text has half of a surrogate pair",
      "text, or bodyBase64",
      "Write it as bodyBase64",
    )
  }
  if (version.bodyBase64 !== undefined && !base64.test(version.bodyBase64)) {
    yield problem(
      "not-base64",
      `${at}.bodyBase64`,
      "The value is not base64",
      "base64 with padding, in one line",
      "Encode the bytes again",
      version.bodyBase64,
    )
  }
  if (refsOf(version) === undefined) {
    yield problem(
      "not-computed",
      `${at}.bodyComputed`,
      "A ref names no synthetic body",
      `=<seed>/<number> or =<seed>/<number>*<times>, at most ${mostRefs} together`,
      "Give the refs that a snapshot printed",
      version.bodyComputed,
    )
  }
  if (version.deleteMarker === true) {
    for (const member of objectMembers) {
      if (version[member] === undefined) continue
      yield problem(
        "delete-marker",
        `${at}.${member}`,
        "A delete marker has nothing of an object",
        "versionId, sequence and lastModified",
        `Remove ${member}`,
      )
    }
    return
  }
  const { storageClass } = version
  if (storageClass !== undefined && !storageClasses.has(storageClass)) {
    const meant = nearest(storageClass, storageClasses)
    yield problem(
      "storage-class",
      `${at}.storageClass`,
      "The storage class is unknown",
      [...storageClasses].join(", "),
      meant === undefined ? "Write one of them" : `Did you mean "${meant}"?`,
      storageClass,
    )
  }
  const tags = refuseTags(tagsOf(version))
  if (tags !== undefined) {
    yield problem(
      "tags-refused",
      `${at}.tags`,
      sentence(tags),
      "tags of page 35709: letters, digits, spaces and + - = . _ : / @, and no empty key",
      "Correct the tags",
      version.tags,
    )
  }
  const headers = headersOf(version)
  const meta = refuseMeta(headers)
  if (meta !== undefined) {
    yield problem(
      "meta-refused",
      `${at}.${version.meta === undefined ? "headers" : "meta"}`,
      sentence(meta),
      "custom headers of page 7749: letters, digits and hyphens in their names",
      "Correct the custom headers",
      version.meta ?? version.headers,
    )
  }
  const seen = new Set<string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    const isSound = /^[!#$%&'*+.^_`|~A-Za-z0-9-]+$/u.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/u.test(value)
    if (!isSound) {
      yield problem(
        "header-form",
        `${at}.headers`,
        "HTTP cannot carry the header",
        "a token, and printable characters",
        "Percent-encode the value",
        `${name}: ${value}`,
      )
    } else if (seen.has(lower)) {
      yield problem(
        "header-repeated",
        `${at}.headers`,
        "The header stands twice",
        "each header once",
        `Remove one of them`,
        name,
      )
    }
    seen.add(lower)
  }
}

/** What PUT Object would be answered, as a finding says it. */
const sentence = ({ message }: Refusal): string => message.replace(/\.$/u, "")

const bodyMembers = ["body", "bodyBase64", "bodyComputed"] as const
const objectMembers = [
  ...bodyMembers,
  "etag",
  "multipart",
  "contentType",
  "headers",
  "meta",
  "storageClass",
  "tags",
  "encryption",
  "replicationStatus",
] as const

export const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text)
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/
