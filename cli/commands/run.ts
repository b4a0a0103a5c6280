import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type CallError, runInventory } from "../../core/client.ts"
import { manifestKey, reportLocation } from "../../core/location.ts"
import { oneLine } from "../../core/redact.ts"
import type { InventoryJob } from "../../core/rule.ts"
import { type Place, placeText, type Wired } from "../connection.ts"
import { changing } from "../dry-run.ts"
import { dryRunFlag, fileArgument } from "../flags.ts"
import { type Form, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { jobsOf, judge, readFiles, refuseErrors } from "../rules.ts"
import { doubtful } from "../writing.ts"

/** `run <file>`: a one-time inventory, at once. COS has no way to ask how a job is doing; its report is the answer. */
export const run = Command.make(
  "run",
  { file: fileArgument, dryRun: dryRunFlag, form: resultFlag },
  Effect.fnUntraced(function* (given) {
    const { form } = given
    const read = yield* Effect.cached(readFiles([given.file]))
    yield* changing({
      flags: yield* root,
      form,
      action: (place) => `run ${given.file} on ${place}`,
      verb: "run",
      isDryRun: given.dryRun,
      items: (region) =>
        Effect.gen(function* () {
          const files = yield* read
          const judged = judge(files, { kind: "job", region })
          yield* refuseErrors(judged, form, files.unread)
          return jobsOf(judged)
        }),
      idOf: (job) => job.id,
      send: runInventory,
      change: (place, job) => runOne(place, job, form),
      sentence,
    })
  }),
).pipe(
  Command.withDescription("Run a one-time inventory"),
  Command.withExamples([{
    command: "cos-inventory new once | cos-inventory run -",
    description: "Run the template's job",
  }]),
)

interface Started {
  readonly id: string
  readonly result: "started"
  readonly jobId?: string
  readonly acceptedEarlier: boolean
  readonly manifest?: string
}

/** LIST does not show one-time jobs; only the id itself can tell. */
const maybeStarted = (id: string): string =>
  `job "${id}" may have been started; run it again with the same id: DuplicateInventoryId means that it was`

const runOne = (place: Place, job: InventoryJob, form: Form): Effect.Effect<Started, CallError, Wired> =>
  Effect.gen(function* () {
    const { jobId, acceptedEarlier, scanned } = yield* runInventory(place, job).pipe(
      doubtful(maybeStarted(job.id), form),
    )
    const location = reportLocation(place.bucket, job)
    const now = scanned ?? Math.floor((yield* Clock.currentTimeMillis) / 1000)
    return {
      id: job.id,
      result: "started",
      ...(jobId === undefined ? {} : { jobId }),
      acceptedEarlier,
      ...(location === undefined ? {} : { manifest: `cos://${location.bucket}/${manifestKey(location, now)}` }),
    }
  })

const sentence = ({ id, jobId, acceptedEarlier, manifest }: Started, place: Place): string =>
  [
    `Started job "${id}" on ${placeText(place)}`,
    acceptedEarlier
      ? "  JobId:    unknown: an earlier attempt was accepted, and its answer was lost"
      : `  JobId:    ${jobId ?? "not given by COS"}`,
    manifest === undefined ? "" : `  Manifest: ${manifest}`,
    manifest === undefined ? "" : "            (the day is the one on which the scan begins, taken as UTC+8's)",
  ].filter((line) => line !== "").map(oneLine).join("\n")
