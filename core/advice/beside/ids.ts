/** Ids that two rules of a bucket share. */
import type { Kind } from "../../rule.ts"
import type { Reading } from "../../wire/reading.ts"
import { type Code, findingOf } from "../../lint/mod.ts"
import type { Finding } from "../../lint/finding.ts"
import { standInBucket } from "../stand-in.ts"
import { type FleetRow, named, type PlacedHit, type TargetRow } from "./row.ts"

const repeated: Code & { readonly message: string } = {
  code: "id-repeated",
  severity: "error",
  message: "The id stands twice",
  why: "The last of two rules would replace the first, unseen",
  source: "page 30625: a PUT replaces the rule of the same id",
}

/** The finding of each reading whose id an earlier one has; all are for one bucket and of one kind. */
export const repeatedIds = (readings: ReadonlyArray<Reading>): ReadonlyMap<Reading, Finding> =>
  new Map(
    Array.from(twins(readings), ([reading, first]) => {
      const position = reading.position("id")
      return [reading, {
        ...findingOf(repeated, sameId(reading, first)),
        ...(reading.file === undefined ? {} : { file: reading.file }),
        ...(position === undefined ? {} : { position }),
      }]
    }),
  )

const twins = function* (readings: ReadonlyArray<Reading>): Iterable<readonly [Reading, Reading]> {
  const seen = new Map<string, Reading>()
  for (const reading of readings) {
    const { id } = reading.draft
    const first = id === undefined ? undefined : seen.get(id)
    if (id !== undefined && first === undefined) seen.set(id, reading)
    if (first !== undefined) yield [reading, first]
  }
}

const sameId = (reading: Reading, first: Reading) => ({
  at: reading,
  path: "id",
  message: `The id stands twice, first as ${named({ reading: first })}`,
  found: reading.draft.id ?? "",
  allowed: "each id once",
  fix: "Rename or remove one of the two rules",
})

export const idRows: ReadonlyArray<TargetRow> = [
  {
    ...repeated,
    *check({ wanted }) {
      for (const kind of kinds) {
        const readings = wanted.filter((w) => w.kind === kind).map(({ reading }) => reading)
        for (const [reading, first] of twins(readings)) yield sameId(reading, first)
      }
    },
  },
  {
    code: "job-id-periodic",
    severity: "error",
    message: "A one-time job has the id of a periodic rule",
    why: "COS refuses such a job, and both would write their reports to one path",
    source: "page 46869: the id of a one-time job is not one of a periodic rule",
    *check({ wanted }): Iterable<PlacedHit> {
      const jobs = wanted.filter(({ kind }) => kind === "job")
      if (jobs.length === 0) return
      const periodic = new Map(wanted.filter(({ kind }) => kind !== "job").map((w) => [w.reading.draft.id, w]))
      for (const { reading } of jobs) {
        const { id } = reading.draft
        const rule = id === undefined ? undefined : periodic.get(id)
        if (rule === undefined || id === undefined) continue
        yield {
          at: reading,
          path: "id",
          message: `A one-time job has the id of the periodic rule ${named(rule)}`,
          found: id,
          allowed: "an id of its own",
          fix: "Rename the job",
        }
      }
    },
  },
]

/** Where the job runs decides whether COS takes it. */
export const fleetJobIds: FleetRow = {
  code: "job-id-elsewhere",
  severity: "warning",
  message: "A one-time job without a bucket has the id of a periodic rule",
  why: "COS refuses such a job in the bucket of that rule, and takes it in every other",
  source: "page 46869: the id of a one-time job is not one of a periodic rule",
  *check(targets) {
    const open = targets.filter(({ bucket }) => bucket === standInBucket())
    const jobs = open.flatMap((target) =>
      target.wanted.flatMap(({ kind, reading }) => kind === "job" ? [{ target, reading }] : [])
    )
    if (jobs.length === 0) return
    const periodic = new Map(
      targets.filter((target) => !open.includes(target)).toReversed().flatMap(({ wanted }) =>
        wanted.flatMap((w) => w.kind === "job" ? [] : [[w.reading.draft.id, w] as const])
      ),
    )
    for (const { target, reading } of jobs) {
      const { id } = reading.draft
      const rule = id === undefined ? undefined : periodic.get(id)
      if (rule === undefined || id === undefined) continue
      yield {
        target,
        at: reading,
        path: "id",
        message: `COS would refuse the job in a bucket of the periodic rule ${named(rule)}, which has its id`,
        found: id,
        allowed: "an id of its own",
        fix: "Rename the job, or choose the bucket that it is for",
      }
    }
  },
}

const kinds: ReadonlyArray<Kind> = ["configuration", "job"]
