/** Rows about where reports go. */
import { expandDestination, parseBucket, parseResource, regionPattern, resourceForm, writeResource } from "../bucket.ts"
import { accountIdPattern, formats } from "../limits.ts"
import type { Context, Row } from "./context.ts"
import { oneOf } from "./hits.ts"

const put = "page 30625"

export const destinationRows: ReadonlyArray<Row> = [
  {
    code: "destination-bucket",
    severity: "error",
    message: "The destination bucket is not a resource name",
    why: "COS finds the destination by its resource name alone",
    source: put,
    *check({ destination }, { region }) {
      const bucket = destination?.bucket
      if (bucket !== undefined && bucket !== "" && parseResource(bucket) === undefined) {
        yield { path: "destination.bucket", found: bucket, ...explainBucket(bucket, region) }
      }
    },
  },
  {
    code: "destination-region",
    severity: "error",
    message: "The destination is in another region than the source bucket",
    why: "COS delivers reports inside one region only",
    source: "page 30625: source and destination are in the same region",
    *check({ destination }, { region }) {
      const resource = destination?.bucket === undefined ? undefined : parseResource(destination.bucket)
      if (region === undefined || resource === undefined || resource.region === region) return
      const fix = `Choose a destination bucket in ${region}, or correct the source bucket's region`
      yield { path: "destination.bucket", found: destination?.bucket, allowed: `a bucket in ${region}`, fix }
    },
  },
  {
    code: "account-id",
    severity: "error",
    message: "The account id is not a number",
    why: "The owner is named by digits",
    source: `${put}: the UIN of the owner`,
    *check({ destination }) {
      const id = destination?.accountId
      if (id === undefined || id === "" || accountIdPattern.test(id)) return
      const fix = "Write the UIN of the owner's root account, or remove it"
      yield { path: "destination.accountId", found: id, allowed: "digits, such as 100000000001", fix }
    },
  },
  {
    code: "format-known",
    severity: "error",
    message: "The report format is unknown",
    why: "COS writes reports in the documented format alone",
    source: `${put}; ORC stands on page 30623 (2021) alone`,
    *check({ destination }) {
      yield* oneOf("destination.format", destination?.format, formats)
    },
  },
]

/** A bucket with its region, as `buckets` names it, or as the host that it is reached by (page 6224). */
const hostForm =
  /^(?:https?:\/\/)?([a-z0-9-]+-[0-9]+)(?:@|\.cos\.)([a-z0-9-]+)(?:\.(?:myqcloud|tencentcos)\.(?:com|cn))?\/?$/u

/** Says which part of a destination is wrong, and writes the right one where it can be known. */
const explainBucket = (
  bucket: string,
  region: Context["region"],
): { readonly allowed: string; readonly fix: string; readonly message?: string } => {
  const { bucket: whole, prefix } = expandDestination(bucket, region ?? "<region>")
  if (whole !== bucket) {
    const rest = prefix === undefined ? "" : `, and ${prefix} as destination.prefix`
    return { allowed: resourceForm, fix: `Write ${whole}${rest}${region === undefined ? ", or give the region" : ""}` }
  }
  const host = hostForm.exec(bucket)
  const [, named = "", there = ""] = host ?? []
  if (host !== null && regionPattern.test(there)) {
    if (region !== undefined && there !== region) {
      return { allowed: resourceForm, fix: `Choose a bucket in ${region}, or correct the source bucket's region` }
    }
    return { allowed: resourceForm, fix: `Write ${region === undefined ? writeResource(there, named) : named}` }
  }
  if (/^[a-z0-9-]+$/u.test(bucket)) {
    return {
      message: "The destination bucket must end in -<appid>",
      allowed: `${bucket}-<appid>`,
      fix: `Write ${bucket}-<appid>, with the owner's APPID`,
    }
  }
  const parts = bucket.split(":")
  if (parts[0] !== "qcs" || parts[2] !== "cos") return { allowed: resourceForm, fix: 'Begin it with "qcs::cos:"' }
  if (!regionPattern.test(parts[3] ?? "")) {
    return {
      message: "The destination's region is not a region",
      allowed: resourceForm,
      fix: "Write a region such as ap-guangzhou after qcs::cos:",
    }
  }
  if (parts[4] !== "") return { allowed: resourceForm, fix: "Leave nothing between the two colons after the region" }
  return parseBucket(parts[5] ?? "") === undefined
    ? {
      message: "The destination bucket must end in -<appid>",
      allowed: resourceForm,
      fix: "Write the bucket as name-1250000000, with the owner's APPID",
    }
    : { allowed: resourceForm, fix: "Leave nothing after the bucket: the report's prefix is destination.prefix" }
}
