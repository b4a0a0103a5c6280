/** Rules out of a state of Terraform: what `terraform show -json` prints, or the state file itself (version 4). */
import * as Result from "effect/Result"
import { type BucketRef, parseBucket, parseResource } from "../bucket.ts"
import { type Finding, isError, shown } from "../lint/finding.ts"
import type { Draft, InventoryConfiguration } from "../rule.ts"
import { completeConfiguration } from "../wire/reading.ts"
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

interface State {
  readonly address: string
  readonly findings: Array<Finding>
}

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

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {}

const itemsOf = (value: unknown): ReadonlyArray<unknown> => Array.isArray(value) ? value : []

const isEmpty = (value: unknown): boolean =>
  value === null || value === "" || (Array.isArray(value) && value.length === 0)

const present = (key: string, value: unknown): Record<string, unknown> => value === undefined ? {} : { [key]: value }

/** The one block of a list; without attributes it may be null there, and is a block all the same. */
const blockAt = (
  given: Fields | undefined,
  key: string,
  keys: ReadonlyArray<string>,
  state: State,
  lead = "",
): Fields | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || value.length > 1) {
    state.findings.push(odd(state, `${lead}${key}`, value, "one block at most"))
    return undefined
  }
  if (value.length === 0) return undefined
  const fields = fieldsOf(value[0])
  unknownIn(fields, keys, `${lead}${key}.`, state)
  return fields
}

/** A value that is not known here may be a secret of somebody: only its name is said. */
const unknownIn = (given: Fields, keys: ReadonlyArray<string>, lead: string, state: State): void => {
  for (const [key, value] of Object.entries(given)) {
    if (keys.includes(key) || isEmpty(value)) continue
    state.findings.push({
      ...note(state, `${lead}${key}`, "The attribute is unknown, and is not in the rules document", undefined, ""),
      allowed: keys.join(", "),
      fix: "Add what it means to the rules document by hand",
    })
  }
}

const textAt = (given: Fields | undefined, key: string, lead: string, state: State): string | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null || value === "") return undefined
  if (typeof value === "string") return value
  state.findings.push(odd(state, `${lead}${key}`, value, "text"))
  return undefined
}

/** The schema says text, and Go's SDK reads what COS sends, `True` too. */
const flagAt = (given: Fields, key: string, state: State): boolean | undefined => {
  const value = given[key]
  const word = typeof value === "string" ? value.toLowerCase() : value
  if (word === "true" || word === true) return true
  if (word === "false" || word === false) return false
  if (value !== undefined && value !== null) state.findings.push(odd(state, key, value, '"true" or "false"'))
  return undefined
}

const secondsAt = (given: Fields | undefined, key: string, state: State): number | undefined => {
  const value = given?.[key]
  if (value === undefined || value === null || value === "") return undefined
  if (typeof value === "string" && /^-?\d{1,15}$/u.test(value)) return Number(value) + 0
  state.findings.push(odd(state, `filter.period.${key}`, value, "epoch seconds, as text"))
  return undefined
}

const wordsAt = (given: Fields | undefined, key: string, state: State): ReadonlyArray<string> => {
  const value = given?.[key]
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((word) => typeof word === "string")) return value
  state.findings.push(odd(state, `optional_fields.${key}`, value, "a list of texts"))
  return []
}

const provider = "terraform-provider-tencentcloud, resource_tc_cos_bucket_inventory.go"

const odd = (state: State, path: string, value: unknown, allowed: string): Finding => ({
  code: "terraform-attribute",
  severity: "error",
  path,
  message: "The rule is left out: an attribute of it has the wrong form",
  found: shown(value),
  allowed,
  fix: "Refresh the state, or correct the rules document by hand",
  source: provider,
  file: state.address,
})

const lacks = (state: State, path: string, allowed: string, found: string | undefined): Finding => ({
  code: "terraform-incomplete",
  severity: "error",
  path,
  message: "The rule is left out: the state lacks what a rule must have",
  ...(found === undefined ? {} : { found }),
  allowed,
  fix: "Refresh the state, or write the rule by hand",
  source: provider,
  file: state.address,
})

const note = (state: State, path: string, message: string, found: string | undefined, allowed: string): Finding => ({
  code: "terraform-odd",
  severity: "warning",
  path,
  message,
  ...(found === undefined ? {} : { found: shown(found) }),
  allowed,
  fix: "Look at it in Terraform",
  source: provider,
  file: state.address,
})

const noPrefix = (state: State): Finding => ({
  code: "terraform-prefix",
  severity: "warning",
  path: "filter.prefix",
  message:
    "The state has no prefix, so the rule lists the whole bucket; the provider may have lost it when it read the rule",
  allowed: "no prefix, if the rule has none in COS",
  fix: "Run plan on the rules document: it shows what COS has before anything is changed",
  source: "Go SDK, bucket_inventory.go: the prefix is read in one of the two places where COS sends it",
  file: state.address,
})

const twice = (address: string, id: string): Finding => ({
  code: "terraform-twice",
  severity: "error",
  path: "name",
  message: "The state has two resources for one rule, and the first is taken",
  found: id,
  allowed: "each rule once",
  fix: "Remove one of them from the state with `terraform state rm`",
  source: "page 30625: a PUT replaces the rule of the same id",
  file: address,
})

const twoRegions = (bucket: string, regions: ReadonlyArray<string | undefined>): Finding => ({
  code: "terraform-regions",
  severity: "warning",
  path: "destination",
  message: "Rules of one bucket have destinations in two regions, so that its own region is not known",
  found: shown(`${bucket}: ${regions.join(", ")}`),
  allowed: "destinations in the region of the bucket",
  fix: "Correct the destinations in the rules document, and name the bucket with its region",
  source: "page 30625: source and destination are in the same region",
})

const replaced = (address: string): Finding => ({
  code: "terraform-deposed",
  severity: "warning",
  path: "",
  message: "The resource waits to be destroyed, and is left out",
  allowed: "resources that stand",
  fix: "Run `terraform apply`, which ends the replacement",
  source: "Terraform: deposed objects",
  file: address,
})

const noResource: Finding = {
  code: "terraform-none",
  severity: "error",
  path: "",
  message: `The state holds no ${resourceType}`,
  allowed: `managed resources of the type ${resourceType}`,
  fix: "Give the state that has them",
  source: provider,
}

const notAState = (message: string, fix: string): Finding => ({
  code: "terraform-state",
  severity: "error",
  path: "",
  message,
  allowed: "the output of `terraform show -json`, or a state file of version 4",
  fix,
  source: "Terraform: JSON output format 1.x, state file version 4",
})
