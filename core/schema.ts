/**
 * The JSON Schema of rules files, for editors and other tools.
 *
 * **Details**
 *
 * It is made from the model in `rule.ts`. What a file may say otherwise than the model does is changed here:
 * defaults may hold what a rule lacks, enumerations are offered and stay open, times and ids have a form, and variables
 * may stand where they are replaced. What a rule *means* is judged by `lint` alone, so that a file which fits the schema
 * may still be refused.
 */
import * as Schema from "effect/Schema"
import { bucketPattern, regionPattern } from "./bucket.ts"
import { formats, frequencies, idPattern, includedObjectVersions, monthlyDates, optionalFields } from "./limits.ts"
import { extensionPrefix, namePattern, variableNames } from "./ruleset/mod.ts"
import { Destination, InventoryConfiguration, InventoryJob, Period, Schedule } from "./rule.ts"
import { timePattern } from "./time.ts"
import { rootElement } from "./wire/configuration.ts"
import { documentVersion, ruleKeys } from "./wire/document.ts"
import { ruleMembers } from "./wire/members.ts"

/** The schema as a JSON value, of draft 2020-12. */
export const rulesSchema = (): Readonly<Record<string, unknown>> => {
  const { schema, definitions } = Schema.toJsonSchemaDocument(RulesFile, { onExcessProperty: "error" })
  const kept = Object.entries(definitions).filter(([name]) => !plainText.test(name))
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Inventory rules of Tencent Cloud COS",
    ...(inPlainForm(schema) as Json),
    $defs: Object.fromEntries(kept.map(([name, value]) => [name, withForms(name, inPlainForm(value) as Json)])),
  }
}

type Json = Readonly<Record<string, unknown>>

const matching = (pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern))

const protect = Schema.optionalKey(Schema.Boolean).annotateKey({ description: "Never disabled, never deleted" })

const { id, destination: _, schedule: __, isEnabled, includedObjectVersions: versions, ...optional } =
  InventoryConfiguration.fields

/** The same with nothing required. */
const partOf = (fields: Schema.Struct.Fields) =>
  Schema.Struct(Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, Schema.optionalKey(field)])))

const part = {
  isEnabled: Schema.optionalKey(isEnabled).annotateKey({
    description: "false keeps the rule without making reports; true unless told",
  }),
  includedObjectVersions: Schema.optionalKey(versions).annotateKey({
    description: `Versions to list: ${includedObjectVersions.join(", ")}; Current unless told`,
  }),
  ...optional,
  schedule: Schema.optionalKey(
    partOf(Schedule.fields).annotate({ identifier: "SchedulePart" }),
  ).annotateKey({ description: "How often the rule makes a report" }),
  destination: Schema.optionalKey(
    partOf(Destination.fields).annotate({ identifier: "DestinationPart" }),
  ).annotateKey({ description: "Where and how the reports are stored" }),
  protect,
}

const Rule = Schema.Struct({ id, ...part }).annotate({
  identifier: "Rule",
  description: "A rule over the defaults of its document",
})

const { Id: ___, ...apiMembers } = ruleMembers
const apiPart = {
  ...Object.fromEntries(Object.keys(apiMembers).map((name) => [name, Schema.optionalKey(Schema.Unknown)])),
  protect,
}

/** `Id` as documented, `ID` as the Go SDK writes it, or an object around it all. What is in its parts, the reader says. */
const ApiRule = Schema.Union([
  Schema.Struct({ Id: Schema.String, ...apiPart }),
  Schema.Struct({ ID: Schema.String, ...apiPart }),
  Schema.Struct({ [rootElement]: Schema.Unknown, protect }),
]).annotate({ identifier: "ApiRule", description: "A rule in the API's own names, as SDKs write it" })

const Defaults = Schema.Struct(part).annotate({ identifier: "Defaults" })
const ApiDefaults = Schema.Struct(apiPart).annotate({ identifier: "ApiDefaults" })

const Selector = Schema.Union([
  matching(new RegExp(`^${bucketPattern.source.slice(1, -1)}(?:@${regionPattern.source.slice(1, -1)})?$`, "u")),
  Schema.Struct({
    match: matching(namePattern).annotateKey({ description: "Full names of buckets, with * and ?" }),
    region: Schema.optionalKey(matching(regionPattern)).annotateKey({ description: "Only those in this region" }),
  }),
]).annotate({
  identifier: "Selector",
  description: "<name>-<appid>@<region>, or { match, region } for all whose names match",
})

const RulesDocument = Schema.Struct({
  $schema: Schema.optionalKey(Schema.Unknown).annotateKey({ description: "For editors" }),
  version: Schema.optionalKey(Schema.Literal(documentVersion)),
  buckets: Schema.optionalKey(Schema.Array(Selector)).annotateKey({ description: "The buckets that get the rules" }),
  manages: Schema.optionalKey(Schema.Array(Schema.String.annotate({ identifier: "IdPattern" }))).annotateKey({
    description: "Ids that this file owns, with * and ?; only these may ever be deleted",
  }),
  defaults: Schema.optionalKey(Schema.Union([Defaults, ApiDefaults])).annotateKey({
    description: "What every rule has unless it says otherwise: objects merge by key, lists replace",
  }),
  rules: Schema.Array(Schema.Union([Rule, ApiRule])).annotateKey({ description: "The rules of each of the buckets" }),
  demo: Schema.optionalKey(Schema.Unknown).annotateKey({ description: "That the rules are of the embedded demo" }),
}).annotate({ identifier: "RulesDocument", description: "Rules, and the buckets they belong to" })

const BareRule = Schema.Union([InventoryConfiguration, InventoryJob, ApiRule]).annotate({
  identifier: "BareRule",
  description: "A rule that says nothing of buckets",
})

/** Only a document may be without any rule. */
const BareRules = Schema.NonEmptyArray(BareRule)

/** What `get`, `list` and `run` print. */
const envelopes = ruleKeys.map((key) =>
  Schema.Struct({
    version: Schema.optionalKey(Schema.Literal(documentVersion)),
    bucket: Schema.optionalKey(Schema.Unknown),
    region: Schema.optionalKey(Schema.Unknown),
    demo: Schema.optionalKey(Schema.Unknown),
    [key]: Schema.Union([BareRule, BareRules]),
  })
)

const RulesFile = Schema.Union([RulesDocument, BareRule, BareRules, ...envelopes])

/** The model's names for text that has no form of its own. */
const plainText = /^(?:Text|Word|TimeEncoded)(?:_\d+)?$/u

/**
 * As short as it can be said: text is text, whatever XML can carry; a list in a rule may be empty, which is as good as
 * none; what stands beside a reference needs no `allOf`.
 */
const inPlainForm = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map((one: unknown) => inPlainForm(one))
  if (typeof schema !== "object" || schema === null) return schema
  const { allOf, prefixItems: _, minItems, ...given } = schema as Json
  const isOfRules = JSON.stringify(given["items"])?.includes("BareRule") === true
  const rest: Json = isOfRules && minItems !== undefined ? { ...given, minItems } : given
  if (typeof rest["$ref"] === "string" && plainText.test(rest["$ref"].slice("#/$defs/".length))) return text
  const members = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inPlainForm(value)]))
  const beside = Array.isArray(allOf) ? allOf.map((one) => inPlainForm(one) as Json) : []
  return beside.reduce((all, one) => ({ ...all, ...one }), isEmptyOrText(members["anyOf"]) ? text : members)
}

const text = { type: "string" } as const

/** The model tells text apart that may be empty. */
const isEmptyOrText = (anyOf: unknown): boolean =>
  JSON.stringify(anyOf) === '[{"type":"string"},{"type":"string","enum":[""]}]'

const withForms = (name: string, definition: Json): Json => {
  const own: Json = forms[name.replace(/(?:Part|_\d+)+$/u, "")] ?? forms[name] ?? {}
  const properties = definition["properties"] as Readonly<Record<string, Json>> | undefined
  if (properties === undefined) return Object.keys(own).length === 0 ? definition : { ...own, ...described(definition) }
  return {
    ...definition,
    properties: Object.fromEntries(
      Object.entries(properties).map((
        [key, value],
      ) => [key, { ...(own[key] as Json | undefined ?? value), ...described(value) }]),
    ),
    ...(name === "RulesDocument" ? { patternProperties: extensions } : {}),
  }
}

/** No struct of the model has keys by pattern. */
const extensions: Json = { [`^${extensionPrefix}`]: { description: "Read by nobody: a place for anchors" } }

const described = ({ description }: Json): Json => description === undefined ? {} : { description }

const suggested = (words: ReadonlyArray<string>): Json => ({ anyOf: [{ ...text, enum: words }, text] })
const textLike = (pattern: RegExp): Json => ({ ...text, pattern: pattern.source })

const idCharacter = idPattern.source.slice(1, -2)
const variable = `\\$\\{(?:${variableNames.join("|")})\\}`
const rule: Readonly<Record<string, Json>> = {
  id: textLike(new RegExp(`^(?:${idCharacter}|${variable})+$`, "u")),
  includedObjectVersions: suggested(includedObjectVersions),
}
/** The export loses what is said of a key whose value is transformed. */
const time: Json = { anyOf: [textLike(timePattern), textLike(/^[0-9]{1,15}$/u), { type: "integer" }] }

/** Of definitions and their properties, where a file has another form than the model, or a narrower one. */
const forms: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Rule: rule,
  Defaults: rule,
  InventoryConfiguration: rule,
  InventoryJob: rule,
  IdPattern: textLike(new RegExp(`^(?:${idCharacter}|[*?]|${variable})+$`, "u")),
  OptionalField: suggested(optionalFields),
  Schedule: {
    frequency: suggested(frequencies),
    monthlyDate: { type: "integer", minimum: monthlyDates.min, maximum: monthlyDates.max },
  },
  Period: {
    startTime: { ...time, ...described(Period.fields.startTime.ast.context?.annotations ?? {}) },
    endTime: { ...time, ...described(Period.fields.endTime.ast.context?.annotations ?? {}) },
  },
  Destination: {
    bucket: textLike(/^(?:qcs::cos:[^:]+::[^:/]+|cos:\/\/[^/]+(?:\/.*)?|[^:/]+)$/u),
    format: suggested(formats),
  },
}
