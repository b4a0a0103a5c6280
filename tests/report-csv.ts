/** A small reader of CSV (RFC 4180), written for these tests alone and after the RFC, not after the writer. */
export const readCsv = (text: string): ReadonlyArray<ReadonlyArray<string>> => {
  const rows: Array<ReadonlyArray<string>> = []
  let cells: Array<string> = []
  let at = 0
  while (at < text.length) {
    let cell = ""
    if (text[at] === '"') {
      at++
      for (;;) {
        const end = text.indexOf('"', at)
        if (end < 0) throw new Error(`A cell that begins before ${at} never ends`)
        cell += text.slice(at, end)
        at = end + 1
        if (text[at] !== '"') break
        cell += '"'
        at++
      }
    } else {
      const rest = /^[^",\r\n]*/.exec(text.slice(at))![0]
      cell = rest
      at += rest.length
    }
    cells.push(cell)
    if (text[at] === ",") {
      at++
      if (at === text.length) throw new Error("The last row ends with a comma")
      continue
    }
    const end = /^\r?\n/.exec(text.slice(at, at + 2))
    if (end === null) throw new Error(`Neither a comma nor a line end after the cell that ends at ${at}`)
    at += end[0].length
    rows.push(cells)
    cells = []
  }
  return rows
}

/** Each row by the names of its columns. */
export const readRows = (
  text: string,
  columns: ReadonlyArray<string>,
): ReadonlyArray<Readonly<Record<string, string>>> =>
  readCsv(text).map((cells) => {
    if (cells.length !== columns.length) throw new Error(`${cells.length} cells stand in ${columns.length} columns`)
    return Object.fromEntries(cells.map((cell, i) => [columns[i]!, cell]))
  })
