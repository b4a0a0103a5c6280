/** Advice about filters that match nothing, or not yet. */
import { firstObjectSeconds, maxEpochSeconds } from "../../limits.ts"
import { writeTime } from "../../time.ts"
import type { AdviceContext, Hit, Row } from "../../lint/mod.ts"

const keys = "page 13324: a key does not begin with / or \\"

export const filterAdvice: ReadonlyArray<Row<AdviceContext>> = [
  {
    code: "period-future",
    severity: "warning",
    message: "The period lies in the future",
    why: "It is compared with the time an object was created, so that nothing is listed until then",
    source: "page 30625: the period is one of creation times",
    *check({ filter }, { kind, now }) {
      const { startTime: start, endTime: end } = filter?.period ?? {}
      // A time that is too large for seconds is an error of its own
      if (start === undefined || now === undefined || start <= now || start > maxEpochSeconds) return
      // So is one that ends before it starts
      if (end !== undefined && end <= start) return
      yield {
        path: "filter.period.startTime",
        message: kind === "job"
          ? "The period lies in the future, and a one-time job lists what is there now: nothing"
          : "The period lies in the future",
        found: writeTime(start),
        allowed: `a time before ${writeTime(now)}`,
        fix: "Correct the time, or run it later",
      }
    },
  },
  {
    code: "time-early",
    severity: "warning",
    message: "The time is older than every object",
    why:
      "A date written as a number, or digits that got lost, give such a time, and the period then says nothing or all",
    source: "assumed: COS opened after 2010",
    *check({ filter }) {
      const { startTime: start, endTime: end } = filter?.period ?? {}
      const allowed = `a time after ${writeTime(firstObjectSeconds)}`
      if (isEarly(end)) {
        const message = "The period ends before there was any object, so that it matches nothing"
        yield { path: "filter.period.endTime", message, found: writeTime(end), allowed, fix: "Correct the time" }
      }
      // From the very beginning is what somebody may mean
      if (start !== 0 && isEarly(start)) {
        const message = "The period starts before there was any object, so that its start says nothing"
        const fix = "Correct the time, or remove it"
        yield { path: "filter.period.startTime", message, found: writeTime(start), allowed, fix }
      }
    },
  },
  {
    code: "prefix-star",
    severity: "warning",
    message: "The prefix ends in a star, which is taken literally",
    why: "A prefix is no pattern: only keys with a star in them match",
    source: "page 30625: a prefix",
    *check({ filter }) {
      const prefix = filter?.prefix
      if (prefix === undefined || !/\*$/u.test(prefix)) return
      const shorter = prefix.replace(/\*+$/u, "")
      const fix = shorter === "" ? "Remove the filter's prefix to list the whole bucket" : `Write ${shorter}`
      yield { path: "filter.prefix", found: prefix, allowed: "the beginning of keys, letter by letter", fix }
    },
  },
  {
    code: "prefix-start",
    severity: "warning",
    message: "The prefix begins with a separator, as no key does",
    why: "A filter by it matches nothing, and reports cannot be stored below it",
    source: keys,
    *check({ filter, destination }, { short }) {
      yield* separated("filter.prefix", filter?.prefix)
      yield* separated("destination.prefix", destination?.prefix, short)
    },
  },
  {
    code: "variable-literal",
    severity: "warning",
    message: "A variable stands where none is replaced",
    why: "It is sent as it is written, and matches nothing",
    source: "the rules file in the README: variables are replaced in ids, prefixes and destinations",
    *check({ filter }) {
      for (const [i, { key, value }] of (filter?.tags ?? []).entries()) {
        yield* literal(`filter.tags[${i}].key`, key)
        yield* literal(`filter.tags[${i}].value`, value)
      }
      yield* literal("filter.storageClass", filter?.storageClass)
    },
  },
]

const isEarly = (time: number | undefined): time is number =>
  time !== undefined && time >= 0 && time < firstObjectSeconds

/** `short` is the destination that the prefix stands in. */
const separated = function* (path: string, prefix: string | undefined, short?: string): Iterable<Hit> {
  if (prefix === undefined || !/^[/\\]/u.test(prefix)) return
  const shorter = prefix.replace(/^[/\\]+/u, "")
  const allowed = "the beginning of keys, without a separator in front"
  if (short !== undefined) {
    const fix = `Write ${short.slice(0, -prefix.length)}${shorter}`
    yield { path: "destination.bucket", found: short, allowed, fix }
    return
  }
  const fix = shorter === "" ? "Remove it" : `Write ${shorter}`
  yield { path, found: prefix, allowed, fix }
}

const literal = function* (path: string, text: string | undefined): Iterable<Hit> {
  if (text === undefined || !/\$\{[a-z]+\}/u.test(text)) return
  yield { path, found: text, allowed: "text without variables", fix: "Write the text out, or remove it" }
}
