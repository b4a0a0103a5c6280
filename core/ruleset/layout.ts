/**
 * What stands in which order in a rules file: the canonical form of its parsed value, and of its parts.
 *
 * **Details**
 *
 * Keys stand in the order of the JSON form, `protect` behind `id`; periods are ISO-8601 times in UTC; rules in the API's
 * own names become the JSON form. Lists keep their order. Nothing is added and nothing is left out: defaults, variables
 * and short destinations stay as they are.
 */
import { isApiShape, readApiJson } from "../wire/api-json.ts"
import { envelopeKeys, ruleKeys } from "../wire/document.ts"
import { isObject, ruleShape, type Shape, writeJson } from "../wire/json.ts"
import { readTime, timeText } from "../time.ts"
import { documentKeys } from "./document.ts"
import { isRuleSet } from "./stranger.ts"

/** What a value is, as far as its form depends on it. */
export interface Layout {
  /** The keys that are known, in their order, and what stands under them. */
  readonly members?: ReadonlyMap<string, Layout>
  readonly items?: Layout
  readonly isTime?: true
  /** A rule, which may be in the API's own names. */
  readonly isRule?: true
}

/** The layout of a whole document: a rules document, an envelope, a list of rules, or a rule. */
export const layoutOf = (value: unknown): Layout => {
  if (isRuleSet(value)) return ruleSetLayout
  if (Array.isArray(value)) return { items: bareRule }
  return isObject(value) && ruleKeys.some((key) => Object.hasOwn(value, key)) ? envelope : bareRule
}

/** The canonical form of a whole document's value. */
export const laidOut = (value: unknown): unknown => inLayout(value, layoutOf(value))

const inLayout = (value: unknown, layout: Layout): unknown => {
  if (layout.isTime === true) return timeIn(value)
  if (Array.isArray(value)) {
    return layout.items === undefined ? value : value.map((item) => inLayout(item, layout.items!))
  }
  if (!isObject(value)) return value
  const plain = layout.isRule === true ? plainRule(value) ?? value : value
  return Object.fromEntries(
    inOrder(Object.keys(plain), layout).map((key) => [key, inLayout(plain[key], layout.members?.get(key) ?? {})]),
  )
}

/** The JSON form of a rule in the API's own names; undefined where it has that form already. */
export const plainRule = (value: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (!isObject(value)) return undefined
  const { protect, ...rule } = value
  if (!isApiShape(rule)) return undefined
  return { ...writeJson(readApiJson({ value: rule }).draft), ...(protect === undefined ? {} : { protect }) }
}

/** What YAML merges in comes first, then known keys in their order, and unknown ones behind them in their own. */
export const inOrder = (keys: ReadonlyArray<string>, { members }: Layout): ReadonlyArray<string> => {
  const known = ["<<", ...members?.keys() ?? []]
  const rank = (key: string) => known.includes(key) ? known.indexOf(key) : known.length
  return keys.toSorted((a, b) => rank(a) - rank(b))
}

/** A time as text, where it can be read as one. */
export const timeIn = (value: unknown): unknown => {
  const seconds = typeof value === "string" ? /^\d{1,15}$/u.test(value) ? Number(value) : readTime(value) : value
  return typeof seconds === "number" && Number.isSafeInteger(seconds) ? timeText(seconds) : value
}

const layoutOfShape = (shape: Shape): ReadonlyMap<string, Layout> =>
  new Map(
    Object.entries(shape).map(([key, part]): readonly [string, Layout] => {
      if (part.kind === "object") return [key, { members: layoutOfShape(part.shape) }]
      if (part.kind === "objects") return [key, { items: { members: layoutOfShape(part.shape) } }]
      if (part.kind === "extra") return [key, { items: { members: new Map([["in", {}], ["xml", {}]]) } }]
      return [key, part.kind === "time" ? { isTime: true } : {}]
    }),
  )

const ruleMembers = layoutOfShape(ruleShape)
const bareRule: Layout = { isRule: true, members: ruleMembers }
const protectable: ReadonlyMap<string, Layout> = new Map(
  [...ruleMembers].flatMap((entry) => entry[0] === "id" ? [entry, ["protect", {}] as const] : [entry]),
)
const selector: Layout = { members: new Map([["match", {}], ["region", {}]]) }

const documentMembers: Readonly<Partial<Record<string, Layout>>> = {
  buckets: { items: selector },
  defaults: { isRule: true, members: protectable },
  rules: { items: { isRule: true, members: protectable } },
}

const ruleSetLayout: Layout = { members: new Map(documentKeys.map((key) => [key, documentMembers[key] ?? {}])) }

const envelopeMembers: Readonly<Partial<Record<string, Layout>>> = {
  configuration: bareRule,
  configurations: { items: bareRule },
  job: bareRule,
}

const envelope: Layout = { members: new Map(envelopeKeys.map((key) => [key, envelopeMembers[key] ?? {}])) }
