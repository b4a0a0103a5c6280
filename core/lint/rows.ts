/** Every rule about the meaning of an inventory rule, one row each. A new finding is one row here. */
import { expandDestination, parseBucket, parseResource, regionPattern, resourceForm } from "../bucket.ts"
import {
  accountIdPattern,
  formats,
  frequencies,
  idCharacters,
  idPattern,
  includedObjectVersions,
  maxEpochSeconds,
  metaField,
  monthlyDates,
  optionalFields,
} from "../limits.ts"
import type { Draft } from "../rule.ts"
import { writeTime } from "../time.ts"
import type { Context, Hit, Row } from "./context.ts"
import { extraRows } from "./extra.ts"
import { nearest } from "./nearest.ts"
import { textRows } from "./text.ts"

const put = "page 30625"

export const rows: ReadonlyArray<Row> = [
  {
    code: "id-characters",
    severity: "error",
    message: "The id holds characters that COS does not allow",
    source: put,
    *check({ id }) {
      if (id !== undefined && id !== "" && !idPattern.test(id)) {
        yield { path: "id", found: id, allowed: idCharacters, fix: "Rename the rule" }
      }
    },
  },
  {
    code: "versions-known",
    severity: "error",
    message: "The included object versions are unknown",
    source: put,
    *check({ includedObjectVersions: word }) {
      yield* oneOf("includedObjectVersions", word, includedObjectVersions)
    },
  },
  {
    code: "frequency-known",
    severity: "error",
    message: "The frequency is unknown",
    source: put,
    *check({ schedule }) {
      yield* oneOf("schedule.frequency", schedule?.frequency, frequencies)
    },
  },
  {
    code: "monthly-date",
    severity: "error",
    message: "The monthly date and the frequency do not fit",
    source: put,
    *check({ schedule }) {
      const path = "schedule.monthlyDate"
      const range = `${monthlyDates.min} to ${monthlyDates.max}`
      const date = schedule?.monthlyDate
      if (schedule?.frequency === "Monthly" && date === undefined) {
        yield { path, message: "A monthly rule has no monthly date", allowed: range, fix: "Add schedule.monthlyDate" }
      }
      if (date === undefined) return
      if (schedule?.frequency !== undefined && schedule.frequency !== "Monthly") {
        const fix = "Remove it, or set schedule.frequency to Monthly"
        yield { path, message: "Only a monthly rule has a monthly date", found: date, allowed: "no monthly date", fix }
      } else if (date < monthlyDates.min || date > monthlyDates.max) {
        const fix = "Choose a day that every month has"
        yield { path, message: "The monthly date is out of range", found: date, allowed: range, fix }
      }
    },
  },
  {
    code: "filter-empty",
    severity: "error",
    message: "The filter says nothing, so the whole bucket would be listed",
    source: put,
    isAboutAbsence: true,
    *check({ filter, extra }, { kind }) {
      const fix = `Give it a prefix, tags or a period, or remove it to list the whole bucket (${
        kind === "job" ? "once" : "each time"
      })`
      const allowed = "a filter with at least one condition, or no filter"
      if (filter === undefined) return
      const keeps = (place: string) => extra?.some((e) => e.in === place || e.in.startsWith(`${place}/`)) === true
      if (saysNothing(filter) && !keeps("/Filter")) {
        yield { path: filter.prefix === "" ? "filter.prefix" : "filter", allowed, fix }
        return
      }
      for (const key of ["prefix", "storageClass"] as const) {
        if (filter[key] !== "") continue
        const message = "A condition of the filter is empty and says nothing"
        yield { path: `filter.${key}`, message, allowed: "some text", fix: "Fill or remove it" }
      }
      if (filter.period !== undefined && Object.keys(filter.period).length === 0 && !keeps("/Filter/Period")) {
        const message = "The period says nothing"
        yield { path: "filter.period", message, allowed: "a startTime, an endTime or both", fix: "Fill or remove it" }
      }
    },
  },
  {
    code: "tag-key",
    severity: "error",
    message: "A tag of the filter is incomplete",
    source: put,
    *check({ filter }) {
      for (const [i, tag] of (filter?.tags ?? []).entries()) {
        if (tag.key === undefined || tag.key === "") {
          yield { path: `filter.tags[${i}].key`, allowed: "a tag key", fix: "Name the tag's key" }
        }
        if (tag.value === undefined) {
          yield {
            path: `filter.tags[${i}].value`,
            allowed: "a tag value",
            fix: 'Give the tag\'s value; "" for an empty one',
          }
        }
      }
    },
  },
  {
    code: "tag-repeated",
    severity: "error",
    message: "A tag key stands more than once",
    source: "assumed: an object has each tag key once",
    *check({ filter }) {
      const keys = filter?.tags?.map(({ key }) => key === "" ? undefined : key)
      yield* repeats(keys, (i) => `filter.tags[${i}].key`, "each key once")
    },
  },
  {
    code: "tag-needs-field",
    severity: "error",
    message: "A filter by tag needs the field Tag",
    source: "page 30625: if object tags are used in the filter, tags should be added to the fields",
    *check({ filter, optionalFields: fields = [] }) {
      if ((filter?.tags?.length ?? 0) > 0 && !fields.includes("Tag")) {
        yield { path: "optionalFields", allowed: "a list with Tag in it", fix: "Add Tag to optionalFields" }
      }
    },
  },
  {
    code: "time-range",
    severity: "error",
    message: "The time is not in epoch seconds",
    source: put,
    *check({ filter }) {
      for (const key of ["startTime", "endTime"] as const) {
        const time = filter?.period?.[key]
        if (time === undefined || (time >= 0 && time <= maxEpochSeconds)) continue
        const inSeconds = Math.trunc(time / 1000)
        const fix = time < 0
          ? "Choose a time after 1970"
          : inSeconds <= maxEpochSeconds
          ? `This looks like milliseconds: write ${inSeconds} (${writeTime(inSeconds)})`
          : "Write it in whole seconds since 1970"
        yield { path: `filter.period.${key}`, found: time, allowed: `0 to ${maxEpochSeconds}`, fix }
      }
    },
  },
  {
    code: "period-order",
    severity: "error",
    message: "The period ends before it starts",
    source: put,
    *check({ filter }) {
      const { startTime: start, endTime: end } = filter?.period ?? {}
      if (start === undefined || end === undefined || start < end) return
      const found = `${instant(start)} to ${instant(end)}`
      const message = start === end ? "The period has no length" : "The period ends before it starts"
      yield {
        path: "filter.period.startTime",
        message,
        found,
        allowed: "a startTime before the endTime",
        fix: "Swap or correct them",
      }
    },
  },
  {
    code: "field-known",
    severity: "error",
    message: "The optional field is unknown",
    source: put,
    *check({ optionalFields: fields = [] }) {
      for (const [i, field] of fields.entries()) {
        if ((optionalFields as ReadonlyArray<string>).includes(field) || metaField.test(field)) continue
        const near = nearest(field, optionalFields)
        const allowed = `${optionalFields.slice(0, -1).join(", ")}, x-cos-meta-<name>`
        yield {
          path: `optionalFields[${i}]`,
          found: field,
          allowed,
          fix: near === undefined ? "Correct or remove it" : `Did you mean "${near}"?`,
        }
      }
    },
  },
  {
    code: "field-repeated",
    severity: "error",
    message: "An optional field stands more than once",
    source: "assumed: a report has each column once",
    *check({ optionalFields: fields }) {
      // Names of headers ignore case
      const fold = (field: string) => field.toLowerCase()
      yield* repeats(fields, (i) => `optionalFields[${i}]`, "each field once", fold)
    },
  },
  {
    code: "destination-bucket",
    severity: "error",
    message: "The destination bucket is not a resource name",
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
    source: `${put}; ORC stands on page 30623 (2021) alone`,
    *check({ destination }) {
      yield* oneOf("destination.format", destination?.format, formats)
    },
  },
  {
    code: "job-members",
    severity: "error",
    message: "A one-time job has no schedule and is not enabled or disabled",
    source: "page 46869",
    *check(draft, { kind }) {
      if (kind === "configuration") return
      for (const path of ["isEnabled", "schedule"] as const) {
        if (draft[path] !== undefined) {
          yield { path, found: draft[path], allowed: "nothing", fix: `Remove ${path}, or treat it as a periodic rule` }
        }
      }
    },
  },
  ...textRows,
  ...extraRows,
]

const oneOf = function* (path: string, word: string | undefined, allowed: ReadonlyArray<string>): Iterable<Hit> {
  if (word === undefined || word === "" || allowed.includes(word)) return
  const near = nearest(word, allowed)
  yield {
    path,
    found: word,
    allowed: allowed.join(", "),
    fix: near === undefined ? "Choose one of these" : `Did you mean "${near}"?`,
  }
}

const repeats = function* (
  words: ReadonlyArray<string | undefined> | undefined,
  pathOf: (index: number) => string,
  allowed: string,
  fold = (word: string) => word,
): Iterable<Hit> {
  const seen = new Set<string>()
  for (const [i, word] of (words ?? []).entries()) {
    if (word === undefined) continue
    if (seen.has(fold(word))) yield { path: pathOf(i), found: word, allowed, fix: "Remove the repetition" }
    seen.add(fold(word))
  }
}

const saysNothing = (filter: NonNullable<Draft["filter"]>): boolean =>
  (filter.prefix ?? "") === "" && (filter.tags?.length ?? 0) === 0 && (filter.storageClass ?? "") === "" &&
  Object.keys(filter.period ?? {}).length === 0

const instant = (seconds: number): string => Math.abs(seconds) > maxEpochSeconds ? String(seconds) : writeTime(seconds)

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
