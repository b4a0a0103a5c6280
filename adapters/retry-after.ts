/** `Retry-After`: how long the server asks to wait. */
import { header, type HttpResponse } from "../core/http.ts"

/** Milliseconds; a date is held against the answer's own `Date`, so that a wrong clock here does no harm. */
export const retryAfter = ({ headers }: HttpResponse, now: number): number => {
  const value = header(headers, "retry-after")?.trim() ?? ""
  if (/^\d+$/u.test(value)) return Number(value) * 1000
  const at = httpDate(value)
  return at === undefined ? 0 : Math.max(0, at - (httpDate(header(headers, "date") ?? "") ?? now))
}

/** The one form of RFC 9110 that may be sent today; `Date.parse` alone would take almost anything. */
const httpDate = (text: string): number | undefined => {
  const millis = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u.test(text) ? Date.parse(text) : NaN
  return Number.isNaN(millis) ? undefined : millis
}
