/** Differences of two sides as people read them. */
import type { Comparison, Difference } from "../../core/comparison.ts"
import { oneLine } from "../../core/redact.ts"
import type { BucketFailure } from "../planning.ts"
import { changeLines } from "./changes.ts"
import { bucketsText, handful } from "./plan.ts"
import { briefText } from "./step.ts"

export interface Compared extends Comparison {
  readonly bucket?: string
  readonly region?: string
}

/** As every diff begins: which sign is whose. */
export const sidesText = (left: string, right: string): string => `--- ${oneLine(left)}\n+++ ${oneLine(right)}`

/** Those with differences; the others as well unless they are too many, of which there is a line with their number. */
export const withDifferences = (
  compared: ReadonlyArray<Compared>,
  all: boolean,
): { readonly some: ReadonlyArray<Compared>; readonly rest: string } => {
  const some = compared.filter(({ differences }) => differences.length > 0)
  const same = compared.length - some.length
  return all || same <= handful
    ? { some: compared, rest: "" }
    : { some, rest: `${some.length === 0 ? "" : "and "}${bucketsText(same)} without differences` }
}

/** The differences of one bucket; of rules that belong to none, without its name. */
export const comparedText = ({ bucket, region, differences, same }: Compared): string => {
  const place = bucket === undefined ? "" : oneLine(region === undefined ? bucket : `${bucket} (${region})`)
  if (differences.length === 0) return place === "" ? "" : `${place}: no differences, ${rulesText(same)}`
  return [...(place === "" ? [] : [place]), ...differences.flatMap(differenceLines)].join("\n")
}

const signs = { added: "+", removed: "-", changed: "~" } as const

const differenceLines = ({ id, kind, changes, rule }: Difference): ReadonlyArray<string> => [
  `  ${signs[kind]} ${oneLine(id)}`,
  ...(kind === "changed" ? changeLines(changes).map((line) => `    ${line}`) : [`      ${briefText(rule)}`]),
]

/** Such as `Different${where}: 1 on the left only, 0 on the right only, 2 changed; 48 the same`. */
export const totalText = (
  all: ReadonlyArray<Compared>,
  failures: ReadonlyArray<BucketFailure>,
  isDemo = false,
): string => {
  const count = (kind: Difference["kind"]) =>
    all.reduce((sum, { differences }) => sum + differences.filter((one) => one.kind === kind).length, 0)
  const same = all.reduce((sum, one) => sum + one.same, 0)
  const [removed, added, changed] = [count("removed"), count("added"), count("changed")]
  const failed = failures.length === 0 ? "" : `; ${bucketsText(failures.length)} could not be read`
  const where = isDemo ? " in the demo" : ""
  return removed + added + changed > 0
    ? `Different${where}: ${removed} on the left only, ${added} on the right only, ${changed} changed; ${same} the same${failed}`
    : all.length === 0 && failures.length > 0
    ? `Nothing compared${where}${failed}`
    : `No differences${where}: ${rulesText(same)}${failed}`
}

const rulesText = (count: number): string => count === 1 ? "1 rule" : `${count} rules`
