/** Which headers a request about an object may carry: what is not known here is refused by its name. */
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import * as Assumed from "./assumptions.ts"
import { trafficLimit } from "./limits.ts"

/** Of requests that write, each `x-cos-*` header must be one of these, of the common ones, or custom. */
export const refuseWriting = (facts: Facts, known: ReadonlySet<string> = none): RefusalWithText | undefined => {
  for (const [written] of facts.request.headers) {
    const name = written.toLowerCase()
    const isOwn = name.startsWith("x-cos-") && !name.startsWith(metaPrefix)
    if (name.startsWith(processingPrefix)) return Assumed.headerNotImplemented(name)
    if (isOwn ? !common.has(name) && !known.has(name) : unsupported.has(name)) {
      return Assumed.headerNotImplemented(name)
    }
  }
  const acl = facts.header("x-cos-acl") ?? ""
  if (!Assumed.acls.has(acl)) return Assumed.headerNotImplemented(`x-cos-acl: ${acl}`)
  return refuseTraffic(facts)
}

/** Of requests that read, only what would change their answer. */
export const refuseReading = (facts: Facts): RefusalWithText | undefined => {
  const name = facts.request.headers.map(([name]) => name.toLowerCase()).find((name) => name.startsWith(ownKeyPrefix))
  return name === undefined ? refuseTraffic(facts) : Assumed.headerNotImplemented(name)
}

export const metaPrefix = "x-cos-meta-"
/** SSE-C and SSE-KMS (page 7728). */
const ownKeyPrefix = "x-cos-server-side-encryption-"

/** Of Cloud Infinite, which would change what is written. */
const processingPrefix = "x-ci-"

/** `x-cos-sdk-retry` marks a repeat (nodejs sdk/base.js:4215). */
const common: ReadonlySet<string> = new Set([
  "x-cos-acl",
  "x-cos-sdk-retry",
  "x-cos-security-token",
  "x-cos-traffic-limit",
])

/** Other headers that would change what is written. No page of COS has the conditions on a write; S3 has. */
const unsupported: ReadonlySet<string> = new Set([
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-unmodified-since",
  "pic-operations",
])

/** Also as a parameter, of a signed link (page 7749). */
const refuseTraffic = (facts: Facts): RefusalWithText | undefined => {
  const text = facts.header("x-cos-traffic-limit") ?? facts.parameter("x-cos-traffic-limit")
  if (text === undefined || text === "") return undefined
  const bits = /^\d{1,10}$/u.test(text) ? Number(text) : 0
  return bits < trafficLimit.min || bits > trafficLimit.max ? Assumed.badTrafficLimit : undefined
}

const none: ReadonlySet<string> = new Set()
