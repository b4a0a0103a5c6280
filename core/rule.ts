/**
 * The model: one inventory rule, periodic (`InventoryConfiguration`) or one-time (`InventoryJob`).
 *
 * Names are the API's own in lowerCamelCase (PUT Bucket inventory, documentation page 30625). The schemas hold shape
 * only: enumerations are open, because a rule read from COS must never fail on a new word. What a rule *means* is
 * judged by `core/lint`. The encoded side is the JSON form, in which times are ISO-8601 in UTC.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { metaField, optionalFields } from "./limits.ts"
import { readTime, timeText } from "./time.ts"

/** What an XML 1.0 document can carry: no control characters, no lone surrogates. */
const xmlText = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u
export const isXmlText = (text: string): boolean => xmlText.test(text)

/** Free text, white space included: an object prefix, a tag. */
export const Text = Schema.String.check(
  Schema.isPattern(xmlText, { message: "must be text that XML can carry, and not empty" }),
).annotate({ identifier: "Text" })

/** A word: free text without white space around it, since the XML form may be indented. */
export const Word = Text.check(
  Schema.makeFilter((s: string) => s === s.trim() ? undefined : "must not begin or end with white space"),
).annotate({ identifier: "Word" })

/** Whole epoch seconds; ISO-8601 in the JSON form. Any whole number has the shape: whether it can be a time is meaning. */
export const Time = Schema.Union([Schema.String, Schema.Int]).pipe(
  Schema.decodeTo(
    Schema.Int,
    SchemaTransformation.transformEffect({
      decode: (given, options) => {
        const seconds = typeof given === "number" ? given : readTime(given)
        return seconds === undefined
          ? Effect.fail(new SchemaIssue.InvalidValue({ message: "expected an ISO-8601 time in UTC" }, given, options))
          : Effect.succeed(seconds)
      },
      encode: (seconds) => Effect.succeed(timeText(seconds)),
    }),
  ),
).annotate({
  identifier: "Time",
  description: "ISO-8601 in UTC, such as 2019-09-17T02:52:41Z; epoch seconds are accepted",
})

/** An object tag that objects must carry; a tag's value may be empty. That its key may not is meaning, not shape. */
export const Tag = Schema.Struct({
  key: Schema.Union([Text, Schema.Literal("")]),
  value: Schema.Union([Text, Schema.Literal("")]),
}).annotate({ identifier: "Tag" })
export type Tag = typeof Tag.Type

/** The creation time range of the objects to list; on the wire in epoch seconds. */
export const Period = Schema.Struct({
  startTime: Schema.optionalKey(Time),
  endTime: Schema.optionalKey(Time),
}).annotate({ identifier: "Period" })

/** Which objects a rule lists. `storageClass` is read in SDKs only (go `bucket_inventory.go:26`). */
export const Filter = Schema.Struct({
  prefix: Schema.optionalKey(Text),
  tags: Schema.optionalKey(Schema.NonEmptyArray(Tag)),
  storageClass: Schema.optionalKey(Word),
  period: Schema.optionalKey(Period),
}).annotate({ identifier: "Filter" })
export type Filter = typeof Filter.Type

/** How often a periodic rule makes its report (page 30625). */
export const Schedule = Schema.Struct({
  /** Daily, Weekly or Monthly. */
  frequency: Word,
  /** Day of the month, 1 to 28; with Monthly only. */
  monthlyDate: Schema.optionalKey(Schema.Int),
}).annotate({ identifier: "Schedule" })

/** Where and how the reports are stored (page 30625). */
export const Destination = Schema.Struct({
  /** `qcs::cos:<region>::<name>-<appid>`, in the source bucket's region. */
  bucket: Word,
  /** UIN of the owner's root account, such as 100000000001. */
  accountId: Schema.optionalKey(Word),
  /** COS appends `/` to it. */
  prefix: Schema.optionalKey(Text),
  /** CSV. */
  format: Word,
  /** Encryption of the report; on the wire its presence alone counts. */
  encryption: Schema.optionalKey(Schema.Literal("SSE-COS")),
}).annotate({ identifier: "Destination" })

/** An element of COS that this project does not know, kept so that it can be sent back. */
export const Extra = Schema.Struct({
  /** Where it stood, below the root: `/`, `/Filter/And`, `/Filter/And/Tag[2]`. */
  in: Schema.String,
  /** The element, as it was sent. */
  xml: Schema.String,
}).annotate({ identifier: "Extra" })
export type Extra = typeof Extra.Type

/** Documented values of an optional field; `x-cos-meta-<name>` beside them, and any word that COS adds later. */
export const OptionalField = Word.annotate({
  identifier: "OptionalField",
  description: `One of ${optionalFields.join(", ")}, or a custom header like x-cos-meta-team (${metaField.source})`,
})

const shared = {
  id: Word,
  includedObjectVersions: Word,
  filter: Schema.optionalKey(Filter),
  optionalFields: Schema.optionalKey(Schema.NonEmptyArray(OptionalField)),
  destination: Destination,
  extra: Schema.optionalKey(Schema.NonEmptyArray(Extra)),
}

/** A periodic rule: what PUT, GET and LIST carry. */
export const InventoryConfiguration = Schema.Struct({
  ...shared,
  isEnabled: Schema.Boolean,
  schedule: Schedule,
}).annotate({ identifier: "InventoryConfiguration" })
export type InventoryConfiguration = typeof InventoryConfiguration.Type

/** A one-time job: what POST carries. It has no `isEnabled` and no `schedule` (page 46869). */
export const InventoryJob = Schema.Struct(shared).annotate({ identifier: "InventoryJob" })
export type InventoryJob = typeof InventoryJob.Type

/** Which of the two a document is read as. */
export type Kind = "configuration" | "job"

/** A rule as far as it could be read: everything may be missing, nothing is judged yet. */
export type Draft = Partial<InventoryConfiguration> extends infer R
  ? { readonly [K in keyof R]: K extends "extra" ? R[K] : Loose<R[K]> }
  : never
type Loose<T> = T extends string ? string
  : T extends number ? number
  : T extends ReadonlyArray<infer U> ? ReadonlyArray<Loose<U>>
  : T extends object ? { readonly [K in keyof T]?: Loose<T[K]> }
  : T
