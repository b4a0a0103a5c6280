/** Texts below each other: single lines close together, everything longer with an empty line around it. */
export const paragraphs = (texts: ReadonlyArray<string>): string =>
  texts.map((text, i) => {
    const before = texts[i - 1]
    return before === undefined ? text : `${isLong(before) || isLong(text) ? "\n\n" : "\n"}${text}`
  }).join("")

const isLong = (text: string): boolean => text.includes("\n")
