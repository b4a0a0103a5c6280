/** Values that people write, read by a Schema: every problem is a finding with its place, and an unknown member is one. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"
import { missing, unknownMember, wrongForm } from "./form-finding.ts"
import type { Finding } from "./lint/finding.ts"

export { problemIn } from "./form-finding.ts"

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
          if (leaf._tag === "InvalidType" && leaf.ast._tag === "Objects") return `Expected ${objectText(leaf.ast)}`
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
          const last = keys.at(-1)
          if (names !== undefined) return unknownMember(source, place, String(last), names)
          return message === "Missing key"
            ? missing(source, place, typeof last === "number" ? "an item" : String(last))
            : wrongForm(source, place, wanted(message), valueAt(value, keys))
        }),
      )
    },
  )

/** `buckets[0].objects[2].key`. */
const pathText = (path: ReadonlyArray<PropertyKey>): string =>
  path.map((part, at) => typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${String(part)}`).join("")

/** An object, with what it needs at least. */
const objectText = ({ propertySignatures }: SchemaAST.Objects): string => {
  const needed = propertySignatures.filter(({ type }) => type.context?.isOptional !== true)
  return needed.length === 0 ? "an object" : `an object with ${needed.map(({ name }) => String(name)).join(", ")}`
}

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
