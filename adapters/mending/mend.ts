/** The changes of a text that the findings of its rules ask for. */
import type { Finding } from "../../core/lint/mod.ts"
import type { Splice } from "../yaml/mod.ts"
import { waysOf } from "./place.ts"
import { hasEdit, type State, type WithEdit } from "./state.ts"

/** One change of the text, and every finding that it is for. */
export interface Mend {
  /** The same for the same change, also where the text before it has changed. */
  readonly name: string
  readonly set: number
  readonly entries: ReadonlySet<number>
  /** By rule. */
  readonly wants: ReadonlyArray<{ readonly entry: number; readonly finding: WithEdit }>
  readonly splices: ReadonlyArray<Splice>
  /** Whether it is done where the value stands, whoever has it from there. */
  readonly isShared: boolean
  /** What can be done instead, rule by rule. */
  readonly instead: ReadonlyArray<Mend>
}

export const findingsOf = ({ wants }: Mend): ReadonlyArray<Finding> => wants.map(({ finding }) => finding)

/** Every change that a finding asks for, also those that nobody knows how to write. */
export const mendsOf = (state: State): ReadonlyArray<Mend> => {
  const groups = new Map<string, Array<Part>>()
  for (const [set, byEntry] of state.found.entries()) {
    for (const [entry, findings] of byEntry.entries()) {
      for (const finding of findings.filter(hasEdit)) {
        const part = { set, entry, finding, ...waysOf(state, set, entry, finding.edit) }
        // Rules that have the value from one place have the mend in common
        const place = JSON.stringify(
          part.splices.length > 0 ? [set, part.splices] : [set, entry, finding.code, finding.path],
        )
        const group = groups.get(place)
        if (group === undefined) groups.set(place, [part])
        else group.push(part)
      }
    }
  }
  return Array.from(groups.values(), (parts) => ({
    ...mendOf(parts, parts[0]!.splices, true),
    instead: parts.flatMap((part) => part.instead === undefined ? [] : [mendOf([part], part.instead, false)]),
  }))
}

type Part = ReturnType<typeof waysOf> & {
  readonly set: number
  readonly entry: number
  readonly finding: WithEdit
}

const mendOf = (parts: ReadonlyArray<Part>, splices: ReadonlyArray<Splice>, isShared: boolean): Mend => {
  const { finding, set } = parts[0]!
  const entries = new Set(parts.map(({ entry }) => entry))
  return {
    name: JSON.stringify([isShared, set, [...entries], finding.code, finding.edit]),
    set,
    entries,
    wants: parts,
    splices,
    isShared,
    instead: [],
  }
}
