/** A data file as a body: rows of a scan, gathered, encoded and compressed while they are stored. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { Streamed } from "../../../core/ports.ts"
import { headerRow } from "../../../core/report/mod.ts"
import type { Piece, Scan } from "./scan.ts"

/** Begins with a piece that was read before, so that no file is begun for which there are no rows. */
export const dataFile = (scan: Scan, first: Piece, rowsPerFile: number, onEnd: (last: Piece) => void): Streamed => ({
  stream: compressed(Stream.suspend(() => {
    let rows = first.rows
    let text = headerRow(scan.columns) + first.text
    let piece = first
    return Stream.paginate(undefined, () =>
      Effect.gen(function* () {
        while (!piece.isLast && rows < rowsPerFile && text.length < chunkSize) {
          yield* Effect.yieldNow
          piece = scan.next(rowsPerFile - rows)
          rows += piece.rows
          text += piece.text
        }
        const chunk = utf8.encode(text)
        text = ""
        const isEnd = piece.isLast || rows >= rowsPerFile
        if (isEnd) onEnd(piece)
        return [[chunk], isEnd ? Option.none() : Option.some(undefined)] as const
      }))
  })),
})

/** Characters, nearly all of them one byte. Larger chunks compress no faster, and leave more behind to be collected. */
const chunkSize = 64 * 1024
const utf8 = new TextEncoder()

const compressed = (stream: Stream.Stream<Uint8Array<ArrayBuffer>>): Stream.Stream<Uint8Array> =>
  Stream.orDie(Stream.fromReadableStream({
    evaluate: () => Stream.toReadableStream(stream).pipeThrough(new CompressionStream("gzip")),
    onError: (cause) => new Error(`the rows were not compressed: ${cause}`, { cause }),
  }))
