/** Rows about elements that this project does not know: they are kept, but a slip of the pen must not widen a rule. */
import * as Result from "effect/Result"
import type { Draft } from "../rule.ts"
import { isExtraPlace } from "../wire/configuration.ts"
import { elementNames } from "../wire/members.ts"
import { guard, localName } from "../wire/xml/mod.ts"
import type { Row } from "./context.ts"
import { nearest } from "./nearest.ts"

const allowed = "the elements of the PUT page"

export const extraRows: ReadonlyArray<Row> = [
  {
    code: "unknown-element",
    severity: "error",
    message: "An unknown element looks like a known one, and COS may ignore it",
    why: "COS tolerates unknown elements, so that a slip of the pen silently widens a rule",
    source: "page 30625; unknown elements are tolerated by COS (observed: python ut/test.py:1789)",
    *check(draft) {
      for (const { name, near, place, path } of unknownElements(draft)) {
        if (near === undefined) continue
        const fix = near === name ? `Move <${name}> to where it belongs` : `Did you mean <${near}>?`
        yield { path, found: `<${name}> in ${place}`, allowed, fix }
      }
    },
  },
  {
    code: "unknown-element-kept",
    severity: "warning",
    message: "An unknown element is kept and sent as it is",
    why: "COS may know it or ignore it; this project cannot tell",
    source: "assumed: what COS adds later must survive a change made here",
    *check(draft) {
      for (const { name, near, place, path } of unknownElements(draft)) {
        if (near === undefined) yield { path, found: `<${name}> in ${place}`, allowed, fix: "Check that COS knows it" }
      }
    },
  },
  {
    code: "extra-form",
    severity: "error",
    message: "An entry of extra cannot be written",
    why: "What cannot be written would be lost on the way to COS",
    source: "the JSON form in the README",
    *check(draft, { kind }) {
      for (const [i, { in: place, xml }] of (draft.extra ?? []).entries()) {
        if (nameOf(xml) === undefined) {
          const fix = "Correct or remove it"
          yield { path: `extra[${i}].xml`, found: xml, allowed: "one well-formed XML element, nothing around it", fix }
        }
        if (!isExtraPlace(place, draft, kind)) {
          const allowed = "a container of the rule, such as / or /Filter/And"
          yield { path: `extra[${i}].in`, found: place, allowed, fix: "Name the container it stands in" }
        }
      }
    },
  },
]

interface UnknownElement {
  readonly name: string
  /** The known element it is taken for, or its own name where a known one stands in the wrong place. */
  readonly near: string | undefined
  readonly place: string
  readonly path: string
}

const unknownElements = (draft: Draft): ReadonlyArray<UnknownElement> => {
  const known = remembered.get(draft)
  if (known !== undefined) return known
  const nearestTo = new Map<string, string | undefined>()
  const found = (draft.extra ?? []).flatMap(({ in: place, xml }, i) => {
    const name = nameOf(xml)
    if (name === undefined) return []
    if (!nearestTo.has(name)) nearestTo.set(name, elementNames.has(name) ? name : nearest(name, elementNames))
    return [{ name, near: nearestTo.get(name), place, path: `extra[${i}]` }]
  })
  remembered.set(draft, found)
  return found
}

/** Two rows ask the same of a draft, and a hostile one holds many elements. */
const remembered = new WeakMap<Draft, ReadonlyArray<UnknownElement>>()

/** The name of the one element that the text is; undefined when it is anything else, or more. */
const nameOf = (xml: string): string | undefined => {
  const document = guard(xml)
  if (Result.isFailure(document) || xml.startsWith("\ufeff")) return undefined
  const { start, end, text, root } = document.success
  return start === 0 && end === text.length ? localName(root) : undefined
}
