/** Multipart uploads of one bucket, in memory. */
import type { Change, Part, Upload } from "./contract.ts"
import { existing, type Undo } from "./catalog.ts"
import { makeSorted, type Sorted } from "./sorted.ts"

export interface Uploads {
  readonly upload: (id: string) => Upload | undefined
  readonly uploads: () => ReadonlyArray<Upload>
  readonly parts: (id: string) => ReadonlyArray<Part>
  readonly put: (upload: Upload, undo: Undo) => void
  /** The parts that went with it. */
  readonly remove: (id: string, undo: Undo) => ReadonlyArray<Part>
  /** The part that was replaced. */
  readonly putPart: (change: Extract<Change, { readonly _tag: "PartPut" }>, undo: Undo) => Part | undefined
}

interface Begun {
  readonly upload: Upload
  readonly parts: Sorted<number, Part>
}

export const makeUploads = (): Uploads => {
  const begun = new Map<string, Begun>()

  const assign = (id: string, next: Begun | undefined) => {
    if (next === undefined) begun.delete(id)
    else begun.set(id, next)
  }
  const set = (id: string, next: Begun | undefined, undo: Undo) => {
    const before = begun.get(id)
    undo.push(() => assign(id, before))
    assign(id, next)
  }
  const parts = (id: string): ReadonlyArray<Part> => begun.get(id)?.parts.valuesArray() ?? []

  return {
    upload: (id) => begun.get(id)?.upload,
    uploads: () => [...begun.values()].map(({ upload }) => upload).sort(byKeyThenId),
    parts,
    put: (upload, undo) => {
      set(upload.id, { upload, parts: begun.get(upload.id)?.parts ?? makeSorted<number, Part>() }, undo)
    },
    remove: (id, undo) => {
      const gone = parts(id)
      set(id, undefined, undo)
      return gone
    },
    putPart: (change, undo) => {
      const { part } = change
      const held = existing(begun.get(change.upload), change).parts
      const before = held.get(part.number)
      undo.push(() => before === undefined ? held.delete(part.number) : held.set(part.number, before))
      held.set(part.number, part)
      return before
    },
  }
}

/** Both are compared by code units. */
export const byKeyThenId = (a: Upload, b: Upload): number =>
  a.key < b.key ? -1 : a.key > b.key ? 1 : a.id < b.id ? -1 : a.id > b.id ? 1 : 0
