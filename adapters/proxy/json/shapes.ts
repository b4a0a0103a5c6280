/** The shapes of bodies and answers, described once: OpenAPI is made of them, and the tests hold answers against them. */
import * as Schema from "effect/Schema"
import { bucketPattern, regionPattern } from "../../../core/bucket.ts"
import { InventoryConfiguration } from "../../../core/rule.ts"
import { documentVersion } from "../../../core/wire/document.ts"

const optional = <S extends Schema.Constraint>(schema: S, description: string) =>
  Schema.optionalKey(schema).annotateKey({ description })
const flag = (description: string) => Schema.Boolean.annotate({ description })
const text = (description: string) => Schema.String.annotate({ description })
const version = Schema.Literal(documentVersion)

const Bucket = Schema.String.check(Schema.isPattern(bucketPattern)).annotate({ description: "<name>-<appid>" })
const Region = Schema.String.check(Schema.isPattern(regionPattern)).annotate({ description: "Such as ap-guangzhou" })
const place = { version, bucket: Bucket, region: Region }

export const Finding = Schema.Struct({
  code: text("Stable, such as tag-needs-field"),
  severity: Schema.Literals(["error", "warning", "info"]),
  path: text("Place in the JSON form; empty for the whole"),
  message: text("What is wrong"),
  found: optional(Schema.String, "The value found"),
  allowed: text("What would be accepted"),
  fix: text("The next thing to do"),
  source: text("Where the rule comes from"),
  position: optional(Schema.Struct({ line: Schema.Int, column: Schema.Int }), "In the body; both count from 1"),
  edit: optional(Schema.Struct({ path: Schema.String, value: Schema.optionalKey(Schema.Unknown) }), "What mends it"),
}).annotate({ identifier: "Finding", description: "What a check has to say about one place" })

const more = optional(Schema.Int, "How many findings there are beside those")

export const Problem = Schema.Struct({
  type: text("What kind of problem it is, as a place on the reference page"),
  title: text("The same for every problem of the kind"),
  status: Schema.Int,
  detail: optional(Schema.String, "What it is this time"),
  code: text("COS's own code where COS has one for it, else the last part of type, which names the kind"),
  requestId: optional(Schema.String, "The proxy's id of the request, as in `x-request-id` and in its logs"),
  cosRequestId: optional(Schema.String, "COS's id of the request"),
  traceId: optional(Schema.String, "COS's id to trace the request by"),
  findings: optional(Schema.Array(Finding), "What is wrong, warnings included: the first 100, errors before others"),
  more,
}).annotate({ identifier: "Problem", description: "What went wrong (RFC 9457)" })

const warnings = optional(Schema.Array(Finding), "What is odd and was taken all the same")

const Inventory = Schema.Struct({ ...place, configuration: InventoryConfiguration, warnings, more }).annotate({
  identifier: "Inventory",
  description: "One rule",
})

const Inventories = Schema.Struct({
  ...place,
  configurations: Schema.Array(InventoryConfiguration),
  next: optional(Schema.String, "The cursor of the next page, where there is one"),
}).annotate({ identifier: "Inventories", description: "One page of rules" })

const Buckets = Schema.Struct({
  version,
  buckets: Schema.Array(Schema.Struct({ bucket: Bucket, region: Region })),
}).annotate({ identifier: "Buckets", description: "Buckets and their regions" })

const Started = Schema.Struct({
  ...place,
  id: Schema.String,
  result: Schema.Literal("started"),
  jobId: optional(Schema.String, "COS's name for the job, where it gives one"),
  acceptedEarlier: flag("An attempt whose answer was lost was the one that COS took"),
  manifest: optional(Schema.String, "Where the report will be: cos://<bucket>/<key>"),
  warnings,
  more,
}).annotate({ identifier: "Started", description: "A job that COS took" })

const Judgement = Schema.Struct({
  version,
  valid: flag("There is no error among the findings"),
  counts: Schema.Struct({ errors: Schema.Int, warnings: Schema.Int, notes: Schema.Int }),
  findings: Schema.Array(Finding),
  more,
}).annotate({ identifier: "Judgement", description: "What is to be said of rules" })

const action = <const A extends string>(name: A) => ({ action: Schema.Literal(name), id: Schema.String })
const Change = Schema.Struct({
  path: Schema.String,
  before: Schema.optionalKey(Schema.Unknown),
  after: Schema.optionalKey(Schema.Unknown),
}).annotate({ identifier: "Change", description: "One field that differs" })

const Step = Schema.Union([
  Schema.Struct({ ...action("create"), after: InventoryConfiguration }),
  Schema.Struct({
    ...action("update"),
    before: InventoryConfiguration,
    after: InventoryConfiguration,
    changes: Schema.Array(Change),
  }),
  Schema.Struct({
    ...action("delete"),
    before: InventoryConfiguration,
    first: optional(Schema.Literal(true), "Before the last ones are created, to make room"),
  }),
  Schema.Struct(action("keep")),
  Schema.Struct({ ...action("unmanaged"), prunable: flag("Only prune was not asked for") }),
]).annotate({ identifier: "Step", description: "What becomes of one rule" })

const Plan = Schema.Struct({
  version,
  plan: Schema.Struct({
    prune: Schema.Boolean,
    counts: Schema.Struct({
      create: Schema.Int,
      update: Schema.Int,
      delete: Schema.Int,
      keep: Schema.Int,
      unmanaged: Schema.Int,
    }),
    buckets: Schema.Array(Schema.Struct({
      bucket: Bucket,
      region: Region,
      steps: Schema.Array(Step),
      untouched: text("By which change is noticed before the plan is applied"),
      over: optional(Schema.Int, "How many rules the bucket would have had too many: the plan cannot be applied"),
    })),
  }),
  warnings,
  checksum: text("Over all the rest"),
}).annotate({ identifier: "Plan", description: "What `cos-inventory apply` would do" })

const OpenApi = Schema.Struct({ openapi: Schema.String }).annotate({
  identifier: "OpenApi",
  description: "An OpenAPI document",
})

/** Answers, by the names that the routes have for them. */
export const answerShapes = { Problem, Inventory, Inventories, Buckets, Started, Judgement, Plan, OpenApi } as const

/** Bodies are described by the schema of rules files, which says what each of them may be. */
type BodyName = "RuleBody" | "JobBody" | "RulesFile" | "PlanBody"
export type ShapeName = keyof typeof answerShapes | BodyName
