/** Lines for an output that may break, fill up or stand still: the program lives on, and knows which lines were lost. */

/** As much of a stream as is needed. */
export interface LineStream {
  readonly write: (text: string, onEnd: (error?: Error | null) => void) => unknown
  readonly on: (event: "error", listener: (error: Error) => void) => unknown
}

export interface LineWriterOptions {
  /** The line that tells how many were lost; written once the output takes lines again. */
  readonly lostLine?: (count: number) => string
  /** How many characters may wait for an output that stands still; lines beyond them are lost. */
  readonly maxWaiting?: number
}

/** Takes a line without its end. Fails when the line is lost, which whoever does not care need not look at. */
export type WriteLine = (line: string) => Promise<void>

/** The runtimes tell of a broken output by an event, which would end the process where nobody listens. */
export const lineWriter = (
  stream: LineStream,
  { lostLine, maxWaiting = 1024 * 1024 }: LineWriterOptions = {},
): WriteLine => {
  let waiting = 0
  let lost = 0
  stream.on("error", ignore)
  const write = (line: string, onEnd: (error: Error | null | undefined) => void): void => {
    const text = `${line}\n`
    if (waiting > 0 && waiting + text.length > maxWaiting) return onEnd(new Error("The output takes no more lines"))
    waiting += text.length
    stream.write(text, (error) => {
      waiting -= text.length
      onEnd(error)
    })
  }
  const tellLost = () => {
    if (lost === 0 || waiting > maxWaiting / 2 || lostLine === undefined) return
    const count = lost
    lost = 0
    write(lostLine(count), (error) => {
      if (isError(error)) lost += count
    })
  }
  return (line) => {
    const written = new Promise<void>((resolve, reject) =>
      write(line, (error) => {
        if (isError(error)) {
          lost++
          return reject(error)
        }
        resolve()
        tellLost()
      })
    )
    written.catch(ignore)
    return written
  }
}

const isError = (error: Error | null | undefined): error is Error => error !== undefined && error !== null
const ignore = () => {}
