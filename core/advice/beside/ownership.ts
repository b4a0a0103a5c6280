/** Who owns an id: documents that manage it, and rules that are protected. */
import { isMatch, overlap } from "../../glob.ts"
import type { RuleSet, Target } from "../../ruleset/mod.ts"
import { named, type PlacedHit, type TargetRow } from "./row.ts"

const readme = "the rules file in the README"

export const ownershipRows: ReadonlyArray<TargetRow> = [
  {
    code: "protect-disabled",
    severity: "error",
    message: "A protected rule is disabled",
    why: "To protect a rule means that it is never disabled",
    source: readme,
    *check({ wanted }) {
      for (const { reading, protect } of wanted) {
        if (!protect || reading.draft.isEnabled !== false) continue
        const fix = "Enable it, or remove protect"
        yield { at: reading, path: "isEnabled", found: false, allowed: "true, for a protected rule", fix }
      }
    },
  },
  {
    code: "manages-overlap",
    severity: "warning",
    message: "Two documents manage the same ids",
    why: "What one of them holds, a plan of the other alone would prune",
    source: readme,
    *check({ manages }): Iterable<PlacedHit> {
      const heads = manages.map(({ glob }) => headOf(glob))
      for (const [i, later] of manages.entries()) {
        const earlier = manages.find((m, j) =>
          j < i && m.from !== later.from && mayMeet(heads[i]!, heads[j]!) && overlap(m.glob, later.glob)
        )
        if (earlier === undefined) continue
        const place = [earlier.file, earlier.position?.line].filter((part) => part !== undefined).join(":")
        yield {
          at: placeOfGlob(later),
          path: "manages",
          message: `Two documents manage the same ids: "${earlier.glob}"${place === "" ? "" : ` in ${place}`} as well`,
          found: later.glob,
          allowed: "patterns that no id matches twice",
          fix: "Narrow one of the patterns, or put the rules into one document",
        }
      }
    },
  },
  {
    code: "id-unmanaged",
    severity: "info",
    message: "The document manages ids, and not this one",
    why: "When the rule leaves the document, nothing deletes it",
    source: readme,
    *check({ wanted, manages }): Iterable<PlacedHit> {
      const globs = globsOf(manages)
      if (globs.size === 0) return
      for (const { reading, from } of wanted) {
        const own = from === undefined ? undefined : globs.get(from)
        const { id } = reading.draft
        if (own === undefined || id === undefined || own.some((glob) => isMatch(glob, id))) continue
        const fix = "Rename the rule, or add a pattern to manages"
        yield { at: reading, path: "id", found: id, allowed: own.join(", "), fix }
      }
    },
  },
  {
    code: "protected-managed",
    severity: "warning",
    message: "Another document manages the id of a protected rule",
    why: "A plan of that document alone does not know the protection, and may prune the rule",
    source: readme,
    *check({ wanted, manages }): Iterable<PlacedHit> {
      if (manages.length === 0) return
      for (const rule of wanted) {
        const { id } = rule.reading.draft
        if (!rule.protect || id === undefined) continue
        const other = manages.find((m) => m.from !== rule.from && isMatch(m.glob, id))
        if (other === undefined) continue
        yield {
          at: placeOfGlob(other),
          path: "manages",
          message: `The pattern matches the protected rule ${named(rule)} of another document`,
          found: other.glob,
          allowed: "patterns of the document's own ids",
          fix: "Narrow the pattern, or move the rule into this document",
        }
      }
    },
  },
]

type Managed = Target["manages"][number]

const placeOfGlob = ({ file, position }: Managed) => ({
  ...(file === undefined ? {} : { file }),
  position: () => position,
})

const globsOf = (manages: ReadonlyArray<Managed>): ReadonlyMap<RuleSet, ReadonlyArray<string>> => {
  const globs = new Map<RuleSet, Array<string>>()
  for (const { glob, from } of manages) {
    if (from === undefined) continue
    const own = globs.get(from)
    if (own === undefined) globs.set(from, [glob])
    else own.push(glob)
  }
  return globs
}

/** Most patterns differ in their first letters, which is quicker to see. */
const mayMeet = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a)

const headOf = (glob: string): string => /^[^*?]*/u.exec(glob)![0]
