/** What rows over several rules look at, and what they say. */
import { placeOf, type Position, shown } from "../../lint/finding.ts"
import type { Code, Hit } from "../../lint/mod.ts"
import type { Target, Wanted } from "../../ruleset/mod.ts"

/** A row over the rules of one bucket. */
export interface TargetRow extends Code {
  readonly message: string
  readonly check: (target: Target) => Iterable<PlacedHit>
}

/** A row over the rules of all buckets. */
export interface FleetRow extends Code {
  readonly message: string
  readonly check: (targets: ReadonlyArray<Target>) => Iterable<PlacedHit & { readonly target: Target }>
}

/** A hit, and the document that it is in. */
export interface PlacedHit extends Hit {
  readonly at: Place
}

/** Whatever knows where its parts stand; a reading is one. */
export interface Place {
  readonly file?: string
  readonly position: (path: string) => Position | undefined
}

/** `"daily" (rules/logs.yaml:3:5)`, for a message about another rule. */
export const named = ({ reading }: Pick<Wanted, "reading">): string => {
  const position = reading.position("id")
  const place = placeOf({
    path: "",
    ...(reading.file === undefined ? {} : { file: reading.file }),
    ...(position === undefined ? {} : { position }),
  })
  return `"${shown(reading.draft.id ?? "")}"${place === "" ? "" : ` (${place})`}`
}
