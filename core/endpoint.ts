/** Where requests go: COS's own hosts by default, or an endpoint such as a local COS, a proxy or an internal domain. */
import * as Result from "effect/Result"
import { parseBucket, parseBucketRef, regionPattern } from "./bucket.ts"
import { InvalidInput } from "./errors.ts"
import type { Finding } from "./lint/finding.ts"
import { withoutUser } from "./redact.ts"

/** One bucket and how to reach it. */
export interface BucketAt {
  readonly bucket: string
  readonly region: string
  /** An origin in which `{bucket}` and `{region}` are replaced; without `{bucket}` the bucket leads the path. */
  readonly endpoint?: string
}

/** Origin and path of a request's target. */
export interface Address {
  readonly origin: string
  readonly path: string
}

/** Page 6224. */
export const defaultEndpoint = "https://{bucket}.cos.{region}.myqcloud.com"
/** Page 8291: lists the buckets of all regions. */
export const serviceEndpoint = "https://service.cos.myqcloud.com"

/** The address of a bucket; every part is checked, because a wrong one would reach some other host. */
export const bucketAddress = (at: BucketAt): Result.Result<Address, InvalidInput> => {
  const findings = [...checkBucket(at.bucket), ...checkRegion(at.region), ...checkEndpoint(at.endpoint)]
  if (findings.length > 0) return Result.fail(new InvalidInput({ findings }))
  const endpoint = trimSlash(at.endpoint ?? defaultEndpoint)
  const origin = withoutDefaultPort(endpoint.replaceAll("{bucket}", at.bucket).replaceAll("{region}", at.region))
  return Result.succeed({ origin, path: endpoint.includes("{bucket}") ? "/" : `/${at.bucket}/` })
}

/** The address that lists buckets: the endpoint without its bucket label, else COS's service host. */
export const serviceAddress = (
  at: { readonly endpoint?: string; readonly region?: string },
): Result.Result<Address, InvalidInput> => {
  const { endpoint, region } = at
  const needsRegion = isOfOneRegion(endpoint)
  const findings = [...checkEndpoint(endpoint), ...(needsRegion ? checkRegion(region ?? "") : [])]
  if (findings.length > 0) return Result.fail(new InvalidInput({ findings }))
  if (endpoint === undefined) return Result.succeed({ origin: serviceEndpoint, path: "/" })
  const origin = trimSlash(endpoint).replace("{bucket}.", "").replaceAll("{region}", region ?? "")
  return Result.succeed({ origin: withoutDefaultPort(origin), path: "/" })
}

/** Whether that address lists the buckets of one region alone (page 8291). */
export const isOfOneRegion = (endpoint: string | undefined): boolean => endpoint?.includes("{region}") === true

const trimSlash = (text: string): string => text.endsWith("/") ? text.slice(0, -1) : text

/** Clients leave a default port out of `Host`, and the host is signed. */
const withoutDefaultPort = (origin: string): string =>
  origin.replace(/^(https:\/\/[^/]+):443$/u, "$1").replace(/^(http:\/\/[^/]+):80$/u, "$1").replace(
    /^[a-z]+:\/\/.*$/u,
    (all) => all.toLowerCase(),
  )

const finding = (
  path: string,
  message: string,
  found: string,
  allowed: string,
  fix: string,
  source: string,
): Finding => ({
  code: `${path}-form`,
  severity: "error",
  path,
  message,
  found,
  allowed,
  fix,
  source,
})

export const checkBucket = (bucket: string): ReadonlyArray<Finding> => {
  if (parseBucket(bucket) !== undefined) return []
  const lacksAppid = /^[a-z0-9-]+$/u.test(bucket) && !/-[0-9]+$/u.test(bucket)
  return [finding(
    "bucket",
    lacksAppid ? "The bucket must end in -<appid>" : "The bucket is not a bucket name",
    bucket,
    "<name>-<appid> of a-z 0-9 and -, such as examplebucket-1250000000",
    lacksAppid ? `Write ${bucket}-<appid>, with the owner's APPID` : "Correct the bucket's name",
    "page 13312",
  )]
}

/** What is wrong with a bucket as flags and files name it, `<name>-<appid>` or `<name>-<appid>@<region>`. */
export const checkBucketRef = (text: string): ReadonlyArray<Finding> => {
  const { bucket, region } = parseBucketRef(text)
  const wrong = checkBucket(bucket)
  return wrong.length > 0 || region === undefined ? wrong : checkRegion(region)
}

export const checkRegion = (region: string): ReadonlyArray<Finding> =>
  regionPattern.test(region) ? [] : [
    finding(
      "region",
      "The region is not a region",
      region,
      "a region such as ap-guangzhou or eu-frankfurt",
      "Correct the region",
      "page 6224",
    ),
  ]

const endpointPattern = /^https?:\/\/(?:[A-Za-z0-9{}._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/u

export const checkEndpoint = (endpoint: string | undefined): ReadonlyArray<Finding> => {
  if (endpoint === undefined) return []
  const unknown = /\{(?!bucket\}|region\})[^}]*\}?/u.exec(endpoint)?.[0]
  if (endpointPattern.test(endpoint) && unknown === undefined) return []
  const hasPath = /^https?:\/\/[^/?#]+[/?#]./u.test(endpoint)
  const fix = unknown !== undefined
    ? `Replace ${unknown}`
    : hasPath
    ? "Leave the path out: the endpoint is an origin"
    : /^https?:\/\//u.test(endpoint)
    ? "Correct the host"
    : "Begin it with https:// (or http:// for a local COS)"
  const allowed = "http(s)://host[:port], with {bucket} and {region} where they belong"
  return [
    finding("endpoint", "The endpoint is not an origin", withoutUser(endpoint), allowed, fix, "the README's settings"),
  ]
}
