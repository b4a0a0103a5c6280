/** Which bucket a request is for: by its Host, else by the first segment of its path, else the principal's only one. */
import { bucketInHost, hostName, regionInHost } from "../../core/host.ts"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import { parseBucket } from "../../core/bucket.ts"
import { percentDecode } from "../../core/wire/target.ts"
import type { Policy } from "../../core/policy/mod.ts"

export interface Place {
  /** As the request names it, which need not be a bucket of the policy's. */
  readonly bucket?: string
  /** As the Host names it, with a bucket or without one. */
  readonly region?: string
  /** What the path has beside the bucket, as sent: `/` for the bucket itself. */
  readonly path: string
  /** The Host names the bucket, so that every path is that bucket's. */
  readonly isHosts: boolean
}

export const placeOf = (request: Pick<HttpRequest, "target" | "headers" | "origin">, policy: Policy): Place => {
  const path = request.target.split("?", 1)[0]!
  const host = hostName(hostOf(request))
  const named = bucketInHost(host, (label) => policy.buckets.has(label))
  if (named !== undefined) return { ...named, path, isHosts: true }
  const region = regionInHost(host)
  const raw = path.split("/", 2)[1] ?? ""
  const segment = percentDecode(raw)
  return {
    ...(region === undefined ? {} : { region }),
    isHosts: false,
    ...(parseBucket(segment) === undefined ? { path } : { bucket: segment, path: path.slice(raw.length + 1) || "/" }),
  }
}
