/** Ranges of bytes, `end` exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * What a `Range` asks for of so many bytes: undefined where it is to be passed over, because it is malformed or names
 * several ranges (see `severalRanges` of the assumptions), and "beyond" where it can give nothing.
 */
export const spanOf = (range: string, size: number): Span | "beyond" | undefined => {
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/u.exec(range.replaceAll(" ", ""))
  if (match === null || (match[1] === "" && match[2] === "")) return undefined
  const [first, last] = [Number(match[1]), Number(match[2])]
  if (match[1] === "") return last === 0 || size === 0 ? "beyond" : { start: Math.max(0, size - last), end: size }
  if (match[2] !== "" && last < first) return undefined
  if (first >= size) return "beyond"
  return { start: first, end: match[2] === "" ? size : Math.min(last + 1, size) }
}

/** Page 8287: both ends are named; "malformed" for another form, "beyond" where the object ends before it. */
export const exactSpanOf = (range: string, size: number): Span | "beyond" | "malformed" => {
  const match = /^bytes=(\d{1,16})-(\d{1,16})$/u.exec(range)
  if (match === null || Number(match[2]) < Number(match[1])) return "malformed"
  const [start, end] = [Number(match[1]), Number(match[2]) + 1]
  return end > size ? "beyond" : { start, end }
}
