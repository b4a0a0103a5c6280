/** Which bucket a request is for: by its Host, else by the first segment of its path, else the principal's only one. */
import { bucketInHost, endsInAppid, hostName, regionInHost } from "../../core/host.ts"
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
  /** The Host begins as with a bucket, perhaps of another account: without one in the path, no other is to be meant. */
  readonly isStrangers?: true
}

export const placeOf = (request: Pick<HttpRequest, "target" | "headers" | "origin">, policy: Policy): Place => {
  const path = request.target.split("?", 1)[0]!
  const host = hostName(hostOf(request))
  const named = bucketInHost(host, (label) => isOfAccount(policy, label))
  if (named !== undefined) return { ...named, path, isHosts: true }
  const region = regionInHost(host)
  const raw = path.split("/", 2)[1] ?? ""
  const segment = percentDecode(raw)
  return {
    ...(region === undefined ? {} : { region }),
    isHosts: false,
    ...(bucketInHost(host, endsInAppid) === undefined ? {} : { isStrangers: true }),
    ...(parseBucket(segment) === undefined ? { path } : { bucket: segment, path: path.slice(raw.length + 1) || "/" }),
  }
}

/**
 * A bucket of an account that the policy has one of, whether the policy has that bucket or not: that must not be told.
 * Other labels may end in digits as well, such as the Host of a proxy on Cloud Run.
 */
const isOfAccount = ({ buckets }: Policy, label: string): boolean => {
  const [end] = /-[0-9]+$/u.exec(label) ?? []
  return end !== undefined && [...buckets.keys()].some((bucket) => bucket.endsWith(end))
}
