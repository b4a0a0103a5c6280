/** Every rule about the meaning of an inventory rule, one row each; those of one subject stand in its file. */
import {
  frequencies,
  idCharacters,
  idPattern,
  includedObjectVersions,
  metaField,
  monthlyDates,
  optionalFields,
} from "../limits.ts"
import type { Row } from "./context.ts"
import { destinationRows } from "./destination.ts"
import { extraRows } from "./extra.ts"
import { filterRows } from "./filter.ts"
import { isSpelling, oneOf, repeats, respelled } from "./hits.ts"
import { nearest } from "./nearest.ts"
import { textRows } from "./text.ts"

const put = "page 30625"

const isField = (field: string): boolean =>
  (optionalFields as ReadonlyArray<string>).includes(field) || metaField.test(field)

export const rows: ReadonlyArray<Row> = [
  {
    code: "id-characters",
    severity: "error",
    message: "The id holds characters that COS does not allow",
    why: "COS takes ids of these characters alone, and an id is part of the reports' path",
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
    why: "COS takes two words here, and what it does with another is documented nowhere",
    source: put,
    *check({ includedObjectVersions: word }) {
      yield* oneOf("includedObjectVersions", word, includedObjectVersions)
    },
  },
  {
    code: "frequency-known",
    severity: "error",
    message: "The frequency is unknown",
    why: "A rule of an unknown frequency is refused, or never makes a report",
    source: put,
    *check({ schedule }) {
      yield* oneOf("schedule.frequency", schedule?.frequency, frequencies)
    },
  },
  {
    code: "monthly-date",
    severity: "error",
    message: "The monthly date and the frequency do not fit",
    why: "A monthly rule needs its day, and no other rule has one",
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
    code: "field-known",
    severity: "error",
    message: "The optional field is unknown",
    why: "A field that COS does not know is refused, or its column is missing from the report",
    source: put,
    *check({ optionalFields: fields = [] }) {
      const meant = new Set(fields.filter(isField))
      for (const [i, field] of fields.entries()) {
        if (isField(field)) continue
        const near = nearest(field, optionalFields)
        const path = `optionalFields[${i}]`
        const allowed = `${optionalFields.slice(0, -1).join(", ")}, x-cos-meta-<name>`
        if (near !== undefined && meant.has(near)) {
          const fix = `Remove it, or write another field: ${near} is in the list`
          yield { path, found: field, allowed, fix, ...(isSpelling(field, near) ? { edit: { path } } : {}) }
          continue
        }
        const fix = near === undefined ? "Correct or remove it" : `Did you mean "${near}"?`
        if (near !== undefined) meant.add(near)
        yield { path, found: field, allowed, fix, ...respelled(path, field, near) }
      }
    },
  },
  {
    code: "field-repeated",
    severity: "error",
    message: "An optional field stands more than once",
    why: "A report has each column once",
    source: "assumed: a report has each column once",
    *check({ optionalFields: fields }) {
      // Names of headers ignore case
      const fold = (field: string) => field.toLowerCase()
      // Of one that is misspelled that is told alone
      const told = (field: string) => !isField(field) && nearest(field, optionalFields) !== undefined
      yield* repeats(
        fields?.map((field) => told(field) ? undefined : field),
        (i) => `optionalFields[${i}]`,
        "each field once",
        {
          fold,
          editOf: (i) => ({ path: `optionalFields[${i}]` }),
        },
      )
    },
  },
  {
    code: "job-members",
    severity: "error",
    message: "A one-time job has no schedule and is not enabled or disabled",
    why: "A one-time job runs at once and only once, so COS takes neither of them",
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
  ...filterRows,
  ...destinationRows,
  ...textRows,
  ...extraRows,
]
