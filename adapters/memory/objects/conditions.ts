/** Conditions on the version that a request reads. */
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { unquoted } from "./etag.ts"

/** Page 7753; of several, as HTTP has them: an ETag goes before a time. */
export const conditionOf = (facts: Facts, version: Version): "met" | "unmodified" | RefusalWithText => {
  const holds = conditionsOf((name) => facts.header(name), version)
  if (!(holds["if-match"] ?? holds["if-unmodified-since"] ?? true)) return Assumed.preconditionFailed
  return holds["if-none-match"] ?? holds["if-modified-since"] ?? true ? "met" : "unmodified"
}

/** Of a copy, each must hold (pages 10881 and 8287). */
export const refuseSourceConditions = (facts: Facts, source: Version): RefusalWithText | undefined => {
  const holds = conditionsOf((name) => facts.header(`x-cos-copy-source-${name}`), source)
  const given = names.filter((name) => holds[name] !== undefined)
  const isAllowed = given.length < 2 || together.some((pair) => given.every((name) => pair.includes(name)))
  if (!isAllowed) return Assumed.conflictingConditions
  return given.every((name) => holds[name]) ? undefined : Assumed.preconditionFailed
}

const names = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"] as const
type Name = (typeof names)[number]

const together: ReadonlyArray<ReadonlyArray<Name>> = [
  ["if-match", "if-unmodified-since"],
  ["if-none-match", "if-modified-since"],
]

export const sourceConditionHeaders: ReadonlyArray<string> = names.map((name) => `x-cos-copy-source-${name}`)

/** Undefined for one that is not given, or is a time that cannot be read, which HTTP passes over. */
const conditionsOf = (
  given: (name: Name) => string | undefined,
  { etag, lastModified }: Version,
): Readonly<Record<Name, boolean | undefined>> => {
  const [match, noneMatch] = [given("if-match"), given("if-none-match")]
  const [modified, unmodified] = [timeOf(given("if-modified-since")), timeOf(given("if-unmodified-since"))]
  const seconds = Math.floor(lastModified / 1000)
  return {
    "if-match": match === undefined ? undefined : isListed(match, etag),
    "if-none-match": noneMatch === undefined ? undefined : !isListed(noneMatch, etag),
    "if-modified-since": modified === undefined ? undefined : seconds > modified,
    "if-unmodified-since": unmodified === undefined ? undefined : seconds <= unmodified,
  }
}

const isListed = (list: string, etag: string): boolean =>
  list.trim() === "*" || list.split(",").some((entry) => unquoted(entry) === etag)

/** Seconds. Without a colon it is no time of day, though `Date.parse` would make a date of much. */
const timeOf = (text: string | undefined): number | undefined => {
  const millis = text?.includes(":") === true ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? undefined : Math.floor(millis / 1000)
}

/** `If-Range`: whether a range may be given of this version. */
export const allowsRange = (facts: Facts, { etag, lastModified }: Version): boolean => {
  const given = facts.header("if-range")
  return given === undefined || given === `"${etag}"` || timeOf(given) === Math.floor(lastModified / 1000)
}
