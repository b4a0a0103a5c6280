/** Forms that are read by plain functions: Effect's Schema would be an eighth of a proxy at the edge, which reads one. */
import * as Result from "effect/Result"
import { missing, unknownMember, wrongForm } from "./form-finding.ts"
import type { Finding } from "./lint/finding.ts"
import { isObject } from "./wire/json.ts"

/** Reads what is in its place; undefined where that is wrong, and a finding says why. */
export interface Form<A> {
  readonly read: (place: Place) => A | undefined
}

interface Place {
  readonly value: unknown
  readonly path: string
  readonly findings: Array<Finding>
  readonly source: string
  readonly worded: Wording
}

/** A finding in the words of whoever reads the form; `value` is what stands at its path, if anything does. */
export type Wording = (finding: Finding, value: unknown) => Finding

/** `source` says where the form is described. Every problem is a finding, and an unknown member is one. */
export const readPlain = <A>(
  form: Form<A>,
  value: unknown,
  source: string,
  worded: Wording = (finding) => finding,
): Result.Result<A, ReadonlyArray<Finding>> => {
  const findings: Array<Finding> = []
  const read = form.read({ value, path: "", findings, source, worded })
  return read === undefined || findings.length > 0 ? Result.fail(findings) : Result.succeed(read)
}

/** Any text, unless there is a pattern; `allowed` says it in words. */
export const text = (allowed = "text", pattern?: RegExp): Form<string> =>
  valueOf(allowed, (value): value is string => typeof value === "string" && (pattern?.test(value) ?? true))

export const count = (least: number, most: number): Form<number> =>
  valueOf(
    `a whole number from ${least} to ${most}`,
    (value): value is number => Number.isSafeInteger(value) && least <= Number(value) && Number(value) <= most,
  )

export const oneOf = <const W extends string | number>(...words: ReadonlyArray<W>): Form<W> =>
  valueOf(
    words.map((word) => JSON.stringify(word)).join(" | "),
    (value): value is W => words.some((word) => word === value),
  )

const valueOf = <A>(allowed: string, isOne: (value: unknown) => value is A): Form<A> => ({
  read: (place) => isOne(place.value) ? place.value : wrong(place, allowed),
})

const wrong = ({ value, path, findings, source, worded }: Place, allowed: string): undefined => {
  findings.push(worded(wrongForm(source, path, allowed, value), value))
  return undefined
}

const lacks = ({ findings, source, worded }: Place, path: string, what: string): void => {
  findings.push(worded(missing(source, path, what), undefined))
}

export const list = <A>(item: Form<A>): Form<ReadonlyArray<A>> => ({ read: (place) => readList(place, item) })

export const filledList = <A>(item: Form<A>): Form<readonly [A, ...ReadonlyArray<A>]> => ({
  read: (place) => {
    const read = readList(place, item)
    if (Array.isArray(place.value) && place.value.length === 0) {
      lacks(place, `${place.path}[0]`, "an item")
    }
    const [first, ...others] = read ?? []
    return first === undefined ? undefined : [first, ...others]
  },
})

const readList = <A>(place: Place, item: Form<A>): ReadonlyArray<A> | undefined =>
  Array.isArray(place.value)
    ? Array.from(place.value, (value: unknown, at) => item.read({ ...place, value, path: `${place.path}[${at}]` }))
      .filter((read) => read !== undefined)
    : wrong(place, "a list")

/** A member that may be left out. */
export interface Optional<A> extends Form<A> {
  readonly isOptional: true
}
export const optional = <A>(form: Form<A>): Optional<A> => ({ ...form, isOptional: true })

export interface ObjectForm<F extends Members> extends Form<Read<F>> {
  readonly members: F
}
type Members = Readonly<Record<string, Form<unknown> & { readonly isOptional?: true }>>

/** What a form reads, or an object of some members. */
export type Read<F> = F extends Form<infer A> ? A
  :
    & { readonly [K in keyof F as F[K] extends Optional<unknown> ? never : K]: Read<F[K]> }
    & { readonly [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: Read<F[K]> }

export const object = <F extends Members>(members: F): ObjectForm<F> => {
  const names = Object.keys(members)
  const needed = names.filter((name) => members[name]!.isOptional !== true)
  const allowed = needed.length === 0 ? "an object" : `an object with ${needed.join(", ")}`
  return {
    members,
    read: (place) => {
      const { value, findings, source } = place
      if (!isObject(value)) return wrong(place, allowed)
      for (const key of Object.keys(value)) {
        if (!names.includes(key)) findings.push(unknownMember(source, within(place, key), key, names))
      }
      const read: Record<string, unknown> = {}
      for (const name of names) {
        const path = within(place, name)
        if (Object.hasOwn(value, name)) read[name] = members[name]!.read({ ...place, value: value[name], path })
        else if (needed.includes(name)) lacks(place, path, name)
      }
      // With a finding for whatever is not there, so that nobody gets it
      return read as Read<F>
    },
  }
}

/** Members of any name. */
export const record = <A>(item: Form<A>): Form<Readonly<Record<string, A>>> => ({
  read: (place) =>
    isObject(place.value)
      ? Object.fromEntries(
        Object.entries(place.value).flatMap(([key, value]) => {
          const read = item.read({ ...place, value, path: within(place, key) })
          return read === undefined ? [] : [[key, read]]
        }),
      )
      : wrong(place, "an object"),
})

/** A word in place of an object. */
export const wordOr = <W extends string, F extends Members>(word: W, form: ObjectForm<F>): Form<W | Read<F>> => ({
  read: (place) =>
    place.value === word
      ? word
      : isObject(place.value)
      ? form.read(place)
      : wrong(place, `"${word}"; or an object with ${Object.keys(form.members).join(", ")}`),
})

const within = ({ path }: Place, key: string): string => path === "" ? key : `${path}.${key}`
