/** When periodic rules fall due. No page names an hour, a weekday or a time zone, so that each is one constant here. */
import { monthlyDates } from "./limits.ts"
import type { InventoryConfiguration } from "./rule.ts"

/** Assumed: the days of reports, which their paths carry (page 30622), are those of UTC+8. */
export const reportDayOffsetSeconds = 8 * 60 * 60
/** Assumed: the hour of such a day at which its reports fall due. */
export const reportHour = 0
/** Assumed: the day of weekly reports; Sunday is 0. */
export const reportWeekday = 1

export type Schedule = InventoryConfiguration["schedule"]

/**
 * The moments after `since` and up to `until` at which a rule falls due, in order; all are epoch milliseconds.
 *
 * They are worked out one by one, so that `until` may be Infinity. A schedule that means nothing is never due.
 */
export function* dueBetween(schedule: Schedule, since: number, until: number): Generator<number, void, void> {
  for (const day of daysFrom(schedule, dayOf(since))) {
    const due = momentOf(day)
    if (!(due <= until)) return
    if (due > since) yield due
  }
}

/** The first moment after this one at which a rule falls due. */
export const nextDue = (schedule: Schedule, after: number): number | undefined => {
  for (const due of dueBetween(schedule, after, Infinity)) return due
  return undefined
}

/** `20221120`, the day of a moment as report paths name it. */
export const reportDay = (epochSeconds: number): string =>
  new Date((epochSeconds + reportDayOffsetSeconds) * 1000).toISOString().slice(0, 10).replaceAll("-", "")

const dayMillis = 24 * 60 * 60 * 1000
const offsetMillis = reportDayOffsetSeconds * 1000

/** Days are numbered from 1970-01-01, as the clocks of the reports' zone show it. */
const dayOf = (moment: number): number => Math.floor((moment + offsetMillis) / dayMillis)
const momentOf = (day: number): number => day * dayMillis - offsetMillis + reportHour * 60 * 60 * 1000

const daysFrom = ({ frequency, monthlyDate }: Schedule, first: number): Iterable<number> =>
  frequency === "Daily"
    ? everyDay(first, 1)
    : frequency === "Weekly"
    ? everyDay(first + (reportWeekday - weekdayOf(first) + 7) % 7, 7)
    : frequency === "Monthly" && isDate(monthlyDate)
    ? everyMonth(first, monthlyDate)
    : []

/** Every month has the dates that COS takes, so that none is passed over. */
const isDate = (date: number | undefined): date is number =>
  date !== undefined && Number.isInteger(date) && date >= monthlyDates.min && date <= monthlyDates.max

function* everyDay(first: number, step: number): Iterable<number> {
  for (let day = first;; day += step) yield day
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => ((day + 4) % 7 + 7) % 7

function* everyMonth(first: number, date: number): Iterable<number> {
  const start = new Date(first * dayMillis)
  for (let month = (start.getUTCFullYear() - 1970) * 12 + start.getUTCMonth();; month++) {
    const day = Date.UTC(1970, month, date) / dayMillis
    if (!(day < first)) yield day
  }
}
