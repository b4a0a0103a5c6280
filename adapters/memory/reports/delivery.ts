/** Where a report goes, and what keeps it from going there. */
import * as Result from "effect/Result"
import { type BucketName, type BucketResource, parseBucket, parseResource } from "../../../core/bucket.ts"
import { type ReportLocation, reportLocation } from "../../../core/location.ts"
import type { InventoryJob } from "../../../core/rule.ts"
import { readConfiguration } from "../../../core/wire/configuration.ts"
import { completeJob } from "../../../core/wire/reading.ts"
import type { Bucket, Reader, Run } from "../../store/mod.ts"
import { deliveryAction, writtenFormat } from "./assumptions.ts"

export interface Delivery {
  readonly rule: InventoryJob
  readonly source: BucketName
  readonly destination: BucketResource
  readonly location: ReportLocation
}

/** What a run is to do; fails with why it cannot. Nothing here depends on the store. */
export const deliveryOf = (run: Run): Result.Result<Delivery, string> => {
  const rule = Result.flatMap(readConfiguration(run.xml), ({ draft }) => completeJob(draft))
  const source = parseBucket(run.bucket)
  if (Result.isFailure(rule) || source === undefined) {
    return Result.fail(`${cannot}: rule "${run.rule}" of bucket "${run.bucket}" cannot be read; put it anew`)
  }
  const { bucket, format } = rule.success.destination
  const destination = parseResource(bucket)
  const location = reportLocation(run.bucket, rule.success)
  if (destination === undefined || location === undefined) {
    return Result.fail(`${cannot}: "${bucket}" names no bucket; correct the destination of the rule`)
  }
  if (format !== writtenFormat) {
    return Result.fail(`${cannot} as "${format}": only ${writtenFormat} is written; correct the format of the rule`)
  }
  return Result.succeed({ rule: rule.success, source, destination, location })
}

/**
 * The destination bucket as it is now; fails with why nothing can be delivered there.
 *
 * `mayWrite` is where faults have their say.
 */
export const reach = (
  store: Reader,
  run: Run,
  { destination, location }: Delivery,
  mayWrite: (bucket: string) => boolean,
): Result.Result<Bucket, string> => {
  const from = store.bucket(run.bucket)
  if (from === undefined) return Result.fail(`${cannot}: its source bucket "${run.bucket}" does not exist any more`)
  const to = store.bucket(location.bucket)
  if (to === undefined) {
    return Result.fail(`${cannot}: destination bucket "${location.bucket}" does not exist; create it in ${from.region}`)
  }
  const elsewhere = [destination.region, to.region].find((region) => region !== from.region)
  if (elsewhere !== undefined) {
    return Result.fail(
      `${cannot}: destination bucket "${location.bucket}" is in ${elsewhere} and its source in ${from.region}; ` +
        `choose a destination in ${from.region}`,
    )
  }
  const denied = `${cannot}: writing into destination bucket "${to.name}" is denied`
  if (to.denied.includes(deliveryAction)) return Result.fail(`${denied}; allow ${deliveryAction} there`)
  if (!mayWrite(to.name)) return Result.fail(`${denied} by a fault; remove the fault`)
  return Result.succeed(to)
}

export const cannot = "Cannot deliver the report"
