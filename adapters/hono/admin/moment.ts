/** The moment that the local COS's clock is to be moved to, as an admin request says it. */
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { readTime } from "../../../core/time.ts"

/** Epoch milliseconds, or what is wrong. */
export const momentOf = (document: unknown, now: number): number | string => {
  if (typeof document !== "object" || document === null) return form
  const members = Object.entries(document)
  const [name, value] = members[0] ?? []
  if (members.length !== 1 || typeof value !== "string") return form
  if (name === "advance") return advanced(value, now)
  if (name === "set") return set(value, now)
  return form
}

const form = `Write {"advance": "P1D"} or {"set": "2026-12-01T00:00:00Z"}`

const advanced = (text: string, now: number): number | string => {
  if (/^P[^T]*\d[YM]/u.test(text)) return `"${text}" has no fixed length; write days, such as "P30D"`
  const millis = Option.map(Duration.fromIso(text), Duration.toMillis)
  if (Option.isNone(millis)) return `"${text}" is no ISO-8601 duration; write "P1D", "PT1H" or "P1W"`
  return forwards(now + Math.trunc(millis.value), now)
}

const set = (text: string, now: number): number | string => {
  const [, whole, fraction = ""] = /^([^.]*?)(?:\.(\d{1,3}))?Z$/u.exec(text) ?? []
  const seconds = readTime(`${whole}Z`)
  if (seconds === undefined) return `"${text}" is no time; write ISO-8601 in UTC, such as "2026-12-01T00:00:00Z"`
  return forwards(seconds * 1000 + Number(fraction.padEnd(3, "0")), now)
}

const forwards = (to: number, now: number): number | string => {
  if (to < now) return `The clock goes forwards alone, and shows ${new Date(now).toISOString()}`
  return to <= latest ? to : "The clock goes to the year 9999 at most"
}
const latest = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
