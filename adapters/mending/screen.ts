/** Whether a mend could be good, told from the rules it is for: it takes no reading of the whole text. */
import type { Finding } from "../../core/lint/mod.ts"
import type { Entry } from "../../core/ruleset/mod.ts"
import { isBetter } from "./acceptance.ts"
import { edited } from "./edited.ts"
import type { Mend } from "./mend.ts"
import { holderOf } from "./place.ts"
import { hasEdit, type JudgeEntry, type State, type WithEdit } from "./state.ts"

type Edit = WithEdit["edit"]

/** Says no only where the text with the mend in it would be refused too. */
export const screenOf = (state: State, judge: JudgeEntry): (mend: Mend) => boolean => {
  const readers = readersOf(state)
  const together = new Map<Entry, ReadonlyArray<Finding>>()
  const afterAll = (entry: Entry, found: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
    const known = together.get(entry) ?? judged(entry, found.filter(hasEdit).map(({ edit }) => edit), judge)
    together.set(entry, known)
    return known
  }
  return (mend) => {
    if (mend.splices.length === 0) return false
    if (mend.isShared && mend.wants.some((want) => !isSubset(readers(mend.set, want), mend.entries))) return false
    return [...mend.entries].every((at) => {
      const entry = state.sets[mend.set]!.entries[at]!
      const found = state.found[mend.set]![at]!
      const own = mend.wants.filter((want) => want.entry === at).map(({ finding }) => finding)
      // A slip of the document's form is not in what was read of it
      const wanted = own.filter(({ code, path }) =>
        !entry.reading.findings.some((slip) => slip.code === code && slip.path === path)
      )
      return isBetter(found, afterAll(entry, found), wanted) ||
        isBetter(found, judged(entry, own.map(({ edit }) => edit), judge), wanted)
    })
  }
}

const judged = (entry: Entry, edits: ReadonlyArray<Edit>, judge: JudgeEntry): ReadonlyArray<Finding> =>
  judge({ ...entry, reading: { ...entry.reading, draft: edited(entry.reading.draft, edits) } })

/** The rules that have what is at a path from one place in the text, which would all be changed. */
const readersOf = (state: State) => {
  const byPath = new Map<string, ReadonlyMap<unknown, ReadonlyMap<string, ReadonlySet<number>>>>()
  const survey = (set: number, path: string) => {
    const found = new Map<unknown, Map<string, Set<number>>>()
    for (const entry of state.sets[set]!.entries.keys()) {
      const holder = holderOf(state, set, entry, path)
      if (holder === undefined) continue
      const rest = JSON.stringify(holder.rest)
      const byRest = found.get(holder.node) ?? new Map<string, Set<number>>()
      found.set(holder.node, byRest.set(rest, (byRest.get(rest) ?? new Set<number>()).add(entry)))
    }
    return found
  }
  return (set: number, { entry, finding }: Mend["wants"][number]): ReadonlySet<number> => {
    const { path } = finding.edit
    const name = JSON.stringify([set, path])
    const found = byPath.get(name) ?? survey(set, path)
    byPath.set(name, found)
    const holder = holderOf(state, set, entry, path)
    return holder === undefined ? new Set() : found.get(holder.node)?.get(JSON.stringify(holder.rest)) ?? new Set()
  }
}

const isSubset = (some: ReadonlySet<number>, all: ReadonlySet<number>): boolean =>
  [...some].every((one) => all.has(one))
