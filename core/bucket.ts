/** Bucket names, regions and the resource names that inventory destinations use. */

/** The two parts of a full bucket name, `<name>-<appid>` (page 13312). */
export interface BucketName {
  readonly name: string
  /** Digits of the account, such as `1250000000`. */
  readonly appid: string
}

export interface BucketResource extends BucketName {
  readonly region: string
}

/** A bucket as far as it is known. */
export interface BucketRef {
  /** `<name>-<appid>`. */
  readonly bucket: string
  readonly region?: string
}

/** Lower-case letters, digits and inner hyphens, then `-<appid>` (page 13312; form as in the Go SDK's `cos.go:46-60`). */
export const bucketPattern = /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)-([0-9]+)$/u
/** As in the Go SDK's `cos.go:46-60`; regions are not enumerated, because new ones must not need a release. */
export const regionPattern = /^[a-z]+(?:-[a-z0-9]+)+$/u
const resourcePattern = /^qcs::cos:([^:]*)::([^:/]*)$/u

/** Reads `<name>-<appid>`. */
export const parseBucket = (text: string): BucketName | undefined => {
  const match = bucketPattern.exec(text)
  return match === null ? undefined : { name: match[1]!, appid: match[2]! }
}

/** Reads `<name>-<appid>@<region>`, or a name without a region. Neither part is checked. */
export const parseBucketRef = (text: string): BucketRef => {
  const at = text.indexOf("@")
  return at < 0 ? { bucket: text } : { bucket: text.slice(0, at), region: text.slice(at + 1) }
}

/** Reads `qcs::cos:<region>::<name>-<appid>`. */
export const parseResource = (text: string): BucketResource | undefined => {
  const match = resourcePattern.exec(text)
  const bucket = match === null ? undefined : parseBucket(match[2]!)
  return match === null || bucket === undefined || !regionPattern.test(match[1]!)
    ? undefined
    : { region: match[1]!, ...bucket }
}

/** Writes `qcs::cos:<region>::<bucket>` (page 30625); neither part is checked. */
export const writeResource = (region: string, bucket: string): string => `qcs::cos:${region}::${bucket}`

/** The form of a resource name, as it is told to people. */
export const resourceForm = writeResource("<region>", "<name>-<appid>")

/**
 * A destination as people write it: the resource name, `name-appid`, or `cos://name-appid/prefix`.
 * The short forms take the region of the source bucket; without one they stay as they are and are reported.
 */
export const expandDestination = (
  text: string,
  region: string | undefined,
): { readonly bucket: string; readonly prefix?: string } => {
  const url = /^cos:\/\/([^/]+)(?:\/(.*))?$/u.exec(text)
  const name = url === null ? text : url[1]!
  const prefix = url?.[2]
  if (region === undefined || parseBucket(name) === undefined) return { bucket: text }
  return { bucket: writeResource(region, name), ...(prefix === undefined || prefix === "" ? {} : { prefix }) }
}
