/** Reading a plan file back, strictly: it is carried out as it stands, so nothing in it is guessed at. */
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import { regionPattern } from "../bucket.ts"
import { diff } from "../diff.ts"
import { checkBucket } from "../endpoint.ts"
import { broughtIn, type Context, type Finding, isForgivable, lint, shown } from "../lint/mod.ts"
import type { InventoryConfiguration } from "../rule.ts"
import { documentVersion } from "../wire/document.ts"
import { type Path, readJson, type Source, splitPath, unknownKey, withPosition } from "../wire/json.ts"
import { completeConfiguration, type Reading } from "../wire/reading.ts"
import { checksumOf, type Plan } from "./document.ts"
import { type BucketPlan, countsOf, type Step } from "./plan.ts"

export interface PlanReading {
  /** Absent where the document is not one. */
  readonly plan?: Plan
  /** Everything that is wrong with it, and what COS would not take of the rules that it writes. */
  readonly findings: ReadonlyArray<Finding>
  /** Buckets that could not be read when it was made, so that it says nothing of them. */
  readonly unread?: ReadonlyArray<UnreadBucket>
}

export interface UnreadBucket {
  readonly bucket: string
  readonly region: string
  readonly message: string
}

/** Whether a parsed value means to be a plan file. */
export const isPlan = (value: unknown): boolean => isObject(value) && Object.hasOwn(value, "plan")

/** `readPlan` of what `writePlan` gave is the plan again. */
export const readPlan = (source: Source): PlanReading => {
  const state: State = { source, findings: [], judged: [] }
  const document = fieldsAt(source.value, [], ["version", "plan", "checksum"], ["failures", "warnings"], state)
  if (document === undefined) return { findings: state.findings }
  if (document["version"] !== undefined && document["version"] !== documentVersion) {
    report(state, ["version"], document["version"], {
      code: "document-version",
      message: "The document has another version",
      allowed: String(documentVersion),
      fix: "Plan again with the version of cos-inventory that carries it out",
    })
    return { findings: state.findings }
  }
  const at = ["plan"]
  const body = document["plan"] === undefined
    ? undefined
    : fieldsAt(document["plan"], at, ["prune", "counts", "buckets"], ["endpoint", "demo"], state)
  if (body === undefined) return { findings: state.findings }
  const prune = flagAt(body["prune"], [...at, "prune"], state)
  const endpoint = textAt(body["endpoint"], [...at, "endpoint"], state)
  const demo = flagAt(body["demo"], [...at, "demo"], state)
  const checksum = textAt(document["checksum"], ["checksum"], state)
  const failures = failuresAt(document["failures"], ["failures"], state)
  const names = new Set<string>()
  const buckets = listAt(body["buckets"], [...at, "buckets"], state).map((item, i) => {
    const path = [...at, "buckets", i]
    const bucket = bucketAt(item, path, { ...state, prune })
    if (bucket !== undefined) once(bucket.bucket, names, [...path, "bucket"], "bucket", state)
    return bucket
  })
  if (state.findings.length > 0 || prune === undefined) return { findings: [...state.findings, ...state.judged] }
  const plan: Plan = {
    prune,
    buckets: buckets.filter((bucket) => bucket !== undefined),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(demo === true ? { demo } : {}),
  }
  const counts = countsOf(plan.buckets)
  if (!Equal.equals(body["counts"], counts)) {
    report(state, [...at, "counts"], body["counts"], {
      code: "counts-differ",
      message: "The counts are not those of the steps",
      allowed: JSON.stringify(counts),
      fix: planAgain,
    })
    return { findings: state.findings }
  }
  // What is wrong in particular says more
  if (isObject(source.value) && checksum !== checksumOf(source.value)) {
    report(state, ["checksum"], checksum, {
      code: "checksum-differs",
      message: "The plan is not as it was written: it was cut off, or changed",
      allowed: "a plan as plan wrote it",
      fix: planAgain,
    })
    return { findings: state.findings }
  }
  if (failures.length === 0) return { plan, findings: state.judged }
  return { plan, findings: [...state.judged, partial(failures.length, state)], unread: failures }
}

/** Who is not there is not in the file: an empty list was never written. */
const failuresAt = (value: unknown, path: Path, state: State): ReadonlyArray<UnreadBucket> => {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length === 0) {
    return wrongType(value, path, "a list of buckets that could not be read", state) ?? []
  }
  return value.flatMap((item, i) => {
    const fields = fieldsAt(item, [...path, i], ["bucket", "region", "error"], [], state)
    const bucket = textAt(fields?.["bucket"], [...path, i, "bucket"], state)
    const region = textAt(fields?.["region"], [...path, i, "region"], state)
    const error = fields?.["error"]
    const message = isObject(error) ? textAt(error["message"], [...path, i, "error", "message"], state) : undefined
    return bucket === undefined || region === undefined ? [] : [{ bucket, region, message: message ?? "" }]
  })
}

const partial = (count: number, state: State): Finding =>
  withPosition({
    code: "plan-partial",
    severity: "warning",
    path: "failures",
    message: `The plan says nothing of ${count === 1 ? "1 bucket" : `${count} buckets`} that could not be read`,
    allowed: "a plan of all buckets",
    fix: "Plan again when they can be read",
    source: documented,
  }, positionOf(state, ["failures"]))

interface State {
  readonly source: Source
  /** What is wrong with the document. */
  readonly findings: Array<Finding>
  /** What a rule means says nothing against the document that it stands in. */
  readonly judged: Array<Finding>
  /** Whether the plan deletes. */
  readonly prune?: boolean | undefined
  /** Whether COS judges the rules; what is never forgiven is refused all the same. */
  readonly asIs?: boolean
}

const planAgain = "A plan is not to be edited: plan again"

const documented = "the plan file in the README"

const bucketAt = (value: unknown, path: Path, state: State): BucketPlan | undefined => {
  const fields = fieldsAt(value, path, ["bucket", "region", "steps", "untouched"], ["over", "asIs"], state)
  if (fields === undefined) return undefined
  const bucket = bucketName(fields["bucket"], [...path, "bucket"], state)
  const region = regionAt(fields["region"], [...path, "region"], state)
  const untouched = textAt(fields["untouched"], [...path, "untouched"], state)
  const over = fields["over"] === undefined ? undefined : countAt(fields["over"], [...path, "over"], state)
  const asIs = fields["asIs"] === undefined ? false : flagAt(fields["asIs"], [...path, "asIs"], state) === true
  const ids = new Set<string>()
  const steps = listAt(fields["steps"], [...path, "steps"], state).map((item, i) => {
    const at = [...path, "steps", i]
    const step = stepAt(item, at, region, { ...state, asIs })
    if (step !== undefined) once(step.id, ids, [...at, "id"], "id", state)
    return step
  })
  if (bucket === undefined || region === undefined || untouched === undefined) return undefined
  return {
    bucket,
    region,
    steps: steps.filter((step) => step !== undefined),
    untouched,
    ...(over === undefined ? {} : { over }),
    ...(asIs ? { asIs } : {}),
  }
}

const bucketName = (value: unknown, path: Path, state: State): string | undefined => {
  const name = textAt(value, path, state)
  if (name === undefined) return undefined
  const wrong = checkBucket(name)
  state.findings.push(
    ...wrong.map((finding) => withPosition({ ...finding, path: pathText(path) }, positionOf(state, path))),
  )
  return wrong.length > 0 ? undefined : name
}

const regionAt = (value: unknown, path: Path, state: State): string | undefined => {
  const region = textAt(value, path, state)
  if (region === undefined || regionPattern.test(region)) return region
  return report(state, path, region, {
    code: "region-form",
    message: "The region is not a region",
    allowed: "a region such as ap-guangzhou or eu-frankfurt",
    fix: planAgain,
  })
}

/** What belongs to a step, beside its action and its id. */
const stepFields: Readonly<Record<Step["action"], readonly [required: Keys, optional: Keys]>> = {
  create: [["after"], []],
  update: [["before", "after", "changes"], []],
  delete: [["before"], ["first"]],
  keep: [[], []],
  unmanaged: [["prunable"], []],
}
const actions = Object.keys(stepFields) as ReadonlyArray<Step["action"]>

const stepAt = (value: unknown, path: Path, region: string | undefined, state: State): Step | undefined => {
  if (!isObject(value)) return wrongType(value, path, "an object", state)
  const action = actions.find((known) => known === value["action"])
  if (action === undefined) {
    return report(state, "action" in value ? [...path, "action"] : path, value["action"], {
      code: "action-unknown",
      message: "The action is unknown",
      allowed: actions.join(", "),
      fix: planAgain,
    })
  }
  const [required, optional] = stepFields[action]
  const fields = fieldsAt(value, path, ["action", "id", ...required], optional, state)
  if (fields === undefined) return undefined
  const id = textAt(fields["id"], [...path, "id"], state)
  if (id === undefined) return undefined
  const before = "before" in fields ? ruleAt(fields["before"], [...path, "before"], id, state) : undefined
  const after = "after" in fields ? ruleAt(fields["after"], [...path, "after"], id, state) : undefined
  if (after !== undefined) judge(after, before, region, [...path, "after"], state)
  switch (action) {
    case "create":
      return after && { action, id, after: after.rule }
    case "update": {
      if (before === undefined || after === undefined) return undefined
      const changes = diff(before.rule, after.rule)
      if (!Equal.equals(fields["changes"], changes)) {
        report(state, [...path, "changes"], fields["changes"], {
          code: "changes-differ",
          message: "The changes are not the difference of before and after",
          allowed: shown(changes),
          fix: planAgain,
        })
      }
      return { action, id, before: before.rule, after: after.rule, changes }
    }
    case "delete": {
      if (state.prune === false) {
        report(state, path, id, {
          code: "delete-unasked",
          message: "The plan deletes a rule, and is not one that prunes",
          allowed: "deletes where prune is true",
          fix: planAgain,
        })
      }
      const first = fields["first"] === undefined ? false : flagAt(fields["first"], [...path, "first"], state)
      return before && { action, id, before: before.rule, ...(first === true ? { first } : {}) }
    }
    case "keep":
      return { action, id }
    case "unmanaged": {
      const prunable = flagAt(fields["prunable"], [...path, "prunable"], state)
      return prunable === undefined ? undefined : { action, id, prunable }
    }
  }
}

interface Ruled {
  readonly rule: InventoryConfiguration
  readonly reading: Reading
}

const ruleAt = (value: unknown, path: Path, id: string, state: State): Ruled | undefined => {
  const reading = readJson({ ...state.source, value }, path)
  if (reading.findings.length > 0) {
    state.findings.push(...reading.findings.map(below(path)))
    return undefined
  }
  const complete = completeConfiguration(reading.draft)
  if (Result.isFailure(complete)) {
    for (const missing of complete.failure) lacks([...path, ...splitPath(missing)], state)
    return undefined
  }
  const rule = complete.success
  if (rule.id !== id) {
    report(state, [...path, "id"], rule.id, {
      code: "id-differs",
      message: "The rule has another id than its step",
      allowed: shown(id),
      fix: planAgain,
    })
  }
  return { rule, reading }
}

/** A rule that COS holds may be odd, so of an update only what it brings in is an error. */
const judge = (
  after: Ruled,
  before: Ruled | undefined,
  region: string | undefined,
  path: Path,
  state: State,
): void => {
  const context: Context = { kind: "configuration", ...(region === undefined ? {} : { region }) }
  const known = before === undefined ? [] : lint(before.reading, context)
  const brought = broughtIn(known, lint(after.reading, context))
  state.judged.push(...brought.filter((one) => state.asIs !== true || !isForgivable(one)).map(below(path)))
}

const below = (path: Path) => (finding: Finding): Finding => ({
  ...finding,
  path: finding.path === "" ? pathText(path) : `${pathText(path)}.${finding.path}`,
})

type Keys = ReadonlyArray<string>
type Fields = Readonly<Record<string, unknown>>

/** An object's own members; those that nobody knows are reported, and so are those that are not there. */
const fieldsAt = (value: unknown, path: Path, required: Keys, optional: Keys, state: State): Fields | undefined => {
  const known = [...required, ...optional]
  if (!isObject(value)) return wrongType(value, path, `an object with ${known.join(", ")}`, state)
  for (const key of Object.keys(value).filter((name) => !known.includes(name))) {
    const at = [...path, key]
    const finding = { ...unknownKey(key, pathText(at), known, planAgain), source: documented }
    state.findings.push(withPosition(finding, positionOf(state, at)))
  }
  const missing = required.filter((key) => !Object.hasOwn(value, key))
  for (const key of missing) lacks([...path, key], state)
  return Object.fromEntries(known.filter((key) => Object.hasOwn(value, key)).map((key) => [key, value[key]]))
}

const lacks = (path: Path, state: State): void => {
  report(state, path, undefined, {
    code: "required",
    message: "The value is missing",
    allowed: "a value",
    fix: planAgain,
  })
}

/** A member that is not there was reported with its object. */
const typed =
  <A>(is: (value: unknown) => value is A, allowed: string) =>
  (value: unknown, path: Path, state: State): A | undefined =>
    value === undefined ? undefined : is(value) ? value : wrongType(value, path, allowed, state)

const textAt = typed((value): value is string => typeof value === "string" && value !== "", "text")
const flagAt = typed((value): value is boolean => typeof value === "boolean", "true or false")
const countAt = typed((value): value is number => Number.isSafeInteger(value) && Number(value) > 0, "a number from 1")
const anyList = typed((value): value is ReadonlyArray<unknown> => Array.isArray(value), "a list")
const listAt = (value: unknown, path: Path, state: State) => anyList(value, path, state) ?? []

const wrongType = (value: unknown, path: Path, allowed: string, state: State): undefined =>
  report(state, path, value, { code: "wrong-type", message: "The value has the wrong form", allowed, fix: planAgain })

const once = (name: string, seen: Set<string>, path: Path, what: "bucket" | "id", state: State): void => {
  if (seen.has(name)) {
    report(state, path, name, {
      code: `${what}-repeated`,
      message: `The ${what} stands twice`,
      allowed: "each once",
      fix: planAgain,
    })
  }
  seen.add(name)
}

const report = (
  state: State,
  path: Path,
  value: unknown,
  words: Pick<Finding, "code" | "message" | "allowed" | "fix">,
): undefined => {
  const found = value === undefined ? {} : { found: shown(value) }
  const finding: Finding = { ...words, severity: "error", path: pathText(path), ...found, source: documented }
  state.findings.push(withPosition(finding, positionOf(state, path)))
}

const positionOf = (state: State, path: Path) => state.source.position?.(path)

const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const pathText = (path: Path): string =>
  path.map((part, i) => typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`).join("")
