/** Times: ISO-8601 in UTC in the JSON form, epoch seconds on the wire. */
import { maxEpochSeconds } from "./limits.ts"

/** A time in the JSON form, by its characters. */
export const timePattern = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.0+)?(?:Z|\+00:00)$/u

/** Whole seconds from `2019-09-17T02:52:41Z`; undefined for another form or a day that does not exist. */
export const readTime = (text: string): number | undefined => {
  const match = timePattern.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const exact = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute && date.getUTCSeconds() === second
  return exact ? date.getTime() / 1000 : undefined
}

/** A time in the JSON form: ISO-8601, or the number itself where it can be no time in seconds, so that it reads back. */
export const timeText = (seconds: number): string | number =>
  seconds >= 0 && seconds <= maxEpochSeconds ? writeTime(seconds) : seconds

/** `2019-09-17T02:52:41Z`; a number that no calendar day holds is written as digits, so that nothing is lost. */
export const writeTime = (seconds: number): string => {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace(".000Z", "Z")
}
