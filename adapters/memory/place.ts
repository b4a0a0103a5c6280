/** Which bucket a request is for: by its Host, else by the first segment of its path, else the default bucket. */
import { parseBucket } from "../../core/bucket.ts"
import { bucketInHost, endsInAppid, hostName, regionInHost } from "../../core/host.ts"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import { isSignatureParameter } from "../../core/signing/mod.ts"
import { percentDecode, readTarget } from "../../core/wire/target.ts"
import type { Bucket, Reader } from "../store/mod.ts"

export type Place =
  | {
    readonly _tag: "Bucket"
    readonly bucket: Bucket
    /** As sent, without the bucket: `/` for the bucket itself. */
    readonly path: string
    readonly isAccelerate: boolean
  }
  /** All buckets (page 8291); assumed: at a region's own host, those of that region. */
  | { readonly _tag: "Service"; readonly region?: string }
  /** A bucket that is not there, or not there; by name where the request has one. */
  | { readonly _tag: "Nowhere"; readonly name?: string; readonly region?: string; readonly path: string }

export const placeOf = (
  request: Pick<HttpRequest, "method" | "target" | "headers" | "origin">,
  store: Pick<Reader, "bucket">,
  defaultBucket: string | undefined,
): Place => {
  const host = hostName(hostOf(request))
  const path = rawPath(request.target)
  const named = bucketInHost(host, isBucket(store))
  if (named !== undefined) return inRegion(store.bucket(named.bucket), named.bucket, path, named.region)

  const region = regionInHost(host)
  const raw = path.split("/", 2)[1] ?? ""
  const segment = percentDecode(raw)
  // What looks like a bucket is never taken for a key of the default one
  if (store.bucket(segment) !== undefined || parseBucket(segment) !== undefined) {
    return inRegion(store.bucket(segment), segment, path.slice(raw.length + 1) || "/", region)
  }
  const isService = request.method === "GET" && path === "/" &&
    (region !== undefined || serviceHost.test(host) || asksForService(request.target))
  if (isService) return { _tag: "Service", ...(region === undefined ? {} : { region }) }
  return defaultBucket === undefined
    ? { _tag: "Nowhere", path }
    : inRegion(store.bucket(defaultBucket), defaultBucket, path, region)
}

/**
 * Another host without a bucket, such as `127.0.0.1`, is for the service and for the default bucket. The Node SDK's
 * getBucket always has a `prefix`, the Python SDK's list_objects and coscli's list have more, and none of their lists of
 * buckets has any parameter but these. What is told apart by nothing is the Go SDK's `Bucket.Get` without a prefix, which
 * then gets the buckets.
 */
const asksForService = (target: string): boolean =>
  readTarget(target).parameters.every(([name, value]) =>
    serviceParameters.has(name) || isSignatureParameter(name, value)
  )

/** Page 8291. */
const serviceParameters: ReadonlySet<string> = new Set([
  "tagkey",
  "tagvalue",
  "region",
  "create-time",
  "range",
  "marker",
  "max-keys",
])

/** Page 8291. */
const serviceHost = /^service\.(?:cos|cos-internal)\.(?:myqcloud\.com|tencentcos\.cn)$/u

/** The bucket that a Host names, there or not. */
export const bucketOfHost = (host: string, store: Pick<Reader, "bucket">): string | undefined =>
  bucketInHost(hostName(host), isBucket(store))?.bucket

/** A bucket of which nothing is known is missing, and is no reason to look at another one. */
const isBucket = (store: Pick<Reader, "bucket">) => (label: string): boolean =>
  store.bucket(label) !== undefined || endsInAppid(label)

const rawPath = (target: string): string => {
  const at = target.indexOf("?")
  return at < 0 ? target : target.slice(0, at)
}

const accelerate = "accelerate"

/** See `wrongRegion` of the assumptions: a bucket is found at its own region's host, or at the accelerate host. */
const inRegion = (bucket: Bucket | undefined, name: string, path: string, region: string | undefined): Place =>
  bucket === undefined || (region !== undefined && region !== bucket.region && region !== accelerate)
    ? { _tag: "Nowhere", name, path, ...(region === undefined ? {} : { region }) }
    : { _tag: "Bucket", bucket, path, isAccelerate: region === accelerate }
