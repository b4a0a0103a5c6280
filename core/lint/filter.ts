/** Rows about which objects are listed. */
import { maxEpochSeconds } from "../limits.ts"
import type { Draft } from "../rule.ts"
import { writeTime } from "../time.ts"
import type { Row } from "./context.ts"
import type { Edit } from "./finding.ts"
import { isSpelling, repeats } from "./hits.ts"

const put = "page 30625"

export const filterRows: ReadonlyArray<Row> = [
  {
    code: "filter-empty",
    severity: "error",
    message: "The filter says nothing, so the whole bucket would be listed",
    why: "An empty filter means the whole bucket, which is listed and billed",
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
    why: "Half a tag matches nothing, or everything",
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
    why: "An object has one value for a tag key, so that two of them match nothing",
    source: "assumed: an object has each tag key once",
    *check({ filter }) {
      const tags = filter?.tags ?? []
      const keys = tags.map(({ key }) => key === "" ? undefined : key)
      const values = new Map<string | undefined, Set<string | undefined>>()
      for (const { key, value } of tags) values.set(key, (values.get(key) ?? new Set()).add(value))
      yield* repeats(keys, (i) => `filter.tags[${i}].key`, "each key once", {
        // Of two values for a key nobody knows which is meant
        editOf: (i) => values.get(tags[i]!.key)?.size === 1 ? { path: `filter.tags[${i}]` } : undefined,
      })
    },
  },
  {
    code: "tag-needs-field",
    severity: "error",
    message: "A filter by tag needs the field Tag",
    why: "COS wants the tags in the report where it filters by them",
    source: "page 30625: if object tags are used in the filter, tags should be added to the fields",
    *check({ filter, optionalFields: fields = [] }) {
      if ((filter?.tags?.length ?? 0) > 0 && !fields.includes("Tag")) {
        const isMisspelled = fields.some((field) => isSpelling(field, "Tag"))
        yield {
          path: "optionalFields",
          allowed: "a list with Tag in it",
          fix: "Add Tag to optionalFields",
          ...(isMisspelled ? {} : { edit: appended(fields) }),
        }
      }
    },
  },
  {
    code: "time-range",
    severity: "error",
    message: "The time is not in epoch seconds",
    why: "COS counts seconds; milliseconds are a time in a far future",
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
        const path = `filter.period.${key}`
        const isMillis = time > 0 && inSeconds <= maxEpochSeconds
        yield {
          path,
          found: time,
          allowed: `0 to ${maxEpochSeconds}`,
          fix,
          ...(isMillis ? { edit: { path, value: inSeconds } } : {}),
        }
      }
    },
  },
  {
    code: "period-order",
    severity: "error",
    message: "The period ends before it starts",
    why: "A period that ends before it starts matches nothing",
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
]

const saysNothing = (filter: NonNullable<Draft["filter"]>): boolean =>
  (filter.prefix ?? "") === "" && (filter.tags?.length ?? 0) === 0 && (filter.storageClass ?? "") === "" &&
  Object.keys(filter.period ?? {}).length === 0

/** A list is made where there is none; else Tag becomes its last. */
const appended = (fields: ReadonlyArray<string>): Edit =>
  fields.length === 0
    ? { path: "optionalFields", value: ["Tag"] }
    : { path: `optionalFields[${fields.length}]`, value: "Tag" }

const instant = (seconds: number): string => Math.abs(seconds) > maxEpochSeconds ? String(seconds) : writeTime(seconds)
