import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { writeResource } from "../../core/bucket.ts"
import { formats, includedObjectVersions, monthlyDates, optionalFields } from "../../core/limits.ts"
import { reporting } from "../failure.ts"
import { root } from "../root.ts"
import { resolve } from "../settings.ts"

const kinds = ["daily", "weekly", "monthly", "once"] as const

/** `new [kind]`: a commented rule to begin with, in YAML, which `put` (or `run`, for `once`) accepts as it is. */
export const make = Command.make(
  "new",
  {
    kind: Argument.Literals("kind", kinds).pipe(
      Argument.withDescription(`${kinds.join(", ")}; daily unless told`),
      Argument.withDefault("daily" as const),
    ),
  },
  Effect.fnUntraced(function* ({ kind }) {
    const { bucket, region } = yield* resolve(yield* root).pipe(reporting("print a new rule"))
    const destination = writeResource(region?.value ?? "ap-guangzhou", bucket?.value ?? "examplebucket-1250000000")
    yield* Console.log(template(kind, destination))
  }),
).pipe(
  Command.withDescription("Print a commented rule to begin with"),
  Command.withExamples([
    { command: "cos-inventory new weekly > rule.yaml", description: "Begin a weekly rule" },
    { command: "cos-inventory new once > job.yaml", description: "Begin a one-time job" },
  ]),
)

const template = (kind: typeof kinds[number], destination: string): string =>
  [
    kind === "once"
      ? `# A one-time inventory job: run it with \`cos-inventory run <this file>\`.`
      : `# An inventory rule: write it with \`cos-inventory put <this file>\`.`,
    "",
    "# Letters, digits, - _ and . alone.",
    ...(kind === "once" ? ["# It may not be the id of a periodic rule, nor repeat within a day."] : []),
    `id: ${kind === "once" ? "once-1" : `${kind}-objects`}`,
    "",
    ...(kind === "once" ? [] : ["# false keeps the rule without producing reports.", "isEnabled: true", ""]),
    `# ${includedObjectVersions.join(" or ")}. All adds VersionId, IsLatest and DeleteMarker to the report.`,
    "includedObjectVersions: Current",
    "",
    "# Which objects to list; without a filter, all of the bucket.",
    "# filter:",
    "#   prefix: logs/",
    "#   tags:                              # needs Tag among the optional fields",
    "#     - { key: team, value: web }",
    '#   period: { startTime: "2026-01-01T00:00:00Z", endTime: "2026-02-01T00:00:00Z" }   # when they were created',
    "",
    "# What to say of each object, beside its bucket and key. Also:",
    `#   ${
      optionalFields.filter((field) => !chosen.includes(field)).join(", ")
    } (or one header, such as x-cos-meta-team)`,
    `optionalFields: [${chosen.join(", ")}]`,
    "",
    ...schedule(kind),
    "destination:",
    "  # In the same region as the listed bucket; it may be the same bucket.",
    `  bucket: ${destination}`,
    "  # COS appends / to it.",
    "  prefix: cos-inventory",
    `  format: ${formats[0]}`,
    "  # Encrypts the report; leave the line out for none.",
    "  encryption: SSE-COS",
  ].join("\n")

const chosen: ReadonlyArray<string> = ["Size", "LastModifiedDate", "StorageClass", "ETag"]

const schedule = (kind: typeof kinds[number]): ReadonlyArray<string> => {
  switch (kind) {
    case "once":
      return []
    case "monthly":
      return [
        "schedule:",
        "  frequency: Monthly",
        `  monthlyDate: 1   # ${monthlyDates.min} to ${monthlyDates.max}`,
        "",
      ]
    default:
      return ["schedule:", `  frequency: ${kind === "daily" ? "Daily" : "Weekly"}   # Daily, Weekly or Monthly`, ""]
  }
}
