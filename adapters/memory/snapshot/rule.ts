/** One rule of a snapshot: in the JSON form, in the API's own, or as XML. */
import * as Result from "effect/Result"
import { expandDestination } from "../../../core/bucket.ts"
import { type Finding, isError, lint, shown } from "../../../core/lint/mod.ts"
import { readConfiguration, writeConfiguration } from "../../../core/wire/configuration.ts"
import { readValueRules, readXmlRules } from "../../../core/wire/document.ts"
import { writeJson } from "../../../core/wire/json.ts"
import { completeConfiguration, type Reading } from "../../../core/wire/reading.ts"
import { xmlFinding } from "../../../core/wire/xml/mod.ts"
import { readForm } from "../../../core/form.ts"
import type { Rule } from "../../store/mod.ts"
import { RuleForm } from "./form.ts"
import { readMoment, writeMoment } from "./moment.ts"
import { documented } from "./source.ts"

/** A rule that can be stored; what it lacks is given when it is. */
export interface ReadRule {
  readonly id: string
  readonly xml: string
  readonly since?: number
  readonly sequence?: number
}

export const readRule = (value: unknown, region: string): Result.Result<ReadRule, ReadonlyArray<Finding>> => {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "rule")) {
    return Result.flatMap(readForm(RuleForm, value, documented), ({ rule, since, sequence }) =>
      // The local COS wrote it, which may have taken what a person would be warned of
      Result.map(Result.mapError(readOne(rule, region, false), (findings) => findings.map(within)), (read) => ({
        ...read,
        ...(since === undefined ? {} : { since: readMoment(since)! }),
        ...(sequence === undefined ? {} : { sequence }),
      })))
  }
  return readOne(value, region, true)
}

const within = (finding: Finding): Finding => ({
  ...finding,
  path: finding.path === "" ? "rule" : `rule.${finding.path}`,
})

const readOne = (
  value: unknown,
  region: string,
  isJudged: boolean,
): Result.Result<ReadRule, ReadonlyArray<Finding>> => {
  const readings = typeof value === "string"
    ? Result.mapError(readXmlRules(value), (problem) => [xmlFinding(problem)])
    : Result.succeed(readValueRules({ value }))
  return Result.flatMap(readings, (found) => {
    const [only, ...others] = found
    if (only === undefined || others.length > 0) return Result.fail([notOne(value)])
    const reading = expanded(only, region)
    const complete = completeConfiguration(reading.draft)
    const findings = isJudged || Result.isFailure(complete)
      ? lint(reading, { kind: "configuration", region }).filter(isError)
      : reading.findings.filter(isError)
    if (findings.length > 0 || Result.isFailure(complete)) return Result.fail(findings)
    return Result.succeed({
      id: complete.success.id,
      xml: typeof value === "string" ? value : writeConfiguration(complete.success),
    })
  })
}

const notOne = (value: unknown): Finding => ({
  code: "no-rules",
  severity: "error",
  path: "",
  message: "This is not one rule",
  found: shown(value),
  allowed: "one rule in each place of the list",
  fix: "Write each rule by itself",
  source: documented,
})

/** A destination may be written `name-appid` or `cos://name-appid/prefix`. */
const expanded = (reading: Reading, region: string): Reading => {
  const { destination } = reading.draft
  return destination?.bucket === undefined ? reading : {
    ...reading,
    draft: { ...reading.draft, destination: { ...destination, ...expandDestination(destination.bucket, region) } },
  }
}

/** The JSON form, or the XML where that would not come back the same. */
export const writeRule = ({ xml, since, sequence }: Rule): typeof RuleForm.Type => {
  const rule = Result.flatMap(readConfiguration(xml), ({ draft }) => completeConfiguration(draft))
  const isWhole = Result.isSuccess(rule) && writeConfiguration(rule.success) === xml
  return { rule: isWhole ? writeJson(rule.success) : xml, since: writeMoment(since), sequence }
}
