/** Bodies in memory, in the chunks they came in, under one cap. */
import type { Hashes } from "../../core/ports.ts"
import { own, takeIn } from "./intake.ts"
import type { Held, Settled } from "./ownership.ts"
import { bodyOf } from "./reading.ts"
import { spansOf } from "./spans.ts"
import type { Bodies } from "./contract.ts"

/** What bodies may take together, in bytes, unless told. */
const memoryCap = 256 * 1024 * 1024

export interface OwnedBodies extends Bodies, Held {
  readonly settle: (settled: Settled) => void
}

interface Kept {
  readonly chunks: ReadonlyArray<Uint8Array>
  readonly size: number
}

export const makeBodies = (hashes: Hashes, cap: number = memoryCap): OwnedBodies => {
  const kept = new Map<string, Kept>()
  const pending = new Set<string>()
  let used = 0
  let last = 0

  const drop = (ref: string) => {
    used -= kept.get(ref)?.size ?? 0
    kept.delete(ref)
    pending.delete(ref)
  }

  const sink = () => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    return {
      take: (bytes: Uint8Array) => {
        if (used + bytes.length > cap) return { _tag: "NoRoom" as const, cap, used }
        used += bytes.length
        size += bytes.length
        chunks.push(own(bytes))
        return
      },
      finish: () => {
        const ref = String(++last)
        kept.set(ref, { chunks, size })
        pending.add(ref)
        return { ref, size }
      },
      abandon: () => {
        used -= size
      },
    }
  }

  const chunksOf = (ref: string): ReadonlyArray<Uint8Array> => {
    const found = kept.get(ref)
    if (found === undefined) throw new RangeError(`Cannot read the body "${ref}": it is not stored`)
    return found.chunks
  }

  return {
    write: (body) => takeIn(body, hashes, sink),
    // The chunks are looked up at once, so that they outlive their owner in what is returned
    read: (segments, start, end) =>
      bodyOf(spansOf(segments, start, end), (ref) => {
        const chunks = chunksOf(ref)
        return (start, end) => cut(chunks, start, end)
      }),
    discard: (segments) => {
      for (const { ref } of segments) if (pending.has(ref)) drop(ref)
    },
    used: () => used,
    isPending: (ref) => pending.has(ref),
    isHeld: (ref) => kept.has(ref),
    settle: ({ adopted, orphaned }) => {
      for (const ref of adopted) pending.delete(ref)
      for (const ref of orphaned) drop(ref)
    },
  }
}

function* cut(chunks: ReadonlyArray<Uint8Array>, start: number, end: number): Iterable<Uint8Array> {
  let at = 0
  for (const chunk of chunks) {
    const from = Math.max(start - at, 0)
    const to = Math.min(end - at, chunk.length)
    if (from < to) yield chunk.subarray(from, to)
    at += chunk.length
    if (at >= end) return
  }
}
