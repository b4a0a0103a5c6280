/** Reading a plan file back, strictly: it is carried out as it stands, so nothing in it is guessed at. */
import * as Equal from "effect/Equal"
import { regionPattern } from "../bucket.ts"
import { checkBucket } from "../endpoint.ts"
import type { Finding } from "../lint/mod.ts"
import { documentVersion } from "../wire/document.ts"
import { isObject, type Path, pathText, type Source, withPosition } from "../wire/json.ts"
import { checksumOf, type Plan } from "./document.ts"
import {
  countAt,
  documented,
  fieldsAt,
  flagAt,
  listAt,
  once,
  planAgain,
  positionOf,
  report,
  type State,
  textAt,
  wrongType,
} from "./field.ts"
import { type BucketPlan, countsOf } from "./plan.ts"
import { stepAt } from "./step.ts"

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
