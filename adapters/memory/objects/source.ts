/** `x-cos-copy-source`: which version of which object is copied. */
import { hostOf } from "../../../core/http.ts"
import { type Key, keyOfRaw } from "../../../core/key.ts"
import { percentDecode } from "../../../core/wire/target.ts"
import { denied } from "../assumptions.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { headerText } from "../header-text.ts"
import { isRefusal } from "../operation.ts"
import { placeOf } from "../place.ts"
import type { Bucket, Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { refuseSourceConditions, sourceConditionHeaders } from "./conditions.ts"
import { isArchived } from "./limits.ts"

export const copySource = "x-cos-copy-source"

export const sourceHeaders: ReadonlyArray<string> = [copySource, ...sourceConditionHeaders]

export interface Source {
  readonly bucket: Bucket
  readonly version: Version
  /** The request named the version. */
  readonly isNamed: boolean
}

export const sourceOf = (facts: Facts): Source | RefusalWithText => {
  const address = addressOf(facts)
  if (isRefusal(address)) return address
  const { bucket, key, versionId } = address
  if (bucket.denied.includes("GetObject")) return denied
  const versions = facts.store.versions(bucket.name, key)
  const version = versionId === undefined ? versions[0] : versions.find((other) => other.versionId === versionId)
  if (version === undefined) return versionId === undefined ? Assumed.noSuchSource : Assumed.noSuchVersion
  if (version.isDeleteMarker) return versionId === undefined ? Assumed.noSuchSource : Assumed.markerAsSource
  const refusal = refuseSourceConditions(facts, version)
  if (refusal !== undefined) return refusal
  return isArchived(version.storageClass) ? Assumed.archived : { bucket, version, isNamed: versionId !== undefined }
}

interface Address {
  readonly bucket: Bucket
  readonly key: Key
  readonly versionId: string | undefined
}

/**
 * `<bucket>.cos.<region>.myqcloud.com/<key>`, percent-encoded (page 10881); another host, as clients of a local COS have
 * it, is read as that of a request would be, and `/bucket/key` as one to this request's own host. A question mark that is
 * not the `?versionId=` at the end belongs to a key that its client did not encode.
 */
const addressOf = (facts: Facts): Address | RefusalWithText => {
  const text = headerText(facts.header(copySource) ?? "").replace(/^https?:\/\//u, "")
  const [, address = "", versionId] = /^(.*?)(?:\?versionId=([^?&]*))?$/su.exec(text) ?? []
  const slash = address.indexOf("/")
  if (slash < 0 || versionId === "") return Assumed.badSource
  const host = address.slice(0, slash)
  const headers = [["host", host === "" ? hostOf(facts.request) : host]] as const
  const target = address.slice(slash).replaceAll("?", "%3F")
  const place = placeOf({ method: "PUT", origin: "", headers, target }, facts.store, facts.settings.defaultBucket)
  if (place._tag === "Nowhere") return place.name === undefined ? Assumed.badSource : Assumed.noSuchSource
  if (place._tag === "Service" || place.path === "/") return Assumed.badSource
  return {
    bucket: place.bucket,
    key: keyOfRaw(place.path.slice(1)),
    versionId: versionId === undefined ? undefined : percentDecode(versionId),
  }
}
