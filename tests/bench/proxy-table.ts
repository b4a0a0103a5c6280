/** One line of the table of the proxy: its figure, what stands beside it, and whether the aim is met. */
import { aligned } from "./columns.ts"

export interface ProxyRow {
  readonly name: string
  readonly figure: number
  /** The same of what the row's name compares with. */
  readonly beside?: number
  readonly unit: keyof typeof units
  /** How much of the other's it has to be at least or at most, how much more it may be, or what it is to stay under. */
  readonly aim?:
    | { readonly atLeastShare: number }
    | { readonly atMostShare: number }
    | { readonly underOver: number }
    | { readonly under: number }
}

/** A number to divide by, the digits behind the point, and a name. */
const units = {
  requests: [1, 0, "/s"],
  bytes: [1024 * 1024, 1, " MiB"],
  kibibytes: [1024, 1, " KiB"],
  micros: [1e-6, 0, " µs"],
  millis: [1e-3, 1, " ms"],
} as const

export const proxyTable = (title: string, rows: ReadonlyArray<ProxyRow>): string =>
  aligned([[title, "proxy", "beside", "", "aim", ""], ...rows.map(cellsOf)])

const cellsOf = (row: ProxyRow): ReadonlyArray<string> => {
  const { name, figure, beside, unit, aim } = row
  return [
    name,
    amount(figure, unit),
    beside === undefined ? "" : amount(beside, unit),
    beside === undefined
      ? ""
      : aim !== undefined && "underOver" in aim
      ? `${amount(figure - beside, unit)} over`
      : `${(figure / beside).toFixed(2)} of beside`,
    ...judged(row),
  ]
}

const judged = ({ figure, beside = NaN, unit, aim }: ProxyRow): readonly [aim: string, verdict: string] => {
  if (aim === undefined) return ["", ""]
  if ("atLeastShare" in aim) return [`at least ${aim.atLeastShare}`, verdict(figure / beside >= aim.atLeastShare)]
  if ("atMostShare" in aim) return [`at most ${aim.atMostShare}`, verdict(figure / beside <= aim.atMostShare)]
  if ("under" in aim) return [`under ${amount(aim.under, unit, 0)}`, verdict(figure < aim.under)]
  return [`under ${amount(aim.underOver, unit, 0)} over`, verdict(figure - beside < aim.underOver)]
}

const verdict = (isMet: boolean): string => isMet ? "met" : "missed"

const amount = (value: number, unit: ProxyRow["unit"], digits: number = units[unit][1]): string =>
  Number.isNaN(value) ? "unknown" : `${(value / units[unit][0]).toFixed(digits)}${units[unit][2]}`
