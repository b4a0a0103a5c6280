import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { type BucketRef, writeResource } from "../../core/bucket.ts"
import { formats, includedObjectVersions, monthlyDates, optionalFields } from "../../core/limits.ts"
import { schemaHint } from "../header.ts"
import { reporting } from "../failure.ts"
import { root } from "../root.ts"
import { resolve } from "../settings.ts"

const kinds = ["daily", "weekly", "monthly", "once", "rules", "policy"] as const

/**
 * `new [kind]`: a commented rule to begin with, in YAML as `fmt` writes it, which `put` (`run`, for `once`; `plan`, for
 * `rules`; `proxy`, for `policy`) accepts as it is.
 */
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
    const source = { bucket: bucket?.value ?? "examplebucket-1250000000", region: region?.value ?? "ap-guangzhou" }
    yield* Console.log(
      kind === "rules"
        ? rulesDocument(source)
        : kind === "policy"
        ? policyDocument(source)
        : template(kind, writeResource(source.region, source.bucket)),
    )
  }),
).pipe(
  Command.withDescription("Print a commented rule, rules file or policy, to begin with"),
  Command.withExamples([
    { command: "cos-inventory new weekly > rule.yaml", description: "Begin a weekly rule" },
    { command: "cos-inventory new once > job.yaml", description: "Begin a one-time job" },
    { command: "cos-inventory new rules > rules.yaml", description: "Begin a rules file for plan and apply" },
    { command: "cos-inventory new policy > policy.yaml", description: "Begin the policy of a proxy" },
  ]),
)

type RuleKind = Exclude<typeof kinds[number], "rules" | "policy">

const template = (kind: RuleKind, destination: string): string =>
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
    `optionalFields: [ ${chosen.join(", ")} ]`,
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

const rulesDocument = ({ bucket, region }: Required<BucketRef>): string =>
  [
    schemaHint,
    "# For editors that read this hint: cos-inventory schema > rules.schema.json",
    "#",
    "# Inventory rules of one bucket or more: see what would change with `cos-inventory plan <this file>`,",
    "# and make it so with `cos-inventory apply <this file>`.",
    "",
    "# <name>-<appid>@<region>; or all whose names match, which needs the right to list buckets:",
    '#   - { match: "logs-*", region: ap-guangzhou }',
    "buckets:",
    `  - ${bucket}@${region}`,
    "",
    "# The ids that this file owns. With --prune, a rule that matches and stands in no file is deleted; no other ever is.",
    'manages: [ "daily-*", "monthly-*" ]',
    "",
    "# What every rule has unless it says otherwise: objects merge by key, lists replace.",
    "defaults:",
    `  optionalFields: [ ${chosen.join(", ")} ]`,
    "  destination:",
    "    # A bucket in the same region; ${bucket}, ${name}, ${appid} and ${region} are those of the listed bucket.",
    '    bucket: "${bucket}"',
    "    prefix: cos-inventory",
    `    format: ${formats[0]}`,
    "    encryption: SSE-COS",
    "",
    "# Unless told, a rule is enabled and lists current versions alone.",
    "rules:",
    "  - id: daily-logs",
    "    # Never disabled, never deleted.",
    "    protect: true",
    "    filter: { prefix: logs/ }",
    "    schedule: { frequency: Daily }",
    "",
    "  - id: monthly-data",
    "    includedObjectVersions: All",
    "    filter: { prefix: data/ }",
    `    schedule: { frequency: Monthly, monthlyDate: 1 } # ${monthlyDates.min} to ${monthlyDates.max}`,
  ].join("\n")

const policyDocument = ({ bucket, region }: Required<BucketRef>): string =>
  [
    "# Who may do what through the proxy: see what it decides with `cos-inventory policy check`,",
    "# and serve it with `cos-inventory proxy --policy <this file>`. It holds no secret, and what it does not name is denied.",
    "version: 1",
    "",
    "# Every bucket that there is for anybody, <name>-<appid>@<region>.",
    "buckets:",
    `  - ${bucket}@${region}`,
    "",
    "# In patterns, * is any text and ? one character.",
    "principals:",
    "  # Reads every rule with a bearer token, and writes nothing.",
    "  - name: reader",
    "    # Not the token, but its hash: `cos-inventory proxy token new` prints both. Nobody has the token of this one.",
    "    tokens:",
    `      - sha256:${"0".repeat(64)}`,
    "    grants:",
    "      # get and list, unless operations says otherwise. Only buckets of the list above can match.",
    '      - buckets: [ "*" ]',
    "",
    "  # Writes its own rules with a key pair for COS's SDKs and this command line.",
    "  - name: writer",
    "    # An id of your own choice; its secret key follows from COS_PROXY_SECRET.",
    "    keys: [ AKIDwriter ]",
    "    grants:",
    `      - buckets: [ ${bucket} ]`,
    "        operations: [ get, list, put, delete, run ]",
    "        # The ids of the rules that it may see and change.",
    '        ids: [ "ci-*" ]',
    "        # Where their reports may go, <bucket>[@<region>][/<prefix>]; nowhere, unless told.",
    `        destinations: [ "${bucket}/ci/*" ]`,
    "    # What is not told is as in the policy's own limits, and without those: 10 requests a second, no one-time job.",
    "    limits: { runsPerDay: 5 }",
    "",
    "# Who may read /metrics: open, or those with a token of which the hash stands here; nobody, unless told.",
    "# metrics: { tokens: [ sha256:<hash> ] }",
  ].join("\n")

const chosen: ReadonlyArray<string> = ["Size", "LastModifiedDate", "StorageClass", "ETag"]

const schedule = (kind: RuleKind): ReadonlyArray<string> => {
  switch (kind) {
    case "once":
      return []
    case "monthly":
      return [
        "schedule:",
        "  frequency: Monthly",
        `  monthlyDate: 1 # ${monthlyDates.min} to ${monthlyDates.max}`,
        "",
      ]
    default:
      return ["schedule:", `  frequency: ${kind === "daily" ? "Daily" : "Weekly"} # Daily, Weekly or Monthly`, ""]
  }
}
