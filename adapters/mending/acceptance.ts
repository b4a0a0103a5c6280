/** Whether a text with mends in it may stand. */
import { type Finding, isError } from "../../core/lint/mod.ts"
import type { Entry, RuleSet } from "../../core/ruleset/mod.ts"
import { edited, saysSame } from "./edited.ts"
import type { Mend } from "./mend.ts"
import type { State, WithEdit } from "./state.ts"

/**
 * The rules that a text with mends in it would harm: which change but as they are mended, get an error, or keep what was
 * to go. None is good; undefined where the documents are others than they were.
 */
export const harmedBy = (
  mends: ReadonlyArray<Mend>,
  before: State,
  after: State,
): ReadonlyArray<Harmed> | undefined => {
  if (before.sets.length !== after.sets.length) return undefined
  if (!before.sets.every((set, i) => isSameDocument(set, after.sets[i]!))) return undefined
  const wanted = before.sets.map(() => new Map<number, ReadonlyArray<WithEdit>>())
  for (const { set, wants } of mends) {
    for (const { entry, finding } of wants) {
      wanted[set]!.set(entry, [...wanted[set]!.get(entry) ?? [], finding])
    }
  }
  return before.sets.flatMap(({ entries }, set) =>
    [...entries.keys()].filter((entry) => {
      const findings = wanted[set]!.get(entry) ?? []
      return !isAsMended(before.sets[set]!.entries[entry]!, after.sets[set]!.entries[entry]!, findings) ||
        !isBetter(before.found[set]![entry]!, after.found[set]![entry]!, findings)
    }).map((entry) => ({ set, entry }))
  )
}

export interface Harmed {
  readonly set: number
  readonly entry: number
}

/** Of one rule: no error comes, and of all that was to go there is less. */
export const isBetter = (
  before: ReadonlyArray<Finding>,
  after: ReadonlyArray<Finding>,
  wanted: ReadonlyArray<Finding>,
): boolean => {
  const was = countsOf(before)
  const is = countsOf(after)
  const countIn = (counts: Counts, name: string) => counts.get(name)?.count ?? 0
  return [...is].every(([name, { count, isError }]) => !isError || count <= countIn(was, name)) &&
    wanted.map(nameOf).every((name) => !was.has(name) || countIn(is, name) < countIn(was, name))
}

const isSameDocument = (before: RuleSet, after: RuleSet): boolean =>
  JSON.stringify(restOf(before)) === JSON.stringify(restOf(after)) && before.entries.length === after.entries.length

/** Nothing reads otherwise than it did, but for the edits. */
const isAsMended = (before: Entry, after: Entry, findings: ReadonlyArray<WithEdit>): boolean => {
  const [was, is] = [before.reading.draft, after.reading.draft]
  return before.protect === after.protect &&
    (findings.length === 0
      ? JSON.stringify(was) === JSON.stringify(is)
      : saysSame(edited(was, findings.map(({ edit }) => edit)), is))
}

const restOf = ({ findings, isDocument, manages, selectors }: RuleSet) => [
  isDocument,
  manages.map(({ glob }) => glob),
  selectors.map(({ bucket, match, region }) => [bucket, match, region]),
  findings.map(({ code, path }) => [code, path]),
]

/** Places in lists move when one before them goes. */
const nameOf = ({ code, path }: Finding): string => JSON.stringify([code, path.replaceAll(/\[\d+\]/gu, "[]")])

/** How often each is found. */
type Counts = ReadonlyMap<string, { readonly count: number; readonly isError: boolean }>

const countsOf = (findings: ReadonlyArray<Finding>): Counts => {
  const counts = new Map<string, { readonly count: number; readonly isError: boolean }>()
  for (const finding of findings) {
    const name = nameOf(finding)
    counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, isError: isError(finding) })
  }
  return counts
}
