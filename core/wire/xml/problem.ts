/** Why a document is not read, and where. */
import { type Finding, type Position, shown } from "../../lint/finding.ts"
import type { Document } from "./tree.ts"

export interface XmlProblem {
  readonly code: string
  /** Offset in UTF-16 units into the text. */
  readonly at: number
  readonly position: Position
  readonly message: string
  readonly found?: string
  readonly allowed: string
  readonly fix: string
}

export const positionAt = (text: string, offset: number): Position => positionsIn(text)(offset)

/** The same for many offsets: the line ends are looked up once, so that a thousand findings cost what one does. */
export const positionsIn = (text: string): (offset: number) => Position => {
  let ends: Array<number> | undefined
  return (offset) => {
    ends ??= Array.from(text.matchAll(/\n/gu), (match) => match.index)
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < offset) low = middle + 1
      else high = middle
    }
    return { line: low + 1, column: offset - (low === 0 ? -1 : ends[low - 1]!) }
  }
}

export const wrongRoot = (document: Document, expected: string): XmlProblem => ({
  code: "xml-root",
  at: document.root.start ?? 0,
  position: positionAt(document.text, document.root.start ?? 0),
  message: "The root element is another one",
  found: `<${document.root.tagName}>`,
  allowed: `<${expected}>`,
  fix: `Give a document whose root element is <${expected}>`,
})

export const xmlFinding = (problem: XmlProblem): Finding => ({
  code: problem.code,
  severity: "error",
  path: "",
  message: problem.message,
  ...(problem.found === undefined ? {} : { found: shown(problem.found) }),
  allowed: problem.allowed,
  fix: problem.fix,
  source: "XML 1.0; limits of this project",
  position: problem.position,
})
