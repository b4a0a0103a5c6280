/** Bodies on a disk: small ones are rows, written with their owner; large ones are files, named before they get one. */
import type { Hashes } from "../../core/ports.ts"
import { joined } from "../bytes.ts"
import {
  type Bodies,
  bodyOf,
  type Held,
  type NoRoom,
  own,
  type Settled,
  type Sink,
  type Source,
  spansOf,
  takeIn,
} from "../store/mod.ts"
import { bytesOf, type Database, numberOf, type Row } from "./database.ts"
import type { Files, Writing } from "./files.ts"
import { makeLeases } from "./leases.ts"

/** Longer bodies are files. */
export const rowBytes = 64 * 1024

export interface OwnedBodies extends Bodies, Held {
  /** Writes the rows, inside the transaction; what it returns is done after it. */
  readonly settle: (settled: Settled) => () => void
  readonly close: () => void
}

/** A body without an owner yet: its bytes, or a file. */
interface Pending {
  readonly size: number
  readonly bytes?: Uint8Array
}

export const openBodies = (database: Database, files: Files, hashes: Hashes): OwnedBodies => {
  const rowOf = (ref: string): Row | undefined =>
    database.get("SELECT size, bytes IS NULL AS isFile FROM bodies WHERE id = ?", Number(ref))
  const isFile = (ref: string): boolean => {
    const row = rowOf(ref)
    return row !== undefined && numberOf(row, "isFile") === 1
  }
  database.transaction(() =>
    database.script("DELETE FROM bodies WHERE id IN (SELECT id FROM leaving); DELETE FROM leaving")
  )
  files.sweep(isFile)

  const leases = makeLeases()
  const pending = new Map<string, Pending>()
  let isOpen = true
  let last = numberOf(database.get("SELECT coalesce(max(id), 0) AS last FROM bodies")!, "last")
  /** Of bodies on their way in and without an owner. */
  let waiting = 0
  let owned: number | undefined
  const ownedBytes = (): number => owned ??= numberOf(database.get(ownedSize)!, "owned")
  const used = (): number => ownedBytes() + waiting

  const sink = (): Sink => {
    const ref = String(++last)
    const chunks: Array<Uint8Array> = []
    let size = 0
    let file: Writing | undefined
    return {
      take: (bytes) => {
        try {
          if (size + bytes.length <= rowBytes) chunks.push(own(bytes))
          else {
            if (file === undefined) {
              file = files.create(ref)
              for (const chunk of chunks.splice(0)) file.write(chunk)
            }
            file.write(bytes)
          }
        } catch (cause) {
          return noRoom(cause, used())
        }
        size += bytes.length
        waiting += bytes.length
        return
      },
      finish: () => {
        file?.finish()
        pending.set(ref, file === undefined ? { size, bytes: joined(chunks, size) } : { size })
        return { ref, size }
      },
      abandon: () => {
        waiting -= size
        file?.abandon()
      },
    }
  }

  const drop = (ref: string) => {
    const body = pending.get(ref)
    if (body === undefined) return
    pending.delete(ref)
    waiting -= body.size
    if (body.bytes === undefined) leases.whenFree(ref, () => files.remove(ref))
  }

  const sourceOf = (ref: string): Source => {
    const waits = pending.get(ref)
    if (waits?.bytes !== undefined) {
      const { bytes } = waits
      return (start, end) => [bytes.subarray(start, end)]
    }
    const row = rowOf(ref)
    if (waits === undefined && row === undefined) {
      throw new RangeError(`Cannot read the body "${ref}": it is not stored`)
    }
    if (row === undefined || numberOf(row, "isFile") === 1) return (start, end) => files.read(ref, start, end)
    return (start, end) => {
      const { bytes } = database.get("SELECT bytes FROM bodies WHERE id = ?", Number(ref))!
      return [bytesOf({ bytes: bytes! }, "bytes").subarray(start, end)]
    }
  }

  const lease = (refs: ReadonlySet<string>) => {
    const taken = leases.take(refs)
    return () => leases.release(taken)
  }

  return {
    write: (body) => takeIn(body, hashes, sink),
    read: (segments, start, end) => bodyOf(spansOf(segments, start, end), sourceOf, lease),
    discard: (segments) => {
      for (const { ref } of segments) drop(ref)
    },
    used,
    isPending: (ref) => pending.has(ref),
    isHeld: (ref) => rowOf(ref) !== undefined,
    settle: ({ adopted, orphaned }) => {
      let gained = 0
      const after: Array<() => void> = []
      for (const ref of adopted) {
        const { bytes, size } = pending.get(ref)!
        database.run("INSERT INTO bodies (id, size, bytes) VALUES (?, ?, ?)", Number(ref), size, bytes ?? null)
        gained += size
        after.push(() => {
          pending.delete(ref)
          waiting -= size
        })
      }
      for (const ref of orphaned) {
        const row = rowOf(ref)
        if (row === undefined) {
          after.push(() => drop(ref))
          continue
        }
        gained -= numberOf(row, "size")
        if (numberOf(row, "isFile") === 1) {
          database.run("DELETE FROM bodies WHERE id = ?", Number(ref))
          after.push(() => leases.whenFree(ref, () => files.remove(ref)))
        } else if (leases.isTaken(ref)) {
          database.run("INSERT INTO leaving (id) VALUES (?)", Number(ref))
          after.push(() => leases.whenFree(ref, () => isOpen && removeRow(ref)))
        } else database.run("DELETE FROM bodies WHERE id = ?", Number(ref))
      }
      return () => {
        if (owned !== undefined) owned += gained
        for (const step of after) step()
      }
    },
    close: () => {
      isOpen = false
    },
  }

  function removeRow(ref: string) {
    database.transaction(() => {
      database.run("DELETE FROM bodies WHERE id = ?", Number(ref))
      database.run("DELETE FROM leaving WHERE id = ?", Number(ref))
    })
  }
}

const ownedSize = "SELECT coalesce(sum(size), 0) AS owned FROM bodies WHERE id NOT IN (SELECT id FROM leaving)"

/** A disk has no cap but its own: what is used is what it could hold. */
const noRoom = (cause: unknown, used: number): NoRoom => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined
  if (code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG") return { _tag: "NoRoom", cap: used, used }
  throw cause
}
