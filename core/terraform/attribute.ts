/** Attributes and blocks of a resource as a state has them; what has another form is a finding. */
import { note, odd, type State } from "./finding.ts"

export type Fields = Readonly<Record<string, unknown>>

export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {}

export const itemsOf = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0)

/** The one block of a list; without attributes it may be null there, and is a block all the same. */
export const blockAt = (
  given: Fields | undefined,
  key: string,
  keys: ReadonlyArray<string>,
  state: State,
  lead = "",
): Fields | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.length > 1) {
    state.findings.push(odd(state, `${lead}${key}`, value, "one block at most"))
    return undefined
  }
  if (value.length === 0) return undefined
  const fields = fieldsOf(value[0])
  unknownIn(fields, keys, `${lead}${key}.`, state)
  return fields
}

/** A value that is not known here may be a secret of somebody: only its name is said. */
export const unknownIn = (given: Fields, keys: ReadonlyArray<string>, lead: string, state: State): void => {
  for (const [key, value] of Object.entries(given)) {
    if (keys.includes(key) || isEmpty(value)) continue
    state.findings.push({
      ...note(state, `${lead}${key}`, "The attribute is unknown, and is not in the rules document", undefined, ""),
      allowed: keys.join(", "),
      fix: "Add what it means to the rules document by hand",
    })
  }
}

export const textAt = (given: Fields | undefined, key: string, lead: string, state: State): string | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null || value === "") return undefined
  if (typeof value === "string") return value
  state.findings.push(odd(state, `${lead}${key}`, value, "text"))
  return undefined
}

/** The schema says text, and Go's SDK reads what COS sends, `True` too. */
export const flagAt = (given: Fields, key: string, state: State): boolean | undefined => {
  const value = given[key]
  const word = typeof value === "string" ? value.toLowerCase() : value
  if (word === "true" || word === true) return true
  if (word === "false" || word === false) return false
  if (value !== undefined && value !== null) state.findings.push(odd(state, key, value, '"true" or "false"'))
  return undefined
}

export const secondsAt = (given: Fields | undefined, key: string, state: State): number | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null || value === "") return undefined
  if (typeof value === "string" && /^-?\d{1,15}$/u.test(value)) return Number(value) + 0
  state.findings.push(odd(state, `filter.period.${key}`, value, "epoch seconds, as text"))
  return undefined
}

export const wordsAt = (given: Fields | undefined, key: string, state: State): ReadonlyArray<string> => {
  const value = given?.[key]
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((word) => typeof word === "string")) return value
  state.findings.push(odd(state, `optional_fields.${key}`, value, "a list of texts"))
  return []
}
