/** Where and how the edits of findings are written into the text of a rules file. */
import { type Path, splitPath } from "../../core/wire/json.ts"
import type { Reading } from "../../core/wire/reading.ts"
import { descended, scalarAt, type Sheet, type Splice, splicesFor, standsAt } from "../yaml/mod.ts"
import type { State, WithEdit } from "./state.ts"

type Edit = WithEdit["edit"]

export interface Ways {
  /** Where the value stands. None where it is not certain how. */
  readonly splices: ReadonlyArray<Splice>
  /** In the rule itself, where the value stands in its defaults or in what it merges. */
  readonly instead: ReadonlyArray<Splice> | undefined
}

export const waysOf = (state: State, set: number, entry: number, edit: Edit): Ways => {
  const sheet = state.sheets[set]
  const place = placeOf(state, set, entry, edit.path)
  if (sheet === undefined || place === undefined || !keepsVariables(scalarAt(sheet, place), edit.value)) {
    return { splices: [], instead: undefined }
  }
  const change = "value" in edit ? { value: edit.value } : {}
  const draft = state.sets[set]?.entries[entry]?.reading.draft
  return {
    splices: splicesFor(sheet, place, change) ?? [],
    instead: place[0] === "defaults" ? overDefaults(sheet, entry, draft, edit) : overMerged(sheet, place, draft, edit),
  }
}

/** The node that holds what is at a path of a rule, and what of the path is to be added to it. */
export const holderOf = (
  state: State,
  set: number,
  entry: number,
  path: string,
): { readonly node: unknown; readonly rest: Path } | undefined => {
  const sheet = state.sheets[set]
  const place = placeOf(state, set, entry, path)
  if (sheet === undefined || place === undefined) return undefined
  const { at, rest } = descended(sheet, place)
  return at && { node: at.node, rest }
}

/** Where the edit is done in the text; some defaults stand in no file. */
const placeOf = (state: State, set: number, entry: number, path: string): Path | undefined => {
  const sheet = state.sheets[set]
  const found = sourceOf(state, set, entry, path)
  if (sheet === undefined || found === undefined) return undefined
  return found[0] === "defaults" && !standsAt(sheet, found) ? ["rules", entry, ...splitPath(path)] : found
}

const overDefaults = (sheet: Sheet, entry: number, draft: Reading["draft"] | undefined, edit: Edit) => {
  const own = overriding(draft, edit)
  return own && splicesFor(sheet, ["rules", entry, ...own.path], { value: own.value })
}

/** A key of a mapping is merged as a whole, so that only what stands right in it can be had anew. */
const overMerged = (sheet: Sheet, place: Path, draft: Reading["draft"] | undefined, edit: Edit) => {
  const own = descended(sheet, place, "own")
  const [, item, ...deeper] = own.rest
  const isItem = typeof item === "number"
  if (own.rest.length === 0 || deeper.length > 0 || (item !== undefined && !isItem)) return undefined
  if (descended(sheet, place).at?.node === own.at?.node) return undefined
  const value = overriding(draft, edit)
  return value && splicesFor(sheet, isItem ? place.slice(0, -1) : place, { value: value.value }, "own")
}

/** Where the edit is done: in the rule, or in the defaults it has the value from. */
const sourceOf = ({ sets }: State, set: number, entry: number, path: string): Path | undefined => {
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
