/** What edits make of a rule as it was read. */
import type { Draft } from "../../core/rule.ts"
import { splitPath } from "../../core/wire/json.ts"
import { settle } from "../../core/wire/reading.ts"
import type { WithEdit } from "./state.ts"

type Edit = WithEdit["edit"]

/** What is taken out of a list goes last, the last of it first, because those behind it move. */
export const edited = (draft: Draft, edits: ReadonlyArray<Edit>): Draft => {
  const copy: unknown = structuredClone(draft)
  const [values, removals] = [edits.filter((edit) => "value" in edit), edits.filter((edit) => !("value" in edit))]
  for (const { path, value } of values) put(copy, splitPath(path), value)
  const places = removals.map(({ path }) => splitPath(path))
  for (const path of places.toSorted((a, b) => Number(b.at(-1)) - Number(a.at(-1)))) take(copy, path)
  return copy as Draft
}

const put = (at: unknown, [key, ...rest]: ReadonlyArray<string | number>, value: unknown): void => {
  if (key === undefined || typeof at !== "object" || at === null) return
  if (rest.length === 0) return void Reflect.set(at, key, value)
  if (Reflect.get(at, key) === undefined) Reflect.set(at, key, typeof rest[0] === "number" ? [] : {})
  put(Reflect.get(at, key), rest, value)
}

const take = (at: unknown, [key, ...rest]: ReadonlyArray<string | number>): void => {
  if (key === undefined || typeof at !== "object" || at === null) return
  if (rest.length > 0) take(Reflect.get(at, key), rest)
  else if (Array.isArray(at)) at.splice(Number(key), 1)
  else Reflect.deleteProperty(at, key)
}

/** Whether two rules say the same, whatever the order of their keys. */
export const saysSame = (one: Draft, other: Draft): boolean => textOf(settle(one)) === textOf(settle(other))

const textOf = (value: unknown): string =>
  JSON.stringify(
    value,
    (_, inner: unknown) =>
      typeof inner === "object" && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => a < b ? -1 : 1))
        : inner,
  )
