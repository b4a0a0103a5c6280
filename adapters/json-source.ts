/**
 * JSON text as a value whose parts know their line, for documents too large for the library behind `yaml.ts`.
 *
 * JSON's own parser forgets places and repeated keys, so the text is scanned for them: for repeated keys always, for
 * places only when one is asked for.
 */
import * as Result from "effect/Result"
import type { Finding, Position } from "../core/lint/mod.ts"
import type { Path, Source } from "../core/wire/json.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import { jsonFault } from "./json-fault.ts"

/** Deeper than any document; beyond it recursive readers run out of stack. */
const maxDepth = 64

export const readJsonText = (text: string): Result.Result<Source, ReadonlyArray<Finding>> => {
  const repeated: Array<number> = []
  const keys: Array<Set<string>> = []
  const deep = scan(text, {
    open: () => void keys.push(new Set()),
    close: () => void keys.pop(),
    key: (name, offset) => {
      const seen = keys[keys.length - 1]
      if (seen?.has(name) === true) repeated.push(offset)
      seen?.add(name)
    },
    item: () => {},
  })
  if (deep !== undefined) return Result.fail([tooDeep(positionAt(text, deep))])
  const fault = jsonFault(text)
  if (fault !== undefined) {
    const message = `The document is not JSON: ${fault.problem}`
    return Result.fail([finding("json-syntax", message, fault.fix, positionAt(text, fault.offset))])
  }
  if (repeated.length > 0) {
    return Result.fail(
      repeated.map((offset) =>
        finding("repeated-key", "A key stands twice", "Remove one of them", positionAt(text, offset))
      ),
    )
  }
  let root: Place | undefined
  const position = (path: Path): Position => {
    root ??= placesOf(text)
    let place = root
    for (const part of path) place = place.parts.get(part) ?? place
    return positionAt(text, place.offset)
  }
  return Result.succeed({ value: JSON.parse(text), position })
}

/** Where a value begins, or its key where it has one. */
interface Place {
  readonly offset: number
  readonly parts: Map<string | number, Place>
}

const placesOf = (text: string): Place => {
  const root: Place = { offset: Math.max(0, text.search(/\S/u)), parts: new Map() }
  const around = [root]
  let last = root
  const add = (part: string | number, offset: number) => {
    last = { offset, parts: new Map() }
    around[around.length - 1]!.parts.set(part, last)
  }
  scan(text, {
    open: () => void around.push(last),
    close: () => void around.pop(),
    key: add,
    item: add,
  })
  return root
}

interface Visitor {
  readonly open: () => void
  readonly close: () => void
  readonly key: (name: string, offset: number) => void
  readonly item: (index: number, offset: number) => void
}

/** Visits every key and every item, also of a text that is no JSON. Ends at what is too deep, and says where it is. */
const scan = (text: string, visitor: Visitor): number | undefined => {
  const tokens = /"(?:[^"\\]|\\[^])*"?|[{}[\],:]|[^\s{}[\],:"]+/gu
  const stack: Array<{ readonly isList: boolean; index: number; isKeyNext: boolean }> = []
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match
    const frame = stack[stack.length - 1]
    if (token === "," || token === ":") {
      if (frame !== undefined && token === ",") frame.isKeyNext = !frame.isList
      continue
    }
    if (token === "}" || token === "]") {
      if (stack.pop() !== undefined) visitor.close()
      continue
    }
    if (frame?.isList === true) visitor.item(frame.index++, match.index)
    else if (frame?.isKeyNext === true) {
      frame.isKeyNext = false
      visitor.key(nameOf(token), match.index)
      continue
    }
    if (token === "{" || token === "[") {
      if (stack.length === maxDepth) return match.index
      stack.push({ isList: token === "[", index: 0, isKeyNext: token === "{" })
      visitor.open()
    }
  }
  return undefined
}

/** Two spellings of a key are one key. */
const nameOf = (token: string): string => {
  if (!token.includes("\\")) return token.slice(1, -1)
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}

const finding = (code: string, message: string, fix: string, position: Position): Finding => ({
  code,
  severity: "error",
  path: "",
  message,
  allowed: code === "repeated-key" ? "each key once" : "well-formed JSON",
  fix,
  source: "RFC 8259",
  position,
})

const tooDeep = (position: Position): Finding => ({
  code: "document-depth",
  severity: "error",
  path: "",
  message: "The document is nested too deep",
  allowed: `${maxDepth} levels`,
  fix: "Remove the nesting",
  source: "limits of this project",
  position,
})
