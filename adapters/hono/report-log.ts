/** One line for each report that was made or could not be. */
import { escapeSteering, oneLine } from "../../core/redact.ts"
import type { Run } from "../memory/mod.ts"
import type { AccessLog } from "./access-log.ts"

/**
 * Writes a line beside those of the access log, when the report has ended.
 *
 * **Example**
 *
 *     12:00:00.123Z report list1 of examplebucket-1250000000, due 2026-11-21T12:00:00.000Z, done: 3 rows to ...
 */
export const reportLog = ({ write, json }: AccessLog) => (run: Run): void => {
  const time = new Date().toISOString()
  write(json === true ? jsonOf(time, run) : textOf(time, run))
}

const textOf = (time: string, { bucket, rule, due, state, objects, destination, why }: Run): string => {
  const outcome = state === "done" ? `${objects} rows to ${destination}` : why ?? ""
  return oneLine(
    `${time.slice(11)} report ${rule} of ${bucket}, due ${new Date(due).toISOString()}, ${state}: ${outcome}`,
  )
}

const jsonOf = (time: string, { bucket, rule, due, state, objects, destination, why }: Run): string => {
  const report = { bucket, rule, due: new Date(due).toISOString(), state, objects, destination, why }
  return escapeSteering(JSON.stringify({ time, level: state === "failed" ? "error" : "info", report }))
}
