/** Values of the contract as rows, and back. */
import { Buffer } from "node:buffer"
import type { Key } from "../../core/key.ts"
import type { Part, Segment, Upload, Version } from "../store/mod.ts"
import { bytesOf, numberOf, type Row, textOf } from "./database.ts"

/** Text that may be anything, as text without a NUL. */
export const quoted = (text: string): string => JSON.stringify(text)
export const unquoted = (text: string): string => JSON.parse(text)

/** Ten times as fast as `bytesOfKey`, and a million keys are written at once. */
export const blobOf = (key: Key): Uint8Array => Buffer.from(key, "latin1")
export const keyOfBlob = (bytes: Uint8Array): Key =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1")

export const versionDoc = ({ key: _, segments, sequence: __, versionId: ___, ...rest }: Version): string =>
  JSON.stringify({ ...rest, segments: packed(segments) })

export const versionOf = (row: Row, key: Key = keyOfBlob(bytesOf(row, "key"))): Version => {
  const doc = JSON.parse(textOf(row, "doc"))
  return {
    ...doc,
    key,
    versionId: unquoted(textOf(row, "version")),
    sequence: numberOf(row, "sequence"),
    segments: unpacked(doc.segments),
  }
}

export const segmentsOf = (row: Row): ReadonlyArray<Segment> => unpacked(JSON.parse(textOf(row, "doc")).segments)

export const uploadDoc = ({ bucket: _, id: __, key: ___, ...rest }: Upload): string => JSON.stringify(rest)
export const uploadOf = (row: Row, bucket: string): Upload => ({
  ...JSON.parse(textOf(row, "doc")),
  bucket,
  id: unquoted(textOf(row, "id")),
  key: keyOfBlob(bytesOf(row, "key")),
})

export const partDoc = ({ number: _, segments, ...rest }: Part): string =>
  JSON.stringify({ ...rest, segments: packed(segments) })
export const partOf = (row: Row): Part => {
  const doc = JSON.parse(textOf(row, "doc"))
  return { ...doc, number: numberOf(row, "number"), segments: unpacked(doc.segments) }
}

/** One that follows itself is written once: a synthetic object of parts is a thousand times the same. */
type Packed = readonly [ref: string, size: number, times?: number]

const packed = (segments: ReadonlyArray<Segment>): ReadonlyArray<Packed> => {
  const runs: Array<Packed> = []
  for (const { ref, size } of segments) {
    const last = runs.at(-1)
    if (last?.[0] === ref && last[1] === size) runs[runs.length - 1] = [ref, size, (last[2] ?? 1) + 1]
    else runs.push([ref, size])
  }
  return runs
}

const unpacked = (runs: ReadonlyArray<Packed>): ReadonlyArray<Segment> =>
  runs.flatMap(([ref, size, times = 1]) => Array.from({ length: times }, () => ({ ref, size })))
