/** Who is still reading what: a body that loses its owner goes when its last reader has done. */

export interface Leases {
  /** From before the first byte is asked for. */
  readonly take: (refs: ReadonlySet<string>) => Lease
  readonly release: (lease: Lease) => void
  readonly isTaken: (ref: string) => boolean
  /** At once, where nobody reads it. */
  readonly whenFree: (ref: string, then: () => void) => void
}

export interface Lease {
  readonly refs: ReadonlySet<string>
}

export const makeLeases = (): Leases => {
  const readers = new Map<string, number>()
  const waiting = new Map<string, () => void>()
  const free = (refs: ReadonlySet<string>) => {
    for (const ref of refs) {
      const others = readers.get(ref)! - 1
      if (others > 0) {
        readers.set(ref, others)
        continue
      }
      readers.delete(ref)
      const then = waiting.get(ref)
      waiting.delete(ref)
      then?.()
    }
  }
  // An answer may be thrown away before anybody reads its body
  const forgotten = new FinalizationRegistry(free)
  const taken = new WeakSet<Lease>()
  return {
    take: (refs) => {
      const lease = { refs }
      for (const ref of refs) readers.set(ref, (readers.get(ref) ?? 0) + 1)
      taken.add(lease)
      forgotten.register(lease, refs, lease)
      return lease
    },
    release: (lease) => {
      if (!taken.delete(lease)) return
      forgotten.unregister(lease)
      free(lease.refs)
    },
    isTaken: (ref) => readers.has(ref),
    whenFree: (ref, then) => {
      if (readers.has(ref)) waiting.set(ref, then)
      else then()
    },
  }
}
