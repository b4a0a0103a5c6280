/** A fault as it is written: what it is for, how often it happens, and one thing that goes wrong. */
import * as Duration from "effect/Duration"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { codes } from "../../../core/codes.ts"
import { InvalidInput } from "../../../core/errors.ts"
import type { Finding } from "../../../core/lint/finding.ts"
import { nearest } from "../../../core/lint/nearest.ts"
import { problemIn, readForm } from "../../../core/form.ts"
import { seedLimit } from "../../store/mod.ts"
import { operations } from "../operations.ts"
import { readPeriod } from "./period.ts"

const within = (minimum: number, maximum: number) =>
  Schema.makeFilter((n: number) => n >= minimum && n <= maximum ? undefined : `a number from ${minimum} to ${maximum}`)
const whole = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) => Schema.Int.check(within(minimum, maximum))
/** A day is longer than any client waits. */
const Millis = whole(0, Duration.toMillis("1 day"))

export const Fault = Schema.Struct({
  /** All of them must fit; a fault without it is for every request. */
  match: Schema.optionalKey(Schema.Struct({
    /** The action's name, such as `PutObject`. */
    operation: Schema.optionalKey(Schema.String),
    bucket: Schema.optionalKey(Schema.String),
    method: Schema.optionalKey(Schema.String),
    /** What the object key begins with. */
    key: Schema.optionalKey(Schema.String),
    /** Of an inventory rule. */
    id: Schema.optionalKey(Schema.String),
  })),
  /** How often it happens; for ever unless told. */
  times: Schema.optionalKey(whole(1)),
  /** How many that fit are left alone first. */
  after: Schema.optionalKey(whole(0)),
  /** Of those that are left, how many it happens to; which ones, follows from the seed. */
  probability: Schema.optionalKey(Schema.Finite.check(within(0, 1))),
  seed: Schema.optionalKey(whole(0, seedLimit - 1)),

  /** Answers in COS's place, without performing anything. */
  status: Schema.optionalKey(whole(300, 599)),
  code: Schema.optionalKey(Schema.String),
  /** Seconds, with `status` or `code`. */
  retryAfter: Schema.optionalKey(whole(0)),
  /** Answers later. */
  latencyMs: Schema.optionalKey(Millis),
  /** Breaks the connection after these bytes of an answer's body. */
  cutBody: Schema.optionalKey(whole(0)),
  /** Pauses in an answer's body. */
  stallBody: Schema.optionalKey(Schema.Struct({ afterBytes: whole(0), ms: Millis })),
  /** Breaks the connection without an answer; `"after"` when all has been done. */
  drop: Schema.optionalKey(Schema.Literals([true, "before", "after"])),
  /** LIST answers with at most so many. */
  truncateList: Schema.optionalKey(whole(1)),
  /** Reports are made so much later, such as `PT6H`. */
  lateReports: Schema.optionalKey(Schema.String.check(
    Schema.makeFilter((text: string) =>
      readPeriod(text) === undefined ? "an ISO-8601 duration such as PT6H or P1D" : undefined
    ),
  )),
  /** Reports may not be written into this bucket. */
  denyDestination: Schema.optionalKey(Schema.String),
  /** The clock by which signatures are judged is off. */
  clockSkewSeconds: Schema.optionalKey(whole(-1e9, 1e9)),
})
export type Fault = typeof Fault.Type

/** One of these is what goes wrong; each with the members of `match` that it heeds. */
const effects = {
  status: ["operation", "bucket", "method", "key", "id"],
  code: ["operation", "bucket", "method", "key", "id"],
  latencyMs: ["operation", "bucket", "method", "key", "id"],
  cutBody: ["operation", "bucket", "method", "key", "id"],
  stallBody: ["operation", "bucket", "method", "key", "id"],
  drop: ["operation", "bucket", "method", "key", "id"],
  truncateList: ["operation"],
  lateReports: ["bucket", "id"],
  denyDestination: [],
  clockSkewSeconds: [],
} as const satisfies Partial<Record<keyof Fault, ReadonlyArray<keyof NonNullable<Fault["match"]>>>>
export type EffectName = keyof typeof effects
const effectNames = Object.keys(effects) as ReadonlyArray<EffectName>

/** More than any test sets; what is far more is no list of faults. */
const maxFaults = 1000

/** Reads one fault, or a list of them, from a parsed JSON value; fails with every problem. */
export const readFaults = (value: unknown): Result.Result<ReadonlyArray<Fault>, InvalidInput> => {
  const isList = Array.isArray(value)
  if (isList && value.length > maxFaults) {
    const many = problem(
      "too-many",
      "",
      "The list is too long",
      `at most ${maxFaults} faults`,
      "Send fewer",
      value.length,
    )
    return Result.fail(new InvalidInput({ findings: [many] }))
  }
  const read = (isList ? value as ReadonlyArray<unknown> : [value]).map(readOne)
  const findings = read.flatMap((one, at) =>
    Result.isSuccess(one) ? [] : one.failure.map((f) => isList ? { ...f, path: nested(at, f.path) } : f)
  )
  return findings.length > 0
    ? Result.fail(new InvalidInput({ findings }))
    : Result.succeed(read.map((one) => Result.getOrThrow(one)))
}

const nested = (at: number, path: string): string => path === "" ? `[${at}]` : `[${at}].${path}`

const readOne = (value: unknown): Result.Result<Fault, ReadonlyArray<Finding>> =>
  Result.flatMap(readForm(Fault, value, documented), (fault) => {
    const findings = [...problemsOf(fault)]
    return findings.length === 0 ? Result.succeed(fault) : Result.fail(findings)
  })

const operationNames = operations.map(({ name }) => name)

/** Where findings about a fault send their reader. */
const documented = "the form of a fault in the README"

const problem = problemIn(documented)

const problemsOf = function* (fault: Fault): Iterable<Finding> {
  const named = effectsOf(fault)
  const [first, second] = named
  if (first === undefined) {
    yield problem("effect-missing", "", "The fault does nothing", effectNames.join(", "), "Add one of them")
  } else if (second !== undefined) {
    yield problem(
      "effect-repeated",
      second,
      "The fault does two things",
      "one thing in each fault",
      "Make it two faults",
    )
  }
  if (fault.retryAfter !== undefined && !named.some((name) => name === "status" || name === "code")) {
    yield problem(
      "retry-after",
      "retryAfter",
      "Nothing is answered that could carry it",
      "with status or code",
      "Add status: 503",
    )
  }
  if (fault.seed !== undefined && fault.probability === undefined) {
    yield problem(
      "seed-unused",
      "seed",
      "Nothing is drawn by the seed",
      "with probability",
      "Add probability, or remove seed",
    )
  }
  const { operation } = fault.match ?? {}
  if (operation !== undefined && !operationNames.includes(operation)) {
    const meant = nearest(operation, operationNames)
    yield problem(
      "operation-unknown",
      "match.operation",
      "The local COS has no such operation",
      "a name of the README's table of operations",
      meant === undefined ? "Look the name up" : `Did you mean "${meant}"?`,
      operation,
    )
  }
  const { code, status } = fault
  if (code !== undefined && status === undefined && !Object.hasOwn(codes, code)) {
    yield problem(
      "code-unknown",
      "code",
      "The code is unknown, and so is its status",
      "a code of page 7730, or any with status",
      "Add status",
      code,
    )
  }
  if (status !== undefined && code === undefined && codeOfStatus(status) === undefined) {
    yield problem(
      "status-unknown",
      "status",
      "COS has no code of this status",
      "a status of page 7730, or any with code",
      "Add code",
      status,
    )
  }
  const heeded: ReadonlyArray<string> = first === undefined ? effects.status : effects[first]
  for (const member of Object.keys(fault.match ?? {})) {
    if (heeded.includes(member)) continue
    yield problem(
      "match-unused",
      `match.${member}`,
      `A fault of ${first} does not look at it`,
      heeded.join(", ") || "no match",
      `Remove ${member}`,
    )
  }
}

/** A code with its status is one thing. */
const effectsOf = (fault: Fault): ReadonlyArray<EffectName> =>
  effectNames.filter((name) => fault[name] !== undefined && !(name === "code" && fault.status !== undefined))

/** The one thing that goes wrong. */
export const effectOf = (fault: Fault): EffectName => effectsOf(fault)[0]!

/** What COS says most often with a status. */
const usual: Readonly<Record<number, string>> = {
  400: "InvalidRequest",
  403: "AccessDenied",
  404: "NoSuchKey",
  409: "PathConflict",
  500: "InternalError",
  503: "ServiceUnavailable",
}

export const codeOfStatus = (status: number): string | undefined =>
  usual[status] ?? Object.entries(codes).find(([, row]) => row.status === status)?.[0]
