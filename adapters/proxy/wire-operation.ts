/** What a request on COS's own wire asks for, as the one value that is authorised and sent. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { HttpRequest } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import { isForgivable, lint } from "../../core/lint/mod.ts"
import type { Policy } from "../../core/policy/mod.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import { readConfiguration } from "../../core/wire/configuration.ts"
import type { Asked } from "../../core/wire/operations.ts"
import { completeConfiguration, completeJob } from "../../core/wire/reading.ts"
import { readText } from "../../core/wire/text.ts"
import { type Call, Refused } from "../policy/call.ts"
import { noId, otherId, refusalOf } from "../refusals.ts"
import { wholeBody } from "./body.ts"

type Known = Exclude<Asked, { readonly _tag: "Unknown" | "GetService" }>
type Parameters = ReadonlyArray<readonly [name: string, value: string]>

/** `parameters` are those beside the signature's. Nothing that the request says is lost on the way: that is refused. */
export const operationOf = (
  asked: Known,
  parameters: Parameters,
  request: HttpRequest<Body>,
  policy: Policy,
  hashes: Hashes,
): Effect.Effect<Call["operation"], Refused> =>
  Effect.gen(function* () {
    const stranger = strangerAmong(parameters, asked, policy)
    if (stranger !== undefined) return yield* invalid({ code: "InvalidArgument", message: stranger }, stranger)
    if ("id" in asked && asked.id === "") return yield* invalid(noId, "there is no id")
    if (!bringsRule(asked)) return asked
    const body = yield* wholeBody(request, hashes)
    if (body.byteLength === 0) return yield* invalid(refusalOf("MissingRequestBodyError"), "there is no body")
    return yield* Effect.fromResult(ruleOf(asked, body, policy))
  })

/** What says something that nobody here understands, or says it twice, is not asked of COS. */
const strangerAmong = (parameters: Parameters, { _tag }: Known, policy: Policy): string | undefined => {
  const known = _tag === "ListBucketInventory" ? ofList : ofRule
  const seen = new Set<string>()
  for (const [name, value] of parameters) {
    const meant = name === "Id" ? "id" : name
    if (seen.has(meant)) return "A parameter stands twice."
    seen.add(meant)
    if (policy.accept.has("unknown-parameters")) continue
    if (!known.has(meant)) return "The request has a parameter that the operation does not take."
    if (meant === "inventory" && value !== "") return "The parameter inventory takes no value."
  }
  return undefined
}
/** The PHP SDK puts with a capital Id (Service.php:1058). A LIST may come with an empty one (coscli). */
const ofRule: ReadonlySet<string> = new Set(["inventory", "id"])
const ofList: ReadonlySet<string> = new Set(["inventory", "id", "continuation-token"])

type Bringing = Extract<Asked, { readonly _tag: "PutBucketInventory" | "PostBucketInventory" }>
const bringsRule = (asked: Asked): asked is Bringing =>
  asked._tag === "PutBucketInventory" || asked._tag === "PostBucketInventory"

/** Reads the one value that is authorised and sent. Nothing of the document may be lost on the way: that is refused. */
const ruleOf = (
  { _tag, id }: Bringing,
  body: Uint8Array,
  policy: Policy,
): Result.Result<Call["operation"], Refused> => {
  const read = Result.flatMap(readText(body, maxDocumentBytes), readConfiguration)
  if (Result.isFailure(read)) return Result.fail(malformed(read.failure.message))
  const reading = read.success
  const kind = _tag === "PutBucketInventory" ? "configuration" : "job"
  const worst = lint(reading, { kind }).find((finding) => !isForgivable(finding))
  if (worst !== undefined) return Result.fail(malformed(`${worst.path}: ${worst.message}`))
  if (kind === "job" && (reading.draft.isEnabled !== undefined || reading.draft.schedule !== undefined)) {
    return Result.fail(malformed("a one-time job has no schedule and is not enabled"))
  }
  if ((reading.draft.extra ?? []).length > 0 && !policy.accept.has("unknown-elements")) {
    return Result.fail(malformed("the document holds an element that is not known"))
  }
  if (reading.draft.id !== id) return Result.fail(invalid(otherId, "the ids of query and body differ"))
  return kind === "configuration"
    ? Result.mapBoth(completeConfiguration(reading.draft), {
      onFailure: (paths) => malformed(`without ${paths.join(", ")}`),
      onSuccess: (configuration) => ({ _tag: "PutBucketInventory", configuration }) as const,
    })
    : Result.mapBoth(completeJob(reading.draft), {
      onFailure: (paths) => malformed(`without ${paths.join(", ")}`),
      onSuccess: (job) => ({ _tag: "PostBucketInventory", job }) as const,
    })
}

const malformed = (why: string): Refused => invalid(refusalOf("MalformedXML"), why)

const invalid = (refusal: Refused["refusal"], why: string): Refused => new Refused({ outcome: "invalid", refusal, why })
