/** What a plan is asked for: rules, and the bucket that they are held against. */
import * as Effect from "effect/Effect"
import { parseBucket } from "../../../core/bucket.ts"
import { problemIn } from "../../../core/form-finding.ts"
import type { Finding } from "../../../core/lint/mod.ts"
import { isObject, unknownKey, withPosition } from "../../../core/wire/json.ts"
import type { JsonSource } from "../../json/mod.ts"
import type { Refused } from "../../policy/call.ts"
import { refused } from "./asked.ts"
import { partOf } from "./body.ts"

export interface PlanBody {
  readonly bucket: string
  readonly prune: boolean
  /** A rule, rules, or a rules document. */
  readonly rules: JsonSource
}

export const planBodyOf = (source: JsonSource): Effect.Effect<PlanBody, Refused> => {
  const { value } = source
  const given = isObject(value) ? value : undefined
  if (given === undefined) {
    return refuse([
      wrong(
        "",
        "The body is no object",
        value,
        `an object with ${keys.join(", ")}`,
        'Write { "bucket": …, "rules": … }',
      ),
    ])
  }
  const { bucket, prune = false, rules } = given
  const name = typeof bucket === "string" && parseBucket(bucket) !== undefined ? bucket : undefined
  const findings = [
    ...Object.keys(given).filter((key) => !keys.includes(key)).map((key) => ({
      ...unknownKey(key, key, keys),
      source: form,
    })),
    ...(name === undefined
      ? [
        wrong(
          "bucket",
          "This is no name of a bucket",
          bucket,
          "<name>-<appid>",
          "Write it as examplebucket-1250000000",
        ),
      ]
      : []),
    ...(typeof prune === "boolean" ? [] : [
      wrong("prune", "The value has the wrong form", prune, "true or false", "Write true or false, or leave it out"),
    ]),
    ...(rules === undefined
      ? [
        wrong(
          "rules",
          "There are no rules",
          rules,
          "a rule, a list of rules, or a rules document",
          'Add "rules": { "rules": [] } for none',
        ),
      ]
      : []),
  ].map((finding) => withPosition(finding, source.position([finding.path])))
  return findings.length > 0 || name === undefined
    ? refuse(findings)
    : Effect.succeed({ bucket: name, prune: prune === true, rules: partOf(source, "rules", rules) })
}

const keys: ReadonlyArray<string> = ["bucket", "rules", "prune"]
const form = "/openapi.json"

const refuse = (findings: ReadonlyArray<Finding>) =>
  Effect.fail(refused("rules-invalid", "The body does not ask for a plan.", findings))

const wrong = (path: string, message: string, found: unknown, allowed: string, fix: string): Finding =>
  problemIn(form)(found === undefined ? "required" : "wrong-type", path, message, allowed, fix, found)
