/** When rules fall due, held to a model that walks the calendar day by day. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { frequencies } from "../core/limits.ts"
import {
  dueBetween,
  nextDue,
  reportDay,
  reportDayOffsetSeconds,
  reportHour,
  reportWeekday,
  type Schedule,
} from "../core/schedule.ts"
import { prop } from "./harness.ts"

const day = 24 * 60 * 60 * 1000

const Span = Schema.Struct({
  frequency: Schema.Literals(frequencies),
  date: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 28 })),
  /** From 1970 to 2100, any millisecond. */
  since: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 130 * 366 * day })),
  first: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 * day })),
  second: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 400 * day })),
})

const scheduleOf = ({ frequency, date }: Pick<typeof Span.Type, "frequency" | "date">): Schedule => ({
  frequency,
  ...(frequency === "Monthly" ? { monthlyDate: date } : {}),
})

/** Walks the days of the zone's calendar, and asks of each what day it is. */
const naive = ({ frequency, monthlyDate }: Schedule, since: number, until: number): ReadonlyArray<number> => {
  const found: Array<number> = []
  const start = new Date(since - 2 * day)
  for (let turn = 0;; turn++) {
    const date = new Date(Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate() + turn, reportHour))
    const due = date.getTime() - reportDayOffsetSeconds * 1000
    if (due > until) return found
    const isDay = frequency === "Daily" || (frequency === "Weekly" && date.getUTCDay() === reportWeekday) ||
      (frequency === "Monthly" && date.getUTCDate() === monthlyDate)
    if (isDay && due > since) found.push(due)
  }
}

const same = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((due, i) => due === b[i])

prop("`dueBetween` gives the moments that a walk over the calendar gives", Span, (span) => {
  const schedule = scheduleOf(span)
  const until = span.since + span.first
  return same([...dueBetween(schedule, span.since, until)], naive(schedule, span.since, until))
})

prop("`dueBetween` gives of two spans that meet what it gives of both as one", Span, (span) => {
  const schedule = scheduleOf(span)
  const middle = span.since + span.first
  const until = middle + span.second
  return same(
    [...dueBetween(schedule, span.since, middle), ...dueBetween(schedule, middle, until)],
    [...dueBetween(schedule, span.since, until)],
  )
})

prop("`dueBetween` leaves out its beginning and has its end, so that nothing is due twice", Span, (span) => {
  const schedule = scheduleOf(span)
  const due = nextDue(schedule, span.since)!
  return same([...dueBetween(schedule, due - 1, due)], [due]) && same([...dueBetween(schedule, due, due)], []) &&
    same([...dueBetween(schedule, due, due - 1)], [])
})

prop("`nextDue` is the first of all that come", Span, (span) => {
  const schedule = scheduleOf(span)
  const due = nextDue(schedule, span.since)
  return due !== undefined && due > span.since && due - span.since <= 31 * day &&
    same([...dueBetween(schedule, span.since, due)], [due])
})

prop("`nextDue` steps through what `dueBetween` gives", Span, (span) => {
  const schedule = scheduleOf(span)
  const until = span.since + span.first
  const stepped: Array<number> = []
  for (let due = nextDue(schedule, span.since)!; due <= until; due = nextDue(schedule, due)!) stepped.push(due)
  return same(stepped, [...dueBetween(schedule, span.since, until)])
})

test("`dueBetween` is lazy: of all time, the first moments come", () => {
  for (const frequency of frequencies) {
    const all = dueBetween({ frequency, monthlyDate: 28 }, 0, Infinity)
    const first = Array.from({ length: 3 }, () => all.next().value as number)
    assert.deepEqual(first, naive({ frequency, monthlyDate: 28 }, 0, first[2]!))
  }
})

test("`dueBetween` counts the days, weeks and months of long spans", () => {
  const zone = reportDayOffsetSeconds * 1000
  // Half a day off the due hour, so that no end is on a moment
  const at = (year: number) => Date.UTC(year, 0, 1, reportHour) - zone - day / 2
  const count = (schedule: Schedule, from: number, to: number) => [...dueBetween(schedule, at(from), at(to))].length
  assert.equal(count({ frequency: "Daily" }, 2023, 2024), 365)
  assert.equal(count({ frequency: "Daily" }, 2024, 2025), 366)
  assert.equal(count({ frequency: "Daily" }, 2000, 2400), 400 * 365 + 97)
  assert.equal(count({ frequency: "Weekly" }, 2000, 2400), (400 * 365 + 97) / 7)
  for (const monthlyDate of [1, 15, 28]) {
    assert.equal(count({ frequency: "Monthly", monthlyDate }, 2000, 2400), 400 * 12)
  }
})

test("`dueBetween` takes the day from UTC+8, not from UTC", () => {
  const due = [...dueBetween({ frequency: "Monthly", monthlyDate: 1 }, Date.UTC(2024, 1, 1), Date.UTC(2024, 2, 15))]
  assert.deepEqual(due.map((moment) => new Date(moment).toISOString()), ["2024-02-29T16:00:00.000Z"])
})

test("`dueBetween` reads days before 1970 as any others", () => {
  for (const frequency of frequencies) {
    const schedule = { frequency, monthlyDate: 28 }
    const [since, until] = [Date.UTC(1967, 11, 3, 4, 5, 6, 7), Date.UTC(1970, 2, 1)]
    assert.deepEqual([...dueBetween(schedule, since, until)], naive(schedule, since, until))
  }
})

test("a schedule that means nothing is never due", () => {
  for (
    const schedule of [
      { frequency: "Monthly" },
      { frequency: "Monthly", monthlyDate: 0 },
      { frequency: "Monthly", monthlyDate: 29 },
      { frequency: "Monthly", monthlyDate: 1.5 },
      { frequency: "Monthly", monthlyDate: NaN },
      { frequency: "Hourly" },
      { frequency: "daily" },
      { frequency: "" },
    ]
  ) {
    assert.deepEqual([...dueBetween(schedule, 0, 800 * day)], [], JSON.stringify(schedule))
  }
})

test("`nextDue` ends with the calendar of the language, and does not search beyond it", () => {
  assert.equal(nextDue({ frequency: "Monthly", monthlyDate: 28 }, 8.64e15), undefined)
})

prop("a moment at which a rule falls due lies on the day that its report path carries", Span, (span) => {
  const due = nextDue(scheduleOf(span), span.since)!
  const shown = new Date(due + reportDayOffsetSeconds * 1000)
  const expected = shown.getUTCFullYear() * 10000 + (shown.getUTCMonth() + 1) * 100 + shown.getUTCDate()
  return reportDay(Math.floor(due / 1000)) === String(expected) &&
    (span.frequency !== "Monthly" || Number(reportDay(due / 1000).slice(6)) === span.date)
})
