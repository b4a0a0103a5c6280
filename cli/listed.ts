/** What may be said of a bucket whose rules a proxy's policy shows in part. */
import * as Effect from "effect/Effect"
import type { Listing } from "../core/client.ts"
import { matchesAny } from "../core/glob.ts"
import { exits } from "./exit.ts"
import { note, Refusal } from "./failure.ts"
import type { Form } from "./output/form.ts"

type Listed = Pick<Listing, "listedIds">

/** Says so where a list is not the whole. */
export const sayPartial = ({ listedIds }: Listed, bucket: string, form: Form): Effect.Effect<void> =>
  listedIds === undefined
    ? Effect.void
    : note(`the proxy's policy shows you only some rules of ${bucket}${shownText(listedIds)}`, form)

/**
 * Refuses what would be planned of ids that the list neither has nor would show: whether there are such rules is not
 * known, and they would be taken for missing.
 */
export const refuseUnknown = (
  ids: ReadonlyArray<string>,
  { rules, listedIds }: Listing,
): Effect.Effect<void, Refusal> => {
  if (listedIds === undefined) return Effect.void
  const present = new Set(rules.map(({ id }) => id))
  const unknown = ids.filter((id) => !present.has(id) && !matchesAny(listedIds, id))
  if (unknown.length === 0) return Effect.void
  const [first] = unknown
  const others = unknown.length === 1 ? "" : ` and ${unknown.length - 1} more`
  return Effect.fail(
    new Refusal({
      exit: exits.denied,
      problem: `"${first}"${others} may exist: the proxy's policy shows you only some rules of the bucket${
        shownText(listedIds)
      }`,
      fix: "Name ids that its policy lets you list, or ask whoever runs the proxy for the right to list these",
    }),
  )
}

const shownText = (globs: ReadonlyArray<string>): string => {
  if (globs.length === 0) return ""
  const named = globs.slice(0, mostNamed).map((glob) => `"${glob}"`).join(", ")
  return `, those whose id matches ${named}${globs.length > mostNamed ? " and others" : ""}`
}
const mostNamed = 10
