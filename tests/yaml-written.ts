/** YAML texts as people write them: keys in any order, comments and blank lines anywhere, any style. */
import { dice } from "./generated.ts"

type Dice = (below: number) => number
/** A value, and the lines of its text. */
type Value = string | number | boolean | ReadonlyArray<Value> | { readonly [key: string]: Value }

export interface Written {
  readonly text: string
  /** Every comment in it. */
  readonly comments: ReadonlyArray<string>
}

export interface Habits {
  /** Of 100 places where a comment may stand, in how many one does. */
  readonly comments: number
  /** Of 100 collections, how many are in brackets. */
  readonly brackets: number
}

/** A stream of one or more values, the same for the same seed. */
export const written = (values: ReadonlyArray<Value>, seed: number, habits: Partial<Habits> = {}): Written => {
  const roll = dice(seed)
  const pen: Pen = { roll, comments: [], habits: { comments: 15, brackets: 30, ...habits } }
  const texts = values.map((value, i) => {
    const head = i > 0 || roll(4) === 0 ? [...i > 0 ? [] : remarks(pen, 0), "---"] : []
    return [...head, ...remarks(pen, 0), ...block(value, 0, pen), ...remarks(pen, 0)].join("\n")
  })
  return { text: `${texts.join("\n")}\n`, comments: pen.comments }
}

interface Pen {
  readonly roll: Dice
  readonly comments: Array<string>
  readonly habits: Habits
}

const chance = ({ roll }: Pen, percent: number): boolean => roll(100) < percent

const comment = (pen: Pen): string => {
  const words = ["why", "team: data", "{ not: flow }", "- not an item", "#", "腾讯 \u200b", "'", "a  b"]
  const text = `# ${pen.comments.length} ${words[pen.roll(words.length)]!}`
  pen.comments.push(text)
  return text
}

/** Lines between others: comments as far in as what follows, and blank ones. */
const remarks = (pen: Pen, indent: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  while (chance(pen, pen.habits.comments)) {
    if (chance(pen, 30)) lines.push("")
    lines.push(`${" ".repeat(indent)}${comment(pen)}`)
    if (chance(pen, 20)) lines.push("", "")
  }
  return lines
}

const behind = (pen: Pen): string => chance(pen, pen.habits.comments) ? ` ${comment(pen)}` : ""

const shuffled = <A>(items: ReadonlyArray<A>, { roll }: Pen): ReadonlyArray<A> =>
  items.map((item) => [roll(1000), item] as const).toSorted(([a], [b]) => a - b).map(([, item]) => item)

const isList = (value: Value): value is ReadonlyArray<Value> => Array.isArray(value)
const isPlace = (value: Value): value is Exclude<Value, string | number | boolean> => typeof value === "object"

/** The lines of a value that begins a line of its own. */
const block = (value: Value, indent: number, pen: Pen): ReadonlyArray<string> => {
  const pad = " ".repeat(indent)
  if (!isPlace(value) || isEmptyPlace(value)) return [`${pad}${inline(value, pen)}`]
  if (isList(value)) {
    return value.flatMap((item) => {
      const before = remarks(pen, indent)
      if (!isPlace(item) || isEmptyPlace(item) || chance(pen, pen.habits.brackets)) {
        return [...before, `${pad}- ${inline(item, pen)}${behind(pen)}`]
      }
      const [first = "", ...rest] = block(item, indent + 2, pen)
      return first.trimStart().startsWith("#") || first === ""
        ? [...before, `${pad}-${behind(pen)}`, first, ...rest]
        : [...before, `${pad}- ${first.trimStart()}`, ...rest]
    })
  }
  return shuffled(Object.entries(value), pen).flatMap(([key, inner]) => {
    const head = `${pad}${chance(pen, 10) ? JSON.stringify(key) : key}:`
    const before = remarks(pen, indent)
    if (!isPlace(inner) || isEmptyPlace(inner) || chance(pen, pen.habits.brackets)) {
      return [...before, `${head} ${inline(inner, pen)}${behind(pen)}`]
    }
    const step = isList(inner) && chance(pen, 30) ? 0 : 2
    return [...before, `${head}${behind(pen)}`, ...block(inner, indent + step, pen)]
  })
}

const isEmptyPlace = (value: Value): boolean => isPlace(value) && Object.keys(value).length === 0

/** A value on one line. */
const inline = (value: Value, pen: Pen): string => {
  if (isPlace(value)) {
    const pad = chance(pen, 50) ? " " : ""
    if (isList(value)) return `[${pad}${value.map((item) => inline(item, pen)).join(", ")}${pad}]`
    const pairs = shuffled(Object.entries(value), pen).map(([key, inner]) => `${key}: ${inline(inner, pen)}`)
    return `{${pad}${pairs.join(", ")}${pad}}`
  }
  if (typeof value === "boolean") return pen.roll(5) === 0 ? (value ? "True" : "FALSE") : String(value)
  if (typeof value === "number") return String(value)
  const isPlain = /^[A-Za-z][\w./-]*$/u.test(value) && !/^(?:true|false|null|yes|no|on|off)$/iu.test(value)
  if (isPlain && pen.roll(4) > 0) return value
  // deno-lint-ignore no-control-regex -- what single quotes cannot hold
  return pen.roll(2) === 0 && !/[\u0000-\u001f\u007f-\u009f]/u.test(value)
    ? `'${value.replaceAll("'", "''")}'`
    : JSON.stringify(value)
}
