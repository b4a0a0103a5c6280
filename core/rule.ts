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
import { resourceForm } from "./bucket.ts"
import {
  formats,
  frequencies,
  idCharacters,
  includedObjectVersions,
  metaField,
  monthlyDates,
  optionalFields,
} from "./limits.ts"
import { readTime, timeText } from "./time.ts"
import { xmlText } from "./xml-text.ts"

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
  startTime: Schema.optionalKey(Time).annotateKey({ description: "Objects made from then on, in UTC" }),
  endTime: Schema.optionalKey(Time).annotateKey({ description: "Objects made until then, in UTC" }),
}).annotate({ identifier: "Period", description: "When the objects to list were made" })

/** Which objects a rule lists. `storageClass` is read in SDKs only (go `bucket_inventory.go:26`). */
export const Filter = Schema.Struct({
  prefix: Schema.optionalKey(Text).annotateKey({ description: "How the keys of the objects to list begin" }),
  tags: Schema.optionalKey(Schema.NonEmptyArray(Tag)).annotateKey({
    description: "Tags that an object must carry, all of them; needs Tag among the optional fields",
  }),
  storageClass: Schema.optionalKey(Word).annotateKey({ description: "Storage class of the objects to list" }),
  period: Schema.optionalKey(Period).annotateKey({ description: "When the objects to list were made" }),
}).annotate({ identifier: "Filter", description: "Which objects to list; without one, all of the bucket" })
export type Filter = typeof Filter.Type

/** How often a periodic rule makes its report (page 30625). */
export const Schedule = Schema.Struct({
  frequency: Word.annotateKey({ description: `How often a report is made: ${frequencies.join(", ")}` }),
  monthlyDate: Schema.optionalKey(Schema.Int).annotateKey({
    description: `Day of the month, ${monthlyDates.min} to ${monthlyDates.max}; with Monthly only`,
  }),
}).annotate({ identifier: "Schedule", description: "How often the rule makes a report" })

/** Where and how the reports are stored (page 30625). */
export const Destination = Schema.Struct({
  bucket: Word.annotateKey({
    description: `Bucket of the reports, in the region of the listed one: <name>-<appid>, or ${resourceForm}`,
  }),
  accountId: Schema.optionalKey(Word).annotateKey({
    description: "UIN of the root account that owns the bucket of the reports, such as 100000000001",
  }),
  prefix: Schema.optionalKey(Text).annotateKey({
    description: "How the keys of the reports begin; COS appends / to it",
  }),
  format: Word.annotateKey({ description: `Format of the reports: ${formats.join(", ")}` }),
  // On the wire its presence alone counts
  encryption: Schema.optionalKey(Schema.Literal("SSE-COS")).annotateKey({
    description: "Encrypts the reports; leave the key out for none",
  }),
}).annotate({ identifier: "Destination", description: "Where and how the reports are stored" })

/** An element of COS that this project does not know, kept so that it can be sent back. */
export const Extra = Schema.Struct({
  in: Schema.String.annotateKey({
    description: "Where it stood, below the root: /, /Filter/And, /Filter/And/Tag[2]",
  }),
  xml: Schema.String.annotateKey({ description: "The element, as it was sent" }),
}).annotate({
  identifier: "Extra",
  description: "An element of COS that this version does not know, kept so that it can be sent back",
})
export type Extra = typeof Extra.Type

/** Documented values of an optional field; `x-cos-meta-<name>` beside them, and any word that COS adds later. */
export const OptionalField = Word.annotate({
  identifier: "OptionalField",
  description: `One of ${optionalFields.join(", ")}, or a custom header like x-cos-meta-team (${metaField.source})`,
})

const shared = {
  id: Word.annotateKey({ description: `Name of the rule in its bucket: ${idCharacters}` }),
  includedObjectVersions: Word.annotateKey({
    description: `Versions to list: ${includedObjectVersions.join(", ")}`,
  }),
  filter: Schema.optionalKey(Filter).annotateKey({
    description: "Which objects to list; without one, all of the bucket",
  }),
  optionalFields: Schema.optionalKey(Schema.NonEmptyArray(OptionalField)).annotateKey({
    description: "What to say of each object beside its bucket and key",
  }),
  destination: Destination.annotateKey({ description: "Where and how the reports are stored" }),
  extra: Schema.optionalKey(Schema.NonEmptyArray(Extra)).annotateKey({
    description: "Elements of COS that this version does not know, kept so that they can be sent back",
  }),
}

/** A periodic rule: what PUT, GET and LIST carry. */
export const InventoryConfiguration = Schema.Struct({
  ...shared,
  isEnabled: Schema.Boolean.annotateKey({ description: "false keeps the rule without making reports" }),
  schedule: Schedule.annotateKey({ description: "How often the rule makes a report" }),
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
