/** Which bucket a request is for: by its Host, else by the first segment of its path, else the principal's only one. */
import { bucketInHost, hostName } from "../../core/host.ts"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import { parseBucket } from "../../core/bucket.ts"
import { percentDecode } from "../../core/wire/target.ts"
import type { Policy } from "../../core/policy/mod.ts"

export interface Place {
  /** As the request names it, which need not be a bucket of the policy's. */
  readonly bucket?: string
  /** As the Host names it. */
  readonly region?: string
  /** What the path has beside the bucket, as sent: `/` for the bucket itself. */
  readonly path: string
  /** The Host names the bucket, so that every path is that bucket's. */
  readonly isHosts: boolean
}

export const placeOf = (request: Pick<HttpRequest, "target" | "headers" | "origin">, policy: Policy): Place => {
  const path = request.target.split("?", 1)[0]!
  const named = bucketInHost(hostName(hostOf(request)), (label) => policy.buckets.has(label))
  if (named !== undefined) return { ...named, path, isHosts: true }
  const raw = path.split("/", 2)[1] ?? ""
  const segment = percentDecode(raw)
  return parseBucket(segment) === undefined
    ? { path, isHosts: false }
    : { bucket: segment, path: path.slice(raw.length + 1) || "/", isHosts: false }
}
