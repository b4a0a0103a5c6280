/** Buckets as rules documents and flags name them. */
import { parseBucketRef, regionPattern } from "../bucket.ts"
import { checkBucketRef } from "../endpoint.ts"
import { nearest } from "../lint/nearest.ts"
import { isObject, type Path, pathText, unknownKey, withPosition } from "../wire/json.ts"
import { type Problems, report } from "./problem.ts"
import type { Selector } from "./ruleset.ts"

/** Reads `buckets`; what names no bucket is reported and left out. */
export const selectorsOf = (items: ReadonlyArray<unknown>, problems: Problems): ReadonlyArray<Selector> => {
  const named = new Set<string>()
  return items.flatMap((item, i) => {
    const path = ["buckets", i]
    const selectors = selectorOf(item, path, problems)
    for (const selector of selectors) {
      const name = JSON.stringify([selector.bucket, selector.match, selector.region])
      if (named.has(name)) report(problems, path, item, repeated, "warning")
      named.add(name)
    }
    return selectors
  })
}

const selectorOf = (item: unknown, path: Path, problems: Problems): ReadonlyArray<Selector> => {
  const position = problems.positionOf(path)
  const placed = position === undefined ? {} : { position }
  if (typeof item === "string") {
    const { bucket, region } = parseBucketRef(item)
    if (/[*?]/u.test(bucket)) {
      const fix = `Write { match: "${bucket}"${region === undefined ? "" : `, region: ${region}`} }`
      report(problems, path, item, { ...bucketForm, fix })
      return []
    }
    const wrong = checkBucketRef(item)
    problems.findings.push(...wrong.map((f) => withPosition({ ...f, path: pathText(path) }, position)))
    return wrong.length > 0 ? [] : [{ bucket, ...(region === undefined ? {} : { region }), ...placed }]
  }
  if (isObject(item)) return matching(item, path, problems).map((selector) => ({ ...selector, ...placed }))
  report(problems, path, item, bucketForm)
  return []
}

/** `{ match, region }`: the names are those of a glob, the region one region. */
const matching = (
  item: Readonly<Record<string, unknown>>,
  path: Path,
  problems: Problems,
): ReadonlyArray<Selector> => {
  const { match, region } = item
  const name = item["bucket"] ?? item["name"]
  if (match === undefined && typeof name === "string") {
    const fix = `Write ${name}${typeof region === "string" ? `@${region}` : ""} alone`
    report(problems, path, item, { ...bucketForm, fix })
    return []
  }
  const unknown = Object.keys(item).filter((key) => !selectorKeys.includes(key))
  for (const key of unknown) {
    const at = [...path, key]
    problems.findings.push(withPosition(unknownKey(key, pathText(at), selectorKeys), problems.positionOf(at)))
  }
  if (typeof match !== "string" || !namePattern.test(match)) {
    if (match !== undefined) report(problems, [...path, "match"], match, matchForm)
    // What is meant to be `match` is told already
    else if (!unknown.some((key) => nearest(key, selectorKeys) === "match")) report(problems, path, item, bucketForm)
    return []
  }
  if (region !== undefined && (typeof region !== "string" || !regionPattern.test(region))) {
    report(problems, [...path, "region"], region, regionForm)
    return []
  }
  return [{ match, ...(region === undefined ? {} : { region }) }]
}

const selectorKeys = ["match", "region"]

/** Characters of bucket names (page 13312), and those of globs. */
export const namePattern = /^[a-z0-9*?-]+$/u

const bucketForm = {
  code: "bucket-form",
  message: "This names no bucket",
  allowed: '<name>-<appid>@<region>, or { match: "logs-*", region: ap-guangzhou }',
  fix: "Write it in one of these forms",
} as const

const matchForm = {
  code: "match-form",
  message: "This is no pattern of bucket names",
  allowed: "a-z 0-9 and -, with * and ?, such as logs-*; it is held against <name>-<appid>",
  fix: "Correct it",
} as const

const regionForm = {
  code: "region-form",
  message: "The region is not a region",
  allowed: "a region such as ap-guangzhou or eu-frankfurt",
  fix: "Correct the region",
} as const

const repeated = {
  code: "bucket-repeated",
  message: "The bucket is named twice",
  allowed: "each bucket once",
  fix: "Remove one of them",
} as const
