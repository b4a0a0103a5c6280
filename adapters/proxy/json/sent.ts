/** The one rule or job that a body brings: read, judged, and complete. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type Finding, isError, lint } from "../../../core/lint/mod.ts"
import { expanded } from "../../../core/ruleset/mod.ts"
import type { InventoryConfiguration, InventoryJob, Kind } from "../../../core/rule.ts"
import { problemIn } from "../../../core/form-finding.ts"
import { withPosition } from "../../../core/wire/json.ts"
import { readValueRules } from "../../../core/wire/document.ts"
import { completeConfiguration, completeJob, type Reading } from "../../../core/wire/reading.ts"
import type { Refused } from "../../policy/call.ts"
import { type AskedOfRule, refused } from "./asked.ts"
import { bodyOf } from "./body.ts"

export const configurationIn = (asked: AskedOfRule) =>
  Effect.flatMap(
    judged(asked, "configuration"),
    ({ reading, findings }) =>
      completed(completeConfiguration(reading.draft), (rule: InventoryConfiguration) => ({ rule, findings })),
  )

export const jobIn = (asked: AskedOfRule) =>
  Effect.flatMap(
    judged(asked, "job"),
    ({ reading, findings }) => completed(completeJob(reading.draft), (job: InventoryJob) => ({ job, findings })),
  )

interface Judged {
  readonly reading: Reading
  readonly findings: ReadonlyArray<Finding>
}

const judged = (asked: AskedOfRule, kind: Kind): Effect.Effect<Judged, Refused> =>
  Effect.gen(function* () {
    const { door, at: { region }, id } = asked
    const source = yield* bodyOf(asked)
    const readings = readValueRules(source)
    const [only] = readings
    if (only === undefined || readings.length > 1) {
      return yield* refused("rules-invalid", "The body does not hold one rule.", [notOne(readings.length)])
    }
    const reading = expanded(withId(only, id), region)
    const findings = [
      ...lint(reading, { kind, region }),
      ...otherId(reading, id),
      ...(door.policy.accept.has("unknown-elements") ? [] : unknownElements(reading)),
    ]
    return findings.some(isError)
      ? yield* refused("rules-invalid", "The rule is refused.", findings)
      : { reading, findings }
  })

const completed = <R, A>(rule: Result.Result<R, ReadonlyArray<string>>, made: (rule: R) => A) =>
  Effect.fromResult(Result.mapBoth(rule, {
    // Whatever is missing was found before
    onFailure: (paths) => refused("rules-invalid", `The rule lacks ${paths.join(", ")}.`),
    onSuccess: made,
  }))

/** The path names the rule; a body need not do it again. */
const withId = (reading: Reading, id: string): Reading => {
  const isGiven = reading.draft.id !== undefined || reading.unread.has("id") || reading.unread.has("")
  return isGiven ? reading : { ...reading, draft: { ...reading.draft, id } }
}

const otherId = (reading: Reading, id: string): ReadonlyArray<Finding> => {
  const found = reading.draft.id
  if (found === undefined || found === id) return []
  const message = "The id of the body is not the one of the path"
  return [
    placed(reading, problem("id-differs", "id", message, id, "Correct one of them, or leave the body's out", found)),
  ]
}

const unknownElements = (reading: Reading): ReadonlyArray<Finding> => {
  const { extra = [] } = reading.draft
  const fix = "Leave extra out, or have unknown-elements accepted by the proxy's policy"
  const message = "The proxy sends no element that it does not know"
  return extra.length === 0
    ? []
    : [placed(reading, problem("extra-refused", "extra", message, "a rule without extra", fix, extra))]
}

const placed = ({ position }: Reading, finding: Finding): Finding => withPosition(finding, position(finding.path))

const notOne = (count: number): Finding => {
  const message = count === 0 ? "The body holds no rule" : "The body holds several rules"
  return problem("rule-count", "", message, "one rule", "Give the one rule that the path names", count)
}

const problem = problemIn("/openapi.json")
