/** Where the parts of a JSON text stand. The text must be one that was read without fault. */
import type { Path } from "../../core/wire/json.ts"
import { scan } from "./scan.ts"

export interface Place {
  /** Where a value begins, or its key where it has one. */
  readonly offset: number
  /** As the text has it; of numbers, booleans and null alone. */
  readonly written?: string
  /** By key or index. */
  readonly parts?: ReadonlyMap<string | number, Place>
}

export const placesOf = (text: string): Place => {
  const root: Growing = { offset: Math.max(0, text.search(/\S/u)) }
  const around = [root]
  let last = root
  const add = (part: string | number, offset: number) => {
    const parent = around[around.length - 1]!
    last = { offset }
    parent.parts ??= new Map()
    parent.parts.set(part, last)
  }
  scan(text, {
    open: () => void around.push(last),
    close: () => void around.pop(),
    key: add,
    item: add,
    plain: (token) => void (last.written = token),
  })
  return root
}

interface Growing {
  readonly offset: number
  written?: string
  parts?: Map<string | number, Growing>
}

/** What stands at a path, or the last thing on the way to it. */
export const placeIn = (root: Place, path: Path): { readonly place: Place; readonly isWhole: boolean } => {
  let place = root
  for (const part of path) {
    const next = place.parts?.get(part) ?? place.parts?.get(String(part))
    if (next === undefined) return { place, isWhole: false }
    place = next
  }
  return { place, isWhole: true }
}
