/**
 * Rules files mended: the edits of findings put into the text of a file, and nothing else of it touched.
 *
 * **Details**
 *
 * Rules are judged as they are written, with the defaults of their document and their variables as they are. What stands
 * in the defaults is changed there, unless that would change a rule that has nothing wrong; then the rule itself gets its
 * own value. A mend is left undone where it would bring an error, change another rule, take a variable out of a text, or
 * where it is not certain how to write it; XML is not edited.
 *
 * **Laws**
 *
 * What {@link mended} gives has no mend left that it could do, so that a second time does nothing; it keeps every comment
 * and every finding that has no mend. `tests/mending-laws.test.ts` holds it to this.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { ConfigError } from "../core/errors.ts"
import { type AdviceContext, advise, type Finding, isError } from "../core/lint/mod.ts"
import { type Entry, readRuleSet, type RuleSet } from "../core/ruleset/mod.ts"
import { type Path, splitPath } from "../core/wire/json.ts"
import type { Reading } from "../core/wire/reading.ts"
import { rewriteFile } from "./file-writing.ts"
import type { RulesFile } from "./rules-file.ts"
import { isEmpty, readYaml } from "./yaml.ts"
import { aliasesOf } from "./yaml-aliases.ts"
import { clash, scalarAt, type Sheet, type Splice, spliced, splicesFor, standsAt } from "./yaml-edit.ts"
import { streamOf } from "./yaml-stream.ts"

export interface Mended {
  /** The whole text, the same where nothing could be mended. */
  readonly text: string
  readonly fixed: ReadonlyArray<Finding>
  /** Those that have a mend which could not be done. */
  readonly left: ReadonlyArray<Finding>
}

/** What is said of one rule. */
export type Judge = (reading: Reading, context: AdviceContext) => ReadonlyArray<Finding>

export type Surroundings = Omit<AdviceContext, "kind">

/** More mends of mends than there are findings that can follow from each other. */
const maxRounds = 10

export const mended = (file: RulesFile, around: Surroundings = {}, judge: Judge = advise): Mended => {
  const judgeEntry = ({ kind, reading }: Entry) =>
    judge(reading, { ...around, kind }).map((f) => ({ ...f, file: file.file }))
  if (file.form === "xml") {
    const found = file.sets.flatMap(({ entries }) => entries).flatMap(judgeEntry)
    return { text: file.text, fixed: [], left: found.filter(hasEdit).map(inXml) }
  }
  const form = file.form
  let state = stateOf(file.text, form, judgeEntry)
  const fixed: Array<Finding> = []
  const rejected = new Set<string>()
  for (let round = 0; state !== undefined && round < maxRounds + rejected.size; round++) {
    const waiting = mendsOf(state).filter(({ name }) => !rejected.has(name))
    if (waiting.length === 0) break
    const done = firstGood(waiting, state, judgeEntry, rejected)
    if (done === undefined) break
    fixed.push(...done.mends.flatMap(({ findings }) => findings))
    state = done.state
  }
  const left = state?.found.flat(2).filter(hasEdit) ?? []
  return { text: state?.text ?? file.text, fixed, left }
}

/** The same for the file itself, which keeps its mode, its line ends and its byte order mark. */
export const fixFile = (
  file: RulesFile,
  around: Surroundings = {},
  judge?: Judge,
): Effect.Effect<Mended, ConfigError> => {
  const result = mended(file, around, judge)
  if (result.text === file.text) return Effect.succeed(result)
  const mark = file.hasMark ? "\ufeff" : ""
  return Effect.as(rewriteFile(file.file, mark + file.text, mark + result.text), result)
}

/** The mend is left to whoever reads the finding. */
const inXml = (finding: Finding): Finding => ({
  ...finding,
  fix: `${finding.fix}; XML is not edited: turn it into YAML with fmt -o yaml`,
})

interface State {
  readonly text: string
  readonly form: "json" | "yaml"
  readonly sets: ReadonlyArray<RuleSet>
  /** By document and rule. */
  readonly found: ReadonlyArray<ReadonlyArray<ReadonlyArray<Finding>>>
  readonly sheets: ReadonlyArray<Sheet>
}

type JudgeEntry = (entry: Entry) => ReadonlyArray<Finding>

const stateOf = (text: string, form: "json" | "yaml", judge: JudgeEntry): State | undefined => {
  const read = readYaml(text, form)
  if (Result.isFailure(read)) return undefined
  const sets = read.success.map(readRuleSet)
  const sheets = streamOf(text).filter((document) => !isEmpty(document)).map((document) => ({
    document,
    form,
    text,
    targets: aliasesOf(document).targets,
  }))
  return { text, form, sets, sheets, found: sets.map(({ entries }) => entries.map(judge)) }
}

/** One change of the text, and every finding that it is for. */
interface Mend {
  /** The same for the same change, when it comes up again. */
  readonly name: string
  readonly set: number
  readonly entries: ReadonlySet<number>
  readonly findings: ReadonlyArray<Finding>
  readonly splices: ReadonlyArray<Splice>
  /** What can be done instead, rule by rule. */
  readonly instead: ReadonlyArray<Mend>
}

const mendsOf = (state: State): ReadonlyArray<Mend> => {
  const mends = new Map<string, Mend>()
  for (const [set, byEntry] of state.found.entries()) {
    for (const [entry, findings] of byEntry.entries()) {
      for (const finding of findings.filter(hasEdit)) {
        const { instead, splices } = waysOf(state, set, entry, finding.edit)
        const own = { set, entries: new Set([entry]), findings: [finding], instead: [] }
        const other: ReadonlyArray<Mend> = instead === undefined
          ? []
          : [{ ...own, name: nameOfMend(set, entry, finding, instead), splices: instead }]
        const name = nameOfMend(set, entry, finding, splices)
        const known = mends.get(name)
        mends.set(name, {
          name,
          set,
          entries: new Set([...known?.entries ?? [], entry]),
          findings: [...known?.findings ?? [], finding],
          splices,
          instead: [...known?.instead ?? [], ...other],
        })
      }
    }
  }
  return [...mends.values()]
}

/** Rules that have the value from one place have the mend in common. */
const nameOfMend = (set: number, entry: number, { code, path }: Finding, splices: ReadonlyArray<Splice>): string =>
  JSON.stringify(splices.length > 0 ? splices : [set, entry, code, path])

type WithEdit = Finding & { readonly edit: NonNullable<Finding["edit"]> }
type Edit = WithEdit["edit"]

const hasEdit = (finding: Finding): finding is WithEdit => finding.edit !== undefined

/** Where the edit is done: in the rule, or in the defaults it has the value from. */
const placeOf = ({ sets }: State, set: number, entry: number, { path }: Edit): Path | undefined => {
  const reading = sets[set]?.entries[entry]?.reading
  const { item, list } = /^(?<list>.*)\[(?<item>\d+)\]$/u.exec(path)?.groups ?? {}
  if (list === undefined || item === undefined) return reading?.sourcePath?.(path)
  const found = reading?.sourcePath?.(list)
  if (found === undefined) return undefined
  // The API's own shape may have one more level around the items of a list
  const own = reading?.sourcePath?.(path)
  return own !== undefined && own.length > found.length && samePath(own.slice(0, found.length), found)
    ? own
    : [...found, Number(item)]
}

const samePath = (a: Path, b: Path): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Where the value stands; and, where that is the defaults, in the rule instead. None where it is not certain how. */
const waysOf = (
  state: State,
  set: number,
  entry: number,
  edit: Edit,
): { readonly splices: ReadonlyArray<Splice>; readonly instead: ReadonlyArray<Splice> | undefined } => {
  const sheet = state.sheets[set]
  const found = placeOf(state, set, entry, edit)
  if (sheet === undefined || found === undefined) return { splices: [], instead: undefined }
  // Some defaults stand in no file
  const place = found[0] === "defaults" && !standsAt(sheet, found) ? ["rules", entry, ...splitPath(edit.path)] : found
  const change = "value" in edit ? { value: edit.value } : {}
  const isSafe = keepsVariables(scalarAt(sheet, place), edit.value)
  const own = isSafe && place[0] === "defaults"
    ? overriding(state.sets[set]?.entries[entry]?.reading.draft, edit)
    : undefined
  return {
    splices: (isSafe ? splicesFor(sheet, place, change) : undefined) ?? [],
    instead: own && splicesFor(sheet, ["rules", entry, ...own.path], { value: own.value }),
  }
}

/** `${name}` in a text is what makes it fit many buckets. */
const keepsVariables = (before: unknown, after: unknown): boolean =>
  typeof before !== "string" ||
  (before.match(/\$\{[^}]*\}/gu) ?? []).every((variable) => typeof after === "string" && after.includes(variable))

/** The edit as a value of the rule's own: lists are had from the defaults as a whole. Nothing takes a key back. */
const overriding = (
  draft: Reading["draft"] | undefined,
  edit: Edit,
): { readonly path: Path; readonly value: unknown } | undefined => {
  const path = splitPath(edit.path)
  const listAt = path.findIndex((part) => typeof part === "number")
  if (listAt < 0) return "value" in edit ? { path, value: edit.value } : undefined
  if (listAt !== path.length - 1) return undefined
  const outer = path.slice(0, -1)
  const list = outer.reduce<unknown>(
    (value, part) => typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined,
    draft,
  )
  if (!Array.isArray(list)) return undefined
  const at = Number(path[path.length - 1])
  return {
    path: outer,
    value: "value" in edit ? Object.assign([...list], { [at]: edit.value }) : list.toSpliced(at, 1),
  }
}

interface Done {
  readonly state: State
  readonly mends: ReadonlyArray<Mend>
}

/** All at once, or half of them, or one; those that are no good by themselves are not tried again. */
const firstGood = (
  mends: ReadonlyArray<Mend>,
  state: State,
  judge: JudgeEntry,
  rejected: Set<string>,
): Done | undefined => {
  const [mend, ...more] = mends
  if (mend === undefined) return undefined
  if (more.length === 0) {
    const done = tried(mends, mend.splices, state, judge) ??
      firstGood(mend.instead.filter(({ name }) => !rejected.has(name)), state, judge, rejected)
    if (done === undefined) rejected.add(mend.name)
    return done
  }
  const apart: Array<Mend> = []
  const splices: Array<Splice> = []
  for (const mend of mends) {
    const clashes = mend.splices.some((one) => splices.some((other) => clash(one, other)))
    if (mend.splices.length === 0 || clashes) continue
    apart.push(mend)
    splices.push(...mend.splices)
  }
  const together = apart.length > 1 ? tried(apart, splices, state, judge) : undefined
  const half = Math.ceil(mends.length / 2)
  return together ?? firstGood(mends.slice(0, half), state, judge, rejected) ??
    firstGood(mends.slice(half), state, judge, rejected)
}

const tried = (
  mends: ReadonlyArray<Mend>,
  splices: ReadonlyArray<Splice>,
  before: State,
  judge: JudgeEntry,
): Done | undefined => {
  if (splices.length === 0) return undefined
  const after = stateOf(spliced(before.text, splices), before.form, judge)
  return after !== undefined && isGood(mends, before, after) ? { state: after, mends } : undefined
}

/** No rule comes or goes, none changes but those that are mended, no error comes, and what was to go is gone. */
const isGood = (mends: ReadonlyArray<Mend>, before: State, after: State): boolean => {
  if (before.sets.length !== after.sets.length) return false
  const was = countsOf(before)
  const is = countsOf(after)
  const isWorse = [...is].some(([name, { count, isError }]) => isError && count > (was.get(name)?.count ?? 0))
  if (isWorse) return false
  const isGone = mends.every(({ entries, findings, set }) =>
    [...entries].every((entry) =>
      findings.every((finding) => {
        const name = nameOf(finding, set, entry)
        return !was.has(name) || (is.get(name)?.count ?? 0) < (was.get(name)?.count ?? 0)
      })
    )
  )
  return isGone && before.sets.every((set, i) => {
    const other = after.sets[i]!
    if (JSON.stringify(restOf(set)) !== JSON.stringify(restOf(other))) return false
    const changing = new Set(mends.filter((mend) => mend.set === i).flatMap(({ entries }) => [...entries]))
    return set.entries.length === other.entries.length && set.entries.every(({ protect, reading }, j) => {
      const now = other.entries[j]!
      return protect === now.protect &&
        (changing.has(j) || JSON.stringify(reading.draft) === JSON.stringify(now.reading.draft))
    })
  })
}

const restOf = ({ findings, isDocument, manages, selectors }: RuleSet) => [
  isDocument,
  manages.map(({ glob }) => glob),
  selectors.map(({ bucket, match, region }) => [bucket, match, region]),
  findings.map(({ code, path }) => [code, path]),
]

/** Places in lists move when one before them goes. */
const nameOf = ({ code, path }: Finding, set: number, entry: number): string =>
  JSON.stringify([set, entry, code, path.replaceAll(/\[\d+\]/gu, "[]")])

const countsOf = ({ found }: State): ReadonlyMap<string, { readonly count: number; readonly isError: boolean }> => {
  const counts = new Map<string, { readonly count: number; readonly isError: boolean }>()
  for (const [set, byEntry] of found.entries()) {
    for (const [entry, findings] of byEntry.entries()) {
      for (const finding of findings) {
        const name = nameOf(finding, set, entry)
        counts.set(name, { count: (counts.get(name)?.count ?? 0) + 1, isError: isError(finding) })
      }
    }
  }
  return counts
}
