/** One line for each request and what became of it, without its secrets. */
import { jsonLine, textLine } from "../log-line.ts"
import type { Recorded } from "../record.ts"

export interface AccessLog {
  /** Takes a line without its end. */
  readonly write: (line: string) => void
  /** Each line is a JSON object. */
  readonly json?: boolean
}

/**
 * Writes a line when the answer is there; a body that streams is still to come then.
 *
 * **Example**
 *
 *     12:00:00.123Z PUT examplebucket-1250000000/?inventory&id=list1 200 PutBucketInventory 3ms NmE...
 *     12:00:01.456Z GET /otherbucket-1250000000/a.txt 404 GetObject:NoSuchKey 1ms NmE...
 *     12:00:02.789Z PUT examplebucket-1250000000/b.bin - cut 57ms -
 *     12:00:03.012Z - - 400 InvalidRequest 0ms NmE...
 */
export const accessLog = ({ write, json }: AccessLog) => (recorded: Recorded): void =>
  write(json === true ? jsonOf(recorded) : textOf(recorded))

const textOf = (recorded: Recorded): string => {
  const { at, method, status, operation, code, broken, millis, requestId } = recorded
  const what = broken ?? [operation, code].filter((part) => part !== undefined).join(":")
  return textLine([
    new Date(at).toISOString().slice(11),
    method,
    placeOf(recorded),
    status,
    what,
    `${millis}ms`,
    requestId,
  ])
}

/** The target, after the bucket where its path does not begin with that. */
const placeOf = ({ bucket, target }: Recorded): string =>
  bucket === undefined || target.slice(1).split(/[/?]/u, 1)[0] === bucket ? target : bucket + target

const jsonOf = ({ at, ...rest }: Recorded): string =>
  jsonLine({ time: new Date(at).toISOString(), level: "info", ...rest })
