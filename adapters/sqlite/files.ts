/**
 * Large bodies as files, each named with its number. They are written and read synchronously, a piece at a time between
 * which other requests are served, so that a body takes no more memory than a piece.
 */
import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"

export interface Files {
  /** A file that has its name once it is finished. */
  readonly create: (ref: string) => Writing
  readonly remove: (ref: string) => void
  /** Bytes from one place to another, exclusive, in pieces. */
  readonly read: (ref: string, start: number, end: number) => Iterable<Uint8Array>
  /** Removes every file that is not to be kept, half-written ones among them. */
  readonly sweep: (isKept: (ref: string) => boolean) => void
}

export interface Writing {
  readonly write: (bytes: Uint8Array) => void
  readonly finish: () => void
  readonly abandon: () => void
}

const pieceBytes = 256 * 1024
const unfinished = ".part"

export const openFiles = (directory: string): Files => {
  mkdirSync(directory, { recursive: true })
  const pathOf = (ref: string): string => join(directory, ref)
  return {
    create: (ref) => {
      const path = pathOf(ref)
      const file = openSync(path + unfinished, "wx")
      let isOpen = true
      const close = () => {
        if (isOpen) closeSync(file)
        isOpen = false
      }
      return {
        write: (bytes) => {
          for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at)
        },
        finish: () => {
          close()
          renameSync(path + unfinished, path)
        },
        abandon: () => {
          close()
          rmSync(path + unfinished, { force: true })
        },
      }
    },
    remove: (ref) => {
      try {
        rmSync(pathOf(ref), { force: true })
      } catch {
        // It is swept when the directory is opened again; the commit that let it go has been made
      }
    },
    *read(ref, start, end) {
      const file = openSync(pathOf(ref), "r")
      try {
        for (let at = start; at < end;) {
          const piece = new Uint8Array(Math.min(pieceBytes, end - at))
          const count = readSync(file, piece, 0, piece.length, at)
          if (count === 0) {
            throw new Error(`Cannot read the body "${ref}": its file was cut; restore the data directory`)
          }
          at += count
          yield piece.subarray(0, count)
        }
      } finally {
        closeSync(file)
      }
    },
    sweep: (isKept) => {
      for (const name of readdirSync(directory)) {
        if (!(/^\d+$/.test(name) && isKept(name))) rmSync(pathOf(name), { force: true, recursive: true })
      }
    },
  }
}
