/** Durations in ISO-8601, such as `PT90M` and `P1DT12H`. Years and months are left out, because they have no fixed length. */

const form = /^P(?!$)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?$/u
const seconds = [7 * 24 * 60 * 60, 24 * 60 * 60, 60 * 60, 60, 1]

/** Milliseconds. */
export const readPeriod = (text: string): number | undefined => {
  const match = form.exec(text)
  if (match === null) return undefined
  return seconds.reduce((sum, length, at) => sum + length * Number(match[at + 1] ?? 0), 0) * 1000
}
