/** Which bucket a request is for: by its Host, else by the first segment of its path, else the default bucket. */
import { parseBucket } from "../../core/bucket.ts"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import { readTarget } from "../../core/wire/target.ts"
import type { Bucket, State } from "./state.ts"

export type Place =
  | {
    readonly _tag: "Bucket"
    readonly bucket: Bucket
    /** Decoded, without the bucket: `/` for the bucket itself. */
    readonly path: string
    readonly isAccelerate: boolean
  }
  /** All buckets (page 8291); assumed: at a region's own host, those of that region. */
  | { readonly _tag: "Service"; readonly region?: string }
  | { readonly _tag: "Nowhere" }

export const placeOf = (request: HttpRequest, state: State, defaultBucket: string | undefined): Place => {
  const host = hostName(request)
  const { path, parameters } = readTarget(request.target)
  const named = bucketInHost(host, state)
  if (named !== undefined) return inRegion(state.buckets.get(named.bucket), path, named.region)

  const region = cosHost.exec(host)?.[2]
  const segment = path.split("/")[1] ?? ""
  if (state.buckets.has(segment)) {
    return inRegion(state.buckets.get(segment), path.slice(segment.length + 1) || "/", region)
  }
  // What looks like a bucket is never taken for a key of the default one
  if (parseBucket(segment) !== undefined) return { _tag: "Nowhere" }
  const isService = request.method === "GET" && path === "/" && !parameters.some(([name]) => name === "inventory")
  if (isService) return { _tag: "Service", ...(region === undefined ? {} : { region }) }
  return inRegion(defaultBucket === undefined ? undefined : state.buckets.get(defaultBucket), path, region)
}

/** `<bucket>.cos.<region>.myqcloud.com`, also `cos-internal` and `tencentcos.cn` (page 6224; Go SDK `cos.go:46-60`). */
const cosHost = /^(?:([^.]+)\.)?(?:cos|cos-internal)\.([a-z0-9-]+)\.(?:myqcloud\.com|tencentcos\.cn)$/u

const hostName = (request: HttpRequest): string => hostOf(request).toLowerCase().replace(/:\d+$/u, "")

/** Under a domain of COS the first label is a bucket, known or not; under any other, only when it is a known one. */
const bucketInHost = (
  host: string,
  state: State,
): { readonly bucket: string; readonly region: string | undefined } | undefined => {
  const match = cosHost.exec(host)
  if (match?.[1] !== undefined) return { bucket: match[1], region: match[2] }
  const label = host.slice(0, Math.max(0, host.indexOf(".")))
  return match === null && state.buckets.has(label) ? { bucket: label, region: undefined } : undefined
}

const accelerate = "accelerate"

/** See `wrongRegion` of the assumptions: a bucket is found at its own region's host, or at the accelerate host. */
const inRegion = (bucket: Bucket | undefined, path: string, region: string | undefined): Place =>
  bucket === undefined || (region !== undefined && region !== bucket.region && region !== accelerate)
    ? { _tag: "Nowhere" }
    : { _tag: "Bucket", bucket, path, isAccelerate: region === accelerate }
