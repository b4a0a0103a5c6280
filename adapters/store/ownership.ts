/**
 * Which bodies a commit gives an owner, and which it leaves without one. It is counted, so that the order of the changes
 * does not matter: an object may take the bodies of parts before or after their upload is deleted.
 */
import { type Change, isComputed, type Segment } from "./contract.ts"

export interface Ownership {
  readonly adopt: (segments: ReadonlyArray<Segment>) => void
  readonly lose: (segments: ReadonlyArray<Segment>) => void
  readonly settle: () => Settled
}

export interface Settled {
  /** Refs of bodies that had no owner and have one now. */
  readonly adopted: ReadonlyArray<string>
  /** Refs of bodies that have no owner any more. */
  readonly orphaned: ReadonlyArray<string>
}

export interface Held {
  /** Taken in, and without an owner until now. */
  readonly isPending: (ref: string) => boolean
  readonly isHeld: (ref: string) => boolean
}

export const makeOwnership = ({ isHeld, isPending }: Held): Ownership => {
  const gained = new Map<string, number>()
  const count = (segments: ReadonlyArray<Segment>, by: number) => {
    for (const { ref } of segments) if (!isComputed(ref)) gained.set(ref, (gained.get(ref) ?? 0) + by)
  }
  return {
    adopt: (segments) => count(segments, 1),
    lose: (segments) => count(segments, -1),
    settle: () => {
      const adopted: Array<string> = []
      const orphaned: Array<string> = []
      for (const [ref, gain] of gained) {
        const isNew = isPending(ref)
        if (!isNew && gain > 0 && !isHeld(ref)) {
          throw new RangeError(`Cannot commit a body "${ref}": it is not stored; write it first`)
        }
        if (gain + (isNew ? 0 : 1) <= 0) orphaned.push(ref)
        else if (isNew) adopted.push(ref)
      }
      return { adopted, orphaned }
    },
  }
}

/** The bodies that a change itself brings. */
export const broughtBy = (change: Change): ReadonlyArray<Segment> =>
  change._tag === "VersionPut" ? change.version.segments : change._tag === "PartPut" ? change.part.segments : []
