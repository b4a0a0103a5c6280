/** Mends done in rounds, until there is none left that could be: a mend may bring another about. */
import { advise } from "../../core/advice/mod.ts"
import { type Finding } from "../../core/lint/mod.ts"
import type { Entry } from "../../core/ruleset/mod.ts"
import type { RulesFile } from "../rules-file.ts"
import { clash, type Splice, spliced } from "../yaml/mod.ts"
import { type Harmed, harmedBy } from "./acceptance.ts"
import { findingsOf, type Mend, mendsOf } from "./mend.ts"
import { screenOf } from "./screen.ts"
import { hasEdit, type Judge, type JudgeEntry, type State, stateOf } from "./state.ts"

export interface Mended {
  /** The whole text, the same where nothing could be mended. */
  readonly text: string
  readonly fixed: ReadonlyArray<Finding>
  /** Those that have a mend which could not be done. */
  readonly left: ReadonlyArray<Finding>
}

/** What can be done of all that the findings of the file ask for. */
export const mended = (file: RulesFile, judge: Judge = advise): Mended => {
  const attempts = mending(file, judge)
  for (;;) {
    const next = attempts.next()
    if (next.done === true) return next.value
  }
}

/** The same, which stops before each attempt, for whoever has to look at something else in between. */
export function* mending(file: RulesFile, judge: Judge = advise): Generator<void, Mended> {
  const judgeEntry = ({ kind, reading }: Entry) => judge(reading, { kind }).map((f) => ({ ...f, file: file.file }))
  if (file.form === "xml") {
    const found = file.sets.flatMap(({ entries }) => entries).flatMap(judgeEntry)
    return { text: file.text, fixed: [], left: found.filter(hasEdit).map(inXml) }
  }
  const before = stateOf(file.text, file.form, judgeEntry)
  if (before === undefined) return { text: file.text, fixed: [], left: [] }
  const work: Work = { judge: judgeEntry, stood: new Set([file.text]), rejected: new Map(), fixed: [] }
  let state = before
  for (let round = 0; round < maxRounds; round++) {
    const after = yield* roundOf(state, work)
    if (after === state) break
    state = after
  }
  return { text: state.text, fixed: work.fixed, left: state.found.flat(2).filter(hasEdit) }
}

/** Far more than findings that can follow from each other: it ends what would go on for ever. */
const maxRounds = 1000

/** The mend is left to whoever reads the finding. */
const inXml = (finding: Finding): Finding => ({
  ...finding,
  fix: `${finding.fix}; XML is not edited: turn it into YAML with fmt -o yaml`,
})

interface Work {
  readonly judge: JudgeEntry
  /** Every text so far: what undoes a mend is none. */
  readonly stood: Set<string>
  /** Those that were no good by themselves, as long as their rules are what they were. */
  readonly rejected: Map<string, Mend>
  readonly fixed: Array<Finding>
}

/** Everything that a state asks for, done as far as it can be. What then is asked for is another round's. */
function* roundOf(before: State, work: Work): Generator<void, State> {
  const isHopeful = screenOf(before, work.judge)
  const isWaiting = (mend: Mend) => !work.rejected.has(mend.name) && isHopeful(mend)
  const mends = mendsOf(before).flatMap((mend) => isWaiting(mend) ? [mend] : mend.instead.filter(isWaiting))
  const after = yield* settled(mends, before, before, work)
  const instead = mends.filter(({ name }) => work.rejected.has(name)).flatMap((mend) => mend.instead)
  return yield* settled(instead.filter(isWaiting), before, after, work)
}

/**
 * All at once; else those that harm none of their rules first, then the others; else each half by itself. What comes
 * later is done on what has become of the first.
 */
function* settled(mends: ReadonlyArray<Mend>, asked: State, before: State, work: Work): Generator<void, State> {
  const now = asked === before ? mends : sameOf(mends, before)
  const [mend] = now
  if (mend === undefined) return before
  yield
  const together = apartOf(now)
  const attempt = tried(together, before, work)
  if ("after" in attempt) return attempt.after
  const blamed = blamedFor(attempt.harmed, together)
  if (now.length === 1 || (blamed.length === now.length && areStrangers(now))) {
    for (const one of now) work.rejected.set(one.name, one)
    return before
  }
  const isSplit = blamed.length > 0 && blamed.length < now.length
  const half = Math.ceil(now.length / 2)
  const first = isSplit ? now.filter((one) => !blamed.includes(one)) : now.slice(0, half)
  const after = yield* settled(first, before, before, work)
  return yield* settled(isSplit ? blamed : now.slice(half), before, after, work)
}

const blamedFor = (harmed: ReadonlyArray<Harmed>, mends: ReadonlyArray<Mend>): ReadonlyArray<Mend> => {
  const names = new Set(harmed.map(nameOf))
  return mends.filter(({ entries, set }) => [...entries].some((entry) => names.has(nameOf({ set, entry }))))
}

/** Whether no rule has two of them, so that each is to blame for the harm of its own. */
const areStrangers = (mends: ReadonlyArray<Mend>): boolean => {
  const rules = mends.flatMap(({ entries, set }) => [...entries].map((entry) => nameOf({ set, entry })))
  return new Set(rules).size === rules.length
}

const nameOf = ({ entry, set }: Harmed): string => `${set} ${entry}`

/** The mends of an older state as they are written now. */
const sameOf = (mends: ReadonlyArray<Mend>, state: State): ReadonlyArray<Mend> => {
  const names = new Set(mends.map(({ name }) => name))
  return mendsOf(state).flatMap((mend) => [mend, ...mend.instead]).filter(({ name }) => names.has(name))
}

/** Those that concern no other before them. */
const apartOf = (mends: ReadonlyArray<Mend>): ReadonlyArray<Mend> => {
  const splices: Array<Splice> = []
  return mends.filter((mend) => {
    const clashes = mend.splices.some((one) => splices.some((other) => clash(one, other)))
    if (mend.splices.length === 0 || clashes) return false
    splices.push(...mend.splices)
    return true
  })
}

const tried = (
  mends: ReadonlyArray<Mend>,
  before: State,
  { fixed, judge, rejected, stood }: Work,
): { readonly after: State } | { readonly harmed: ReadonlyArray<Harmed> } => {
  const text = spliced(before.text, mends.flatMap(({ splices }) => splices))
  const after = stood.has(text) ? undefined : stateOf(text, before.form, judge)
  const harmed = after && harmedBy(mends, before, after)
  if (after === undefined || harmed === undefined || harmed.length > 0) return { harmed: harmed ?? [] }
  stood.add(text)
  fixed.push(...mends.flatMap(findingsOf))
  for (const [name, { entries, set }] of rejected) {
    const isOther = mends.every((mend) => mend.set !== set || [...mend.entries].every((entry) => !entries.has(entry)))
    if (!isOther) rejected.delete(name)
  }
  return { after }
}
