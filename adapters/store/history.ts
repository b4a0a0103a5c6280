/** The versions of a bucket by key: those of a synthetic bucket, and over them what was changed since. */
import type { Key } from "../../core/key.ts"
import type { Undo } from "./catalog.ts"
import { makeSorted } from "./sorted.ts"
import type { Version } from "./contract.ts"
import type { Synthetic } from "./synthetic/mod.ts"

type Versions = ReadonlyArray<Version>

export interface History {
  /** Newest first. */
  readonly versions: (key: Key) => Versions
  readonly entries: (from: Key) => Iterable<Versions>
  /** What was put in place of a computed version. */
  readonly put: (version: Version, undo: Undo) => Version | undefined
  readonly remove: (key: Key, versionId: string, undo: Undo) => Version | undefined
  readonly fill: (base: Synthetic, undo: Undo) => void
  /** Those that are stored and not computed. */
  readonly stored: () => Iterable<Version>
}

export const makeHistory = (): History => {
  /** A key that has no versions hides those that the base has of it. */
  let changed = makeSorted<Key, Versions>()
  let base: Synthetic | undefined

  const computed = (key: Key): Versions => {
    const versions = base?.at(base.from(key)) ?? none
    return versions[0]?.key === key ? versions : none
  }
  const versions = (key: Key): Versions => changed.get(key) ?? computed(key)

  const assign = (key: Key, next: Versions, undo: Undo) => {
    const before = changed.get(key)
    undo.push(() => before === undefined ? changed.delete(key) : changed.set(key, before))
    if (next.length === 0 && computed(key).length === 0) changed.delete(key)
    else changed.set(key, next)
  }

  const replace = (key: Key, versionId: string, version: Version | undefined, undo: Undo): Version | undefined => {
    const before = versions(key)
    const old = before.find((other) => other.versionId === versionId)
    if (old === undefined && version === undefined) return
    assign(key, inserted(before.filter((other) => other !== old), version), undo)
    return old
  }

  return {
    versions,
    *entries(from) {
      let filled = base
      let index = base?.from(from) ?? 0
      let over = changed.getPairOrNextHigher(from)
      for (;;) {
        const under = base?.at(index) ?? none
        const key = under[0]?.key
        if (over === undefined && key === undefined) return
        let passed: Key
        if (over === undefined || (key !== undefined && key < over[0])) {
          passed = key!
          index++
          yield under
        } else {
          passed = over[0]
          if (key === passed) index++
          if (over[1].length > 0) yield over[1]
        }
        // What was yielded may have been looked at for long, and much may have been changed meanwhile
        over = changed.nextHigherPair(passed)
        if (base !== filled) {
          filled = base
          index = base?.from(after(passed)) ?? 0
        }
      }
    },
    put: (version, undo) => replace(version.key, version.versionId, version, undo),
    remove: (key, versionId, undo) => replace(key, versionId, undefined, undo),
    fill: (next, undo) => {
      const before = { base, changed }
      undo.push(() => ({ base, changed } = before))
      base = next
      // What hid the objects of a base before this one hides none of these
      changed = makeSorted<Key, Versions>()
    },
    *stored() {
      for (const versions of changed.values()) yield* versions
    },
  }
}

const none: Versions = []

/** The least key that is greater. */
export const after = (key: Key): Key => `${key}\0`

const inserted = (versions: Versions, version: Version | undefined): Versions => {
  if (version === undefined) return versions
  const at = versions.findIndex(({ sequence }) => sequence < version.sequence)
  return at < 0 ? [...versions, version] : versions.toSpliced(at, 0, version)
}
