/** Values that people write, read by a Schema: every problem is a finding with its place, and an unknown member is one. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { type Finding, shown } from "../../core/lint/finding.ts"
import { unknownKey } from "../../core/wire/json.ts"

/** `source` says where the form is described. */
export const readForm = <A>(
  schema: Schema.ConstraintDecoder<A>,
  value: unknown,
  source: string,
): Result.Result<A, ReadonlyArray<Finding>> =>
  Result.mapError(
    Schema.decodeUnknownResult(schema, { errors: "all", onExcessProperty: "error" })(value),
    ({ issue }) => {
      const known = new Map<string, ReadonlyArray<string>>()
      const format = SchemaIssue.makeFormatterStandardSchemaV1({
        leafHook: (leaf) => {
          if (leaf._tag !== "UnexpectedKey") return SchemaIssue.defaultLeafHook(leaf)
          const mark = `${unexpected}${known.size}`
          known.set(mark, namesIn(leaf))
          return mark
        },
      })
      return unique(
        format(issue).issues.map(({ path = [], message }): Finding => {
          const keys = path.map((part) => typeof part === "object" ? part.key : part)
          const place = pathText(keys)
          const names = known.get(message)
          if (names !== undefined) return { ...unknownKey(String(keys.at(-1)), place, names), source }
          const found = valueAt(value, keys)
          const isMissing = message === "Missing key"
          return {
            code: isMissing ? "required" : "wrong-type",
            severity: "error",
            path: place,
            message: isMissing ? "The value is missing" : "The value has the wrong form",
            ...(found === undefined ? {} : { found: shown(found) }),
            allowed: isMissing ? "a value" : wanted(message),
            fix: isMissing
              ? `Add ${typeof keys.at(-1) === "number" ? "an item" : String(keys.at(-1))}`
              : "Write it in this form",
            source,
          }
        }),
      )
    },
  )

/** `buckets[0].objects[2].key`. */
export const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((part, at) => typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${String(part)}`).join("")

const unexpected = "\u0000unexpected "

const namesIn = ({ ast }: SchemaIssue.UnexpectedKey): ReadonlyArray<string> =>
  ast._tag === "Objects" ? ast.propertySignatures.map(({ name }) => String(name)) : []

/** "Expected string" is a whole sentence; a check's own words, "must be text", are not. */
const wanted = (message: string): string =>
  message.startsWith("Expected ") ? message.slice("Expected ".length) : message

/** The members of a union each say that they do not fit. */
const unique = (findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> => {
  const seen = new Map<string, Finding>()
  for (const finding of findings) {
    const name = `${finding.code} ${finding.path}`
    const before = seen.get(name)
    const isAnother = before !== undefined && !before.allowed.split("; or ").includes(finding.allowed)
    if (before === undefined) seen.set(name, finding)
    else if (isAnother) seen.set(name, { ...before, allowed: `${before.allowed}; or ${finding.allowed}` })
  }
  return [...seen.values()]
}

const valueAt = (value: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce(
    (inner, key) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<PropertyKey, unknown>)[key]
        : undefined,
    value,
  )
