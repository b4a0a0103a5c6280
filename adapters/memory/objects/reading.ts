/** GET Object (page 7753) and HEAD Object (page 7745). */
import type { Headers } from "../../../core/http.ts"
import { keyOfText } from "../../../core/key.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import type { Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { encryptionHeaders, keptNames } from "./attributes.ts"
import { allowsRange, conditionOf } from "./conditions.ts"
import { quoted } from "./etag.ts"
import { refuseReading } from "./headers.ts"
import { isArchived, standardClass } from "./limits.ts"
import { versionOf } from "./lookup.ts"
import { spanOf } from "./range.ts"

export const getObject: Operation = {
  name: "GetObject",
  method: "GET",
  at: "Object",
  needs: [],
  takes: [
    "versionId",
    "x-cos-traffic-limit",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
  ],
  body: "none",
  source: "page 7753",
  refuse: (facts) => refuseReading(facts) ?? refuseOverrides(facts),
  perform: (facts) => {
    const version = versionOf(facts)
    if (isRefusal(version)) return version
    const condition = conditionOf(facts, version)
    if (condition === "unmodified") return unmodified(facts, version)
    if (condition !== "met") return condition
    return isArchived(version.storageClass) ? Assumed.archived : bytesOf(facts, version)
  },
}

export const headObject: Operation = {
  name: "HeadObject",
  method: "HEAD",
  at: "Object",
  needs: [],
  takes: ["versionId"],
  body: "none",
  source: "page 7745",
  refuse: refuseReading,
  perform: (facts) => {
    const version = versionOf(facts)
    if (isRefusal(version)) return version
    const condition = conditionOf(facts, version)
    if (condition === "unmodified") return unmodified(facts, version)
    if (condition !== "met") return condition
    return { status: 200, headers: [...headersOf(facts, version), ["Content-Length", String(version.size)]] }
  },
}

const bytesOf = (facts: Facts, version: Version): Done | RefusalWithText => {
  const { segments, size } = version
  const headers = overridden(facts, headersOf(facts, version))
  const range = allowsRange(facts, version) ? facts.header("range") : undefined
  const span = range === undefined ? undefined : spanOf(range, size)
  if (span === "beyond") return { ...Assumed.invalidRange, headers: [["Content-Range", `bytes */${size}`]] }
  if (span === undefined) return { status: 200, headers, body: { segments, start: 0, end: size } }
  const { start, end } = span
  return {
    status: 206,
    headers: [...headers, ["Content-Range", `bytes ${start}-${end - 1}/${size}`]],
    body: { segments, start, end },
  }
}

/** The length is that of the object that is not sent, which HTTP wants of a 304. */
const unmodified = (facts: Facts, version: Version): Done => ({
  status: 304,
  headers: [...headersOf(facts, version), ["Content-Length", String(version.size)]],
})

/** Standard is not named (page 43887); a version id is, once the bucket has had versioning (page 43887). */
const headersOf = (facts: Facts, version: Version): Headers => [
  ...version.headers,
  ["ETag", quoted(version.etag)],
  ["Last-Modified", new Date(version.lastModified).toUTCString()],
  ["Accept-Ranges", "bytes"],
  ["x-cos-hash-crc64ecma", version.crc64],
  ...(version.storageClass === standardClass ? [] : [["x-cos-storage-class", version.storageClass] as const]),
  ...(facts.bucket().versioning === undefined ? [] : [["x-cos-version-id", version.versionId] as const]),
  ...(version.replicationStatus === undefined
    ? []
    : [["x-cos-replication-status", version.replicationStatus] as const]),
  ...encryptionHeaders(version),
]

const overridden = (facts: Facts, headers: Headers): Headers => {
  const given = overridesOf(facts)
  return [...headers.filter(([name]) => !given.some(([other]) => other.toLowerCase() === name.toLowerCase())), ...given]
}

/** A line break would write a header of its own. */
const refuseOverrides = (facts: Facts): RefusalWithText | undefined => {
  const odd = overridesOf(facts).find(([, value]) => !/^[\t\x20-\x7e\x80-\xff]*$/u.test(value))
  return odd === undefined ? undefined : Assumed.badOverride(odd[0])
}

/** Headers are bytes, and text in them is UTF-8. */
const overridesOf = (facts: Facts): Headers =>
  keptNames.flatMap((name): Headers => {
    const value = facts.parameter(`response-${name.toLowerCase()}`)
    return value === undefined ? [] : [[name, keyOfText(value)]]
  })
