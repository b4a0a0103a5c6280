/** Moments of a snapshot: ISO-8601 in UTC, to the millisecond. */
import { readTime } from "../../../core/time.ts"

/** Epoch milliseconds; undefined for another form or a day that does not exist. */
export const readMoment = (text: string): number | undefined => {
  const match = /^([^.]*)(?:\.(\d{1,3}))?Z$/u.exec(text)
  const seconds = match === null ? undefined : readTime(`${match[1]}Z`)
  return seconds === undefined ? undefined : seconds * 1000 + Number((match![2] ?? "").padEnd(3, "0"))
}

export const writeMoment = (millis: number): string => new Date(millis).toISOString().replace(".000Z", "Z")
