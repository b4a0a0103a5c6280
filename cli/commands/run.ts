import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type CallError, runInventory } from "../../core/client.ts"
import { manifestKey, reportLocation } from "../../core/location.ts"
import type { InventoryJob } from "../../core/rule.ts"
import { onBucket, type Place, placeText, type Wired } from "../connection.ts"
import { dryRun } from "../dry-run.ts"
import { dryRunFlag, fileArgument } from "../flags.ts"
import { outputFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { jobsOf, judge, readFiles, refuseErrors } from "../rules.ts"
import { doubtful, eachOf } from "../writing.ts"

/** `run <file>`: a one-time inventory, at once. COS has no way to ask how a job is doing; its report is the answer. */
export const run = Command.make(
  "run",
  { file: fileArgument, dryRun: dryRunFlag, output: outputFlag(["table", "json", "yaml"]) },
  Effect.fnUntraced(function* (given) {
    const form = Option.getOrElse(given.output, () => "table" as const)
    const action = (place: string) => `run ${given.file} on ${place}`
    const shared = yield* root
    const jobs = (place: Place) =>
      Effect.gen(function* () {
        const read = yield* readFiles([given.file])
        const judged = judge(read, { kind: "job", region: place.region })
        yield* refuseErrors(judged, read.unread)
        return jobsOf(judged)
      })
    if (given.dryRun) {
      return yield* dryRun(
        form,
        (transport) =>
          onBucket(shared, { action, form, transport }, (place) =>
            Effect.flatMap(
              jobs(place),
              Effect.forEach((job) => runInventory(place, job), { discard: true }),
            )),
      )
    }
    yield* onBucket(shared, { action, form }, (place) =>
      Effect.gen(function* () {
        yield* eachOf({
          place,
          form,
          verb: "run",
          items: yield* jobs(place),
          idOf: (job) => job.id,
          change: (job) => runOne(place, job),
          sentence: (started) => sentence(started, place),
        })
      }))
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

const runOne = (place: Place, job: InventoryJob): Effect.Effect<Started, CallError, Wired> =>
  Effect.gen(function* () {
    const { jobId, acceptedEarlier } = yield* runInventory(place, job).pipe(
      doubtful(`job "${job.id}"`, "list"),
    )
    const location = reportLocation(place.bucket, job)
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
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
  ].filter((line) => line !== "").join("\n")
