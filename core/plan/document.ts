/** The plan file: what `plan -o json` prints and `apply` carries out. */
import { crc64 } from "../crc64.ts"
import { documentVersion } from "../wire/document.ts"
import { writeJson } from "../wire/json.ts"
import { type BucketPlan, countsOf, type Step } from "./plan.ts"

export interface Plan {
  readonly prune: boolean
  readonly buckets: ReadonlyArray<BucketPlan>
  /** What it was made against, where that is not COS itself. */
  readonly endpoint?: string
  /** It was made against the embedded demo. */
  readonly demo?: true
}

/** The document, with what stands beside the plan in it; its rules are in the JSON form. */
export const writePlan = (
  { prune, buckets, endpoint, demo }: Plan,
  beside: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> =>
  sealed({
    version: documentVersion,
    plan: {
      ...(demo === undefined ? {} : { demo }),
      ...(endpoint === undefined ? {} : { endpoint }),
      prune,
      counts: countsOf(buckets),
      buckets: buckets.map(({ steps, ...rest }) => ({ ...rest, steps: steps.map(writeStep) })),
    },
    ...beside,
  })

/** The checksum is the last key, so that a file that was cut off has none. */
const sealed = (document: Readonly<Record<string, unknown>>): Record<string, unknown> => ({
  ...document,
  checksum: checksumOf(document),
})

/**
 * The checksum over all that a document holds beside it, in whatever order and layout: it notices accidents and edits.
 * It is no signature, since anybody can make one.
 */
export const checksumOf = (document: Readonly<Record<string, unknown>>): string => {
  const { checksum: _, ...content } = document
  const sum = crc64()
  for (const text of textsOf(content, 3)) sum.update(new TextEncoder().encode(text))
  return sum.digest()
}

/** JSON with its keys in order. The whole of a plan may be too long for one text, so each bucket is one by itself. */
const textsOf = function* (value: unknown, levels: number): Iterable<string> {
  if (levels === 0 || typeof value !== "object" || value === null) yield JSON.stringify(value, inOrder) ?? "null"
  else {
    for (const [key, inner] of Object.entries(value).toSorted(byKey)) {
      if (inner === undefined) continue
      yield `${JSON.stringify(key)}:`
      yield* textsOf(inner, levels - 1)
      yield "\n"
    }
    yield Array.isArray(value) ? "[]\n" : "{}\n"
  }
}

const inOrder = (_key: string, value: unknown): unknown =>
  typeof value !== "object" || value === null || Array.isArray(value)
    ? value
    : Object.fromEntries(Object.entries(value).toSorted(byKey))

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => a < b ? -1 : 1

const writeStep = (step: Step): Record<string, unknown> => ({
  ...step,
  ...("before" in step ? { before: writeJson(step.before) } : {}),
  ...("after" in step ? { after: writeJson(step.after) } : {}),
})
