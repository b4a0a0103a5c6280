import * as Command from "effect/cli/Command"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { runInventory } from "../../core/client.ts"
import { manifestKey, reportLocation } from "../../core/location.ts"
import { onBucket, type Place, placeFields, placeText } from "../connection.ts"
import { dryRun } from "../dry-run.ts"
import { dryRunFlag, fileArgument } from "../flags.ts"
import { outputFlag, printDocument } from "../output/form.ts"
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
        const judged = judge(yield* readFiles([given.file]), { kind: "job", region: place.region })
        yield* refuseErrors(judged)
        return jobsOf(judged)
      })
    if (given.dryRun) {
      return yield* dryRun((transport) =>
        onBucket(
          shared,
          { action, form, transport },
          (place) => Effect.flatMap(jobs(place), Effect.forEach((job) => runInventory(place, job), { discard: true })),
        )
      )
    }
    yield* onBucket(shared, { action, form }, (place) =>
      Effect.gen(function* () {
        const done = yield* eachOf(
          yield* jobs(place),
          (job) => `run "${job.id}" on ${placeText(place)}`,
          form,
          (job) =>
            Effect.gen(function* () {
              const { jobId, acceptedEarlier } = yield* runInventory(place, job).pipe(
                doubtful(`job "${job.id}"`, "list"),
              )
              const location = reportLocation(place.bucket, job)
              const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
              const manifest = location && `cos://${location.bucket}/${manifestKey(location, now)}`
              const result = {
                id: job.id,
                ...(jobId === undefined ? {} : { jobId }),
                acceptedEarlier,
                ...(manifest === undefined ? {} : { manifest }),
              }
              if (form === "table") yield* Console.log(sentence(result, place))
              return result
            }),
        )
        if (form !== "table") yield* printDocument(form, { ...placeFields(place), results: done })
      }))
  }),
).pipe(
  Command.withDescription("Run a one-time inventory"),
  Command.withExamples([{
    command: "cos-inventory new once | cos-inventory run -",
    description: "Run the template's job",
  }]),
)

interface Result {
  readonly id: string
  readonly jobId?: string
  readonly acceptedEarlier: boolean
  readonly manifest?: string
}

const sentence = ({ id, jobId, acceptedEarlier, manifest }: Result, place: Place): string =>
  [
    `Started job "${id}" on ${placeText(place)}`,
    acceptedEarlier
      ? "  JobId:    unknown: an earlier attempt was accepted, and its answer was lost"
      : `  JobId:    ${jobId ?? "not given by COS"}`,
    manifest === undefined ? "" : `  Manifest: ${manifest}`,
    manifest === undefined ? "" : "            (the day is the one on which the scan begins, taken as UTC+8's)",
  ].filter((line) => line !== "").join("\n")
