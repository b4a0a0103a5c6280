/** Rules out of a state of Terraform: what `terraform show -json` prints, or the state file itself (version 4). */
import * as Result from "effect/Result"
import { type BucketRef, parseBucket, parseResource } from "../bucket.ts"
import { type Finding, isError, shown } from "../lint/finding.ts"
import type { Draft, InventoryConfiguration } from "../rule.ts"
import { completeConfiguration } from "../wire/reading.ts"
import { blockAt, fieldsOf, flagAt, itemsOf, secondsAt, textAt, unknownIn, wordsAt } from "./attribute.ts"
import { lacks, noPrefix, noResource, notAState, note, replaced, type State, twice, twoRegions } from "./finding.ts"
import { idSeparator, resourceType } from "./resource.ts"

export interface StateRules {
  /** In the order in which they first stand in the state. */
  readonly buckets: ReadonlyArray<StateBucket>
  /** An error is a rule, or the state, that could not be taken over. */
  readonly findings: ReadonlyArray<Finding>
}

export interface StateBucket {
  /** A state names no region: it is that of the destinations, which is the bucket's own (page 30625). */
  readonly ref: BucketRef
  readonly rules: ReadonlyArray<InventoryConfiguration>
}

/** Reads a parsed state. What the provider may have lost on its way into the state is said rule by rule. */
export const readState = (state: unknown): StateRules => {
  const found = resourcesOf(state)
  if (Result.isFailure(found)) return { buckets: [], findings: [found.failure] }
  const findings: Array<Finding> = [...found.success.findings]
  const byBucket = new Map<string, Array<InventoryConfiguration>>()
  for (const { address, values } of found.success.resources) {
    const notes: Array<Finding> = []
    const rule = ruleOf(values, { address, findings: notes })
    findings.push(...notes)
    if (rule === undefined) continue
    const rules = byBucket.get(rule.bucket) ?? []
    byBucket.set(rule.bucket, rules)
    if (rules.some(({ id }) => id === rule.rule.id)) findings.push(twice(address, rule.rule.id))
    else rules.push(rule.rule)
  }
  if (found.success.resources.length === 0 && findings.length === 0) findings.push(noResource)
  return {
    buckets: Array.from(byBucket, ([bucket, rules]) => {
      const regions = new Set(rules.map(({ destination }) => parseResource(destination.bucket)?.region))
      const [region] = regions
      if (regions.size > 1) findings.push(twoRegions(bucket, [...regions]))
      return { ref: { bucket, ...(regions.size > 1 || region === undefined ? {} : { region }) }, rules }
    }),
    findings,
  }
}

interface Resource {
  /** Such as `module.logs.tencentcloud_cos_bucket_inventory.daily["a"]`. */
  readonly address: string
  readonly values: unknown
}

interface Resources {
  readonly resources: ReadonlyArray<Resource>
  readonly findings: ReadonlyArray<Finding>
}

const resourcesOf = (state: unknown): Result.Result<Resources, Finding> => {
  const { version, resources, format_version: format, values, planned_values: planned } = fieldsOf(state)
  if (planned !== undefined) {
    return Result.fail(
      notAState("This is a plan of Terraform, not a state", "Run `terraform show -json` without a plan"),
    )
  }
  if (typeof format === "string") {
    // Terraform's JSON output: a change of the first number may change what a key means
    if (!/^[01]\./u.test(format)) {
      return Result.fail(
        notAState(`The state's format is ${shown(format)}`, "Use a version of Terraform that prints 1.x"),
      )
    }
    return Result.succeed(resourcesOfModules(fieldsOf(values)["root_module"]))
  }
  if (Array.isArray(resources) && typeof version === "number") {
    if (version !== 4) {
      return Result.fail(
        notAState(`The state file has version ${version}`, "Give the output of `terraform show -json`"),
      )
    }
    return Result.succeed(resourcesOfFile(resources))
  }
  return Result.fail(notAState("This is no state of Terraform", "Give the output of `terraform show -json`"))
}

/** The output of `terraform show -json`. Modules are walked without recursion: a file may nest them without end. */
const resourcesOfModules = (root: unknown): Resources => {
  const found: Array<Resource> = []
  const findings: Array<Finding> = []
  for (const waiting = [root]; waiting.length > 0;) {
    const { resources, child_modules: children } = fieldsOf(waiting.shift())
    for (const resource of itemsOf(resources).map(fieldsOf)) {
      const { address, mode, type, values, deposed_key: deposed } = resource
      if (!isOurs(mode, type)) continue
      const named = typeof address === "string" ? address : resourceType
      if (deposed === undefined) found.push({ address: named, values })
      else findings.push(replaced(named))
    }
    waiting.unshift(...itemsOf(children))
  }
  return { resources: found, findings }
}

/** The state file, as Terraform keeps it. */
const resourcesOfFile = (resources: ReadonlyArray<unknown>): Resources => {
  const found: Array<Resource> = []
  const findings: Array<Finding> = []
  for (const { module, mode, type, name, instances } of resources.map(fieldsOf)) {
    if (!isOurs(mode, type)) continue
    for (const { index_key: key, attributes, deposed } of itemsOf(instances).map(fieldsOf)) {
      const index = key === undefined || key === null ? "" : `[${JSON.stringify(key)}]`
      const address = `${typeof module === "string" ? `${module}.` : ""}${resourceType}.${String(name)}${index}`
      if (deposed === undefined) found.push({ address, values: attributes })
      else findings.push(replaced(address))
    }
  }
  return { resources: found, findings }
}

const isOurs = (mode: unknown, type: unknown): boolean => mode === "managed" && type === resourceType

const known = [
  "id",
  "bucket",
  "name",
  "is_enabled",
  "included_object_versions",
  "filter",
  "optional_fields",
  "schedule",
  "destination",
  // The state may hold how long Terraform was to wait
  "timeouts",
]

const ruleOf = (
  values: unknown,
  state: State,
): { readonly bucket: string; readonly rule: InventoryConfiguration } | undefined => {
  const given = fieldsOf(values)
  unknownIn(given, known, "", state)
  const bucket = textAt(given, "bucket", "", state)
  const id = textAt(given, "name", "", state)
  const filter = blockAt(given, "filter", ["prefix", "period"], state)
  const period = blockAt(filter, "period", ["start_time", "end_time"], state, "filter.")
  const fields = blockAt(given, "optional_fields", ["fields"], state)
  const schedule = blockAt(given, "schedule", ["frequency"], state)
  const destination = blockAt(given, "destination", [
    "bucket",
    "account_id",
    "prefix",
    "format",
    "encryption",
  ], state)
  const encryption = blockAt(destination, "encryption", ["sse_cos"], state, "destination.")
  const draft: Draft = {
    ...present("id", id),
    ...present("isEnabled", flagAt(given, "is_enabled", state)),
    ...present("includedObjectVersions", textAt(given, "included_object_versions", "", state)),
    filter: {
      ...present("prefix", textAt(filter, "prefix", "filter.", state)),
      period: {
        ...present("startTime", secondsAt(period, "start_time", state)),
        ...present("endTime", secondsAt(period, "end_time", state)),
      },
    },
    optionalFields: wordsAt(fields, "fields", state),
    schedule: { ...present("frequency", textAt(schedule, "frequency", "schedule.", state)) },
    destination: {
      ...present("bucket", textAt(destination, "bucket", "destination.", state)),
      ...present("accountId", textAt(destination, "account_id", "destination.", state)),
      ...present("prefix", textAt(destination, "prefix", "destination.", state)),
      ...present("format", textAt(destination, "format", "destination.", state)),
      ...(encryption === undefined ? {} : { encryption: "SSE-COS" }),
    },
  }
  // What could not be read would be missing in the rule
  if (state.findings.some(isError)) return undefined
  const rule = completeConfiguration(draft)
  const isUsable = bucket !== undefined && parseBucket(bucket) !== undefined
  if (!isUsable) state.findings.push(lacks(state, "bucket", "<name>-<appid>", bucket))
  if (Result.isFailure(rule)) {
    for (const path of rule.failure) state.findings.push(lacks(state, path, "a value", undefined))
  }
  if (!isUsable || Result.isFailure(rule)) return undefined
  const whole = `${bucket}${idSeparator}${rule.success.id}`
  const { id: resourceId } = given
  if (typeof resourceId === "string" && resourceId !== whole) {
    state.findings.push(note(state, "id", "The resource's id names another rule", resourceId, whole))
  }
  if (rule.success.filter?.prefix === undefined) state.findings.push(noPrefix(state))
  return { bucket, rule: rule.success }
}

const present = (key: string, value: unknown): Record<string, unknown> => value === undefined ? {} : { [key]: value }
