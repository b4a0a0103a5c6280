/** What can be judged of a snapshot whose form is wrong in places: the members whose form is right. */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { enclosing, type Finding } from "../../../core/lint/finding.ts"
import { BucketForm, JobForm, ObjectForm, RunForm, VersionForm } from "./form.ts"

/** A snapshot is one; in lists everything keeps its place, of what cannot be read at all as an empty object. */
export interface Draft {
  readonly buckets: ReadonlyArray<BucketDraft>
  readonly runs?: ReadonlyArray<Partial<RunForm>>
}

export type BucketDraft = Partial<Omit<BucketForm, "jobs">> & { readonly jobs?: ReadonlyArray<Partial<JobForm>> }

export const draftOf = (value: unknown): Draft => ({
  buckets: listIn(value, "buckets", bucketOf) ?? [],
  runs: listIn(value, "runs", (run) => readable(RunForm.fields, run)) ?? [],
})

const bucketOf = (value: unknown): BucketDraft => {
  const { objects: _, jobs: __, ...simple } = BucketForm.fields
  const objects = listIn(value, "objects", objectOf)
  const jobs = listIn(value, "jobs", (job) => readable(JobForm.fields, job))
  return {
    ...readable(simple, value),
    ...(objects === undefined ? {} : { objects }),
    ...(jobs === undefined ? {} : { jobs }),
  }
}

const objectOf = (value: unknown): ObjectForm => {
  const { versions: _, ...simple } = ObjectForm.fields
  const [newest, ...others] = listIn(value, "versions", (version) => readable(VersionForm.fields, version)) ?? []
  return { ...readable(simple, value), ...(newest === undefined ? {} : { versions: [newest, ...others] }) }
}

const listIn = <A>(value: unknown, name: string, read: (item: unknown) => A): ReadonlyArray<A> | undefined => {
  const list = memberOf(value, name)
  return Array.isArray(list) ? list.map(read) : undefined
}

/** The members that can be read each by itself. */
const readable = <F extends Readonly<Record<string, Schema.ConstraintDecoder<unknown>>>>(
  fields: F,
  value: unknown,
): { readonly [K in keyof F]?: F[K]["Type"] } =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, schema]) => {
      const member = memberOf(value, name)
      const read = member === undefined ? undefined : Schema.decodeUnknownResult(schema)(member)
      return read === undefined || Result.isFailure(read) ? [] : [[name, read.success]]
    }),
  ) as { readonly [K in keyof F]?: F[K]["Type"] }

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

/** Tells the findings that would go away with one of the form's: those of what could not be read, and what leans on it. */
export const consequencesOf = (form: ReadonlyArray<Finding>): (finding: Finding) => boolean => {
  const unread = new Set(form.map(({ path }) => path))
  const strange = new Set(
    form.flatMap(({ code, path }) => code === "unknown-key" ? [...enclosing(path)].slice(1, 2) : []),
  )
  return ({ code, path }) => {
    const member = leaning[code]
    return [...enclosing(path)].some((at) =>
      unread.has(at) || (member !== undefined && (strange.has(at) || unread.has(`${at}.${member}`)))
    )
  }
}

/** What findings say that a member lacks or is another one, which an unknown member beside it may be meant for. */
const leaning: Readonly<Record<string, string>> = {
  "key-once": "keyEncoded",
  "needs-versioning": "versioning",
  "destination-region": "region",
}
