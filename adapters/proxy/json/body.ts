/** The body of a request as a value whose parts know their line. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { header } from "../../../core/http.ts"
import { maxDocumentBytes, maxRulesPerBucket } from "../../../core/limits.ts"
import type { Finding } from "../../../core/lint/mod.ts"
import { ruleKeys } from "../../../core/wire/document.ts"
import { isObject } from "../../../core/wire/json.ts"
import { readText } from "../../../core/wire/text.ts"
import { xmlFinding } from "../../../core/wire/xml/mod.ts"
import { tooLarge } from "../../answer.ts"
import { type JsonSource, readJsonText } from "../../json/mod.ts"
import type { Refused } from "../../policy/call.ts"
import { wholeBody } from "../body.ts"
import { type Asked, refused } from "./asked.ts"

export const bodyOf = ({ door: { request }, hashes }: Asked): Effect.Effect<JsonSource, Refused> =>
  Effect.gen(function* () {
    const type = header(request.headers, "content-type") ?? ""
    if (!jsonType.test(type.trim())) return yield* refused("body-type", "The Content-Type is not application/json.")
    if (header(request.headers, "content-encoding") !== undefined) {
      return yield* refused("body-type", "The body has a Content-Encoding, and none is read.")
    }
    const bytes = yield* wholeBody(request, hashes).pipe(
      Effect.mapError(({ refusal: { code, message } }) =>
        code === tooLarge.code
          ? refused("body-too-large", `The body has more than ${maxDocumentBytes} bytes.`)
          : refused("body-unreadable", message)
      ),
    )
    const text = yield* Effect.fromResult(
      Result.mapError(
        readText(bytes, maxDocumentBytes),
        (problem) => refused("body-unreadable", `${problem.message}.`, [xmlFinding(problem)]),
      ),
    )
    const source = yield* Effect.fromResult(
      Result.mapError(
        readJsonText(text),
        (findings) => refused("body-unreadable", `${findings[0]?.message ?? "It is no JSON"}.`, findings.map(inBody)),
      ),
    )
    const { rules, values } = sizeOf(source.value)
    if (rules > maxRulesPerBucket) {
      return yield* refused("body-too-large", `The body holds more than ${maxRulesPerBucket} rules.`)
    }
    if (values > valuesBeside + rules * valuesPerRule) {
      return yield* refused(
        "body-too-large",
        `No ${rules === 1 ? "rule has" : "rules have"} as many values as the body.`,
      )
    }
    return source
  })

/** Assumed: of what stands once in a body, such as selectors and ids that are managed, and of one rule with many tags. */
const valuesBeside = 4000
/** A rule that has every member of page 30625 has about 40. */
const valuesPerRule = 64
export const maxValues = valuesBeside + maxRulesPerBucket * valuesPerRule

/** How many rules a body holds, and how many values once each rule has the defaults. */
export const sizeOf = (value: unknown): { readonly rules: number; readonly values: number } => {
  const rules = rulesIn(value)
  return { rules, values: countOf(value) + rules * defaultsIn(value) }
}

const rulesIn = (value: unknown): number =>
  Array.isArray(value)
    ? value.length
    : isObject(value)
    ? Math.max(1, ...["rules", ...ruleKeys].map((key) => rulesIn(value[key])))
    : 0

/** Also of a document that is a part of the body. */
const defaultsIn = (value: unknown): number =>
  isObject(value) ? countOf(value["defaults"]) + defaultsIn(value["rules"]) : 0

const countOf = (value: unknown): number =>
  typeof value !== "object" || value === null
    ? 1
    : Object.values(value).reduce<number>((count, inner) => count + countOf(inner), 1)

/** RFC 8259 has no charset; who sends one sends this. */
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/iu

/** A body has no name that could be another one. */
const inBody = (finding: Finding): Finding => ({
  ...finding,
  fix: finding.fix.replace(/, or name the file \.yaml$/u, ""),
})

/** A part of a body, which keeps its lines. */
export const partOf = (source: JsonSource, key: string, value: unknown): JsonSource => ({
  value,
  position: (path) => source.position([key, ...path]),
  written: (path) => source.written([key, ...path]),
})
