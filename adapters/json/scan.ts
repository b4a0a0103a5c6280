/** The keys, items and values of a JSON text, one after the other. */
import { maxDepth } from "../document-fault.ts"

export interface Visitor {
  readonly open: () => void
  readonly close: () => void
  readonly key: (name: string, offset: number) => void
  readonly item?: (index: number, offset: number) => void
  /** A value that is no object, no list and no text. */
  readonly plain?: (token: string) => void
}

interface Frame {
  readonly isList: boolean
  /** Of the next item. */
  index: number
  isKeyNext: boolean
}

/** Visits everything, also of a text that is no JSON. Ends at what is too deep, and says where it is. */
export const scan = (text: string, visitor: Visitor): number | undefined => {
  const tokens = /"[^"\\]*(?:\\[^][^"\\]*)*"?|[{}[\],:]|[^\s{}[\],:"]+/gu
  const stack: Array<Frame> = []
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const [token] = match
    const frame = stack[stack.length - 1]
    if (token === ",") {
      if (frame !== undefined) frame.isKeyNext = !frame.isList
    } else if (token === "}" || token === "]") {
      if (stack.pop() !== undefined) visitor.close()
    } else if (frame?.isKeyNext === true) {
      frame.isKeyNext = false
      visitor.key(nameOf(token), match.index)
    } else if (token !== ":") {
      if (frame?.isList === true) visitor.item?.(frame.index++, match.index)
      if (token !== "{" && token !== "[") {
        if (!token.startsWith('"')) visitor.plain?.(token)
        continue
      }
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
