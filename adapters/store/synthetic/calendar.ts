/** The three years in which the objects of a synthetic bucket were put. */

const dayMillis = 24 * 60 * 60 * 1000

/** Epoch milliseconds. Nothing was put before the first, nor from the last on. */
export const firstMoment = Date.UTC(2023, 0, 1)
export const lastMoment = Date.UTC(2026, 0, 1)
/** Versioning was turned on here: what was put before has the version id "null". */
export const versionedSince = Date.UTC(2023, 8, 1)

export const dayCount = (lastMoment - firstMoment) / dayMillis

export interface Day {
  readonly begins: number
  /** `2023-01-01`. */
  readonly dashed: string
  /** `2023/01/01`. */
  readonly slashed: string
}

const days: ReadonlyArray<Day> = Array.from({ length: dayCount }, (_, number) => {
  const begins = firstMoment + number * dayMillis
  const dashed = new Date(begins).toISOString().slice(0, 10)
  return { begins, dashed, slashed: dashed.replaceAll("-", "/") }
})

export const day = (number: number): Day => days[number]!
