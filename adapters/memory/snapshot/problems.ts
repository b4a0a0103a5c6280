/** What is wrong with a snapshot whose form is right: names, keys, versions and rules that contradict each other. */
import * as Result from "effect/Result"
import { checkBucket, checkRegion } from "../../../core/endpoint.ts"
import type { Finding } from "../../../core/lint/finding.ts"
import type { BucketDraft, Draft } from "./draft.ts"
import type { ObjectForm } from "./form.ts"
import { readRule } from "./rule.ts"
import { problem } from "./source.ts"
import { hasLoneSurrogate, keyOf, sizeOf, versionProblems, versionsOf } from "./version.ts"

/** Bodies are held whole while a snapshot is written or read, so together they are at most these bytes. */
export const maxSnapshotBytes = 64 * 1024 * 1024
/** Versions of all buckets together; objects of a synthetic bucket do not count. */
export const maxSnapshotVersions = 100_000

export const problemsOf = (snapshot: Draft, defaultRegion: string): ReadonlyArray<Finding> => [
  ...sizeProblems(snapshot),
  ...repeated(snapshot.buckets.map(({ name }) => name), (at) => `buckets[${at}].name`, "The bucket"),
  ...snapshot.buckets.flatMap((bucket, at) => [...bucketProblems(bucket, `buckets[${at}]`, defaultRegion)]),
  ...repeated((snapshot.runs ?? []).map(({ id }) => id), (at) => `runs[${at}].id`, "The run"),
]

const sizeProblems = function* ({ buckets }: Draft): Iterable<Finding> {
  const versions = buckets.flatMap(({ objects = [] }) => objects.flatMap(versionsOf))
  if (versions.length > maxSnapshotVersions) {
    yield problem(
      "snapshot-too-large",
      "buckets",
      "The snapshot has too many versions",
      `${maxSnapshotVersions}`,
      "Use a synthetic bucket, or leave some out",
      versions.length,
    )
  }
  const bytes = versions.reduce((sum, version) => sum + sizeOf(version), 0)
  if (bytes > maxSnapshotBytes) {
    yield problem(
      "snapshot-too-large",
      "buckets",
      "The bodies are too large together",
      `${maxSnapshotBytes} bytes`,
      "Use smaller bodies, or leave some out",
      bytes,
    )
  }
}

const bucketProblems = function* (bucket: BucketDraft, at: string, defaultRegion: string): Iterable<Finding> {
  const { name, region, versioning, objects = [], rules = [], jobs = [], synthetic } = bucket
  if (name !== undefined) yield* checkBucket(name).map((finding) => ({ ...finding, path: `${at}.name` }))
  if (region !== undefined) yield* checkRegion(region).map((finding) => ({ ...finding, path: `${at}.region` }))
  if (synthetic !== undefined && bucket.objects !== undefined) {
    yield problem(
      "synthetic-and-objects",
      `${at}.objects`,
      "A synthetic bucket has no other objects",
      "synthetic or objects",
      "Remove one of them, or use a second bucket",
    )
  }
  if (synthetic !== undefined && versioning === undefined) {
    yield problem(
      "needs-versioning",
      `${at}.versioning`,
      "Synthetic objects have several versions",
      "Enabled or Suspended",
      'Add versioning: "Enabled"',
    )
  }
  const read = rules.map((rule) => readRule(rule, region ?? defaultRegion))
  for (const [nth, rule] of read.entries()) {
    if (Result.isSuccess(rule)) continue
    const place = `${at}.rules[${nth}]`
    // A position in the text of one rule is none in the document
    yield* rule.failure.map(({ position: _, ...f }) => ({ ...f, path: f.path === "" ? place : `${place}.${f.path}` }))
  }
  yield* repeated(
    read.map((rule) => Result.isSuccess(rule) ? rule.success.id : undefined),
    (nth) => `${at}.rules[${nth}].id`,
    "The rule",
  )
  yield* repeated(jobs.map(({ id }) => id), (nth) => `${at}.jobs[${nth}].id`, "The job")
  for (const [nth, object] of objects.entries()) {
    yield* objectProblems(object, `${at}.objects[${nth}]`, versioning !== undefined)
  }
  yield* sequenceProblems(bucket, at)
  yield* repeated(objects.map(keyOf), (nth) => `${at}.objects[${nth}].key`, "The key")
}

const objectProblems = function* (object: ObjectForm, at: string, isVersioned: boolean): Iterable<Finding> {
  const { key: text, keyEncoded: encoded, versions: several, ...only } = object
  const key = keyOf(object)
  if (key === undefined) {
    yield problem(
      "key-once",
      `${at}.key`,
      "The object needs one key",
      "key, or keyEncoded",
      text === undefined ? "Add key" : "Remove keyEncoded",
    )
  } else if (key === "") {
    yield problem("key-empty", `${at}.key`, "The key is empty", "a key of one byte or more", "Write a key")
  }
  if (encoded !== undefined && !/^(?:[^%]|%[0-9A-Fa-f]{2})*$/u.test(encoded)) {
    yield problem(
      "key-encoding",
      `${at}.keyEncoded`,
      "A % begins no escape",
      "percent-encoded text",
      "Write % itself as %25",
      encoded,
    )
  }
  if (hasLoneSurrogate(text ?? "") || hasLoneSurrogate(encoded ?? "")) {
    yield problem(
      "not-text",
      `${at}.key`,
      "The key has half of a surrogate pair",
      "text, or keyEncoded",
      "Write its bytes in keyEncoded",
    )
  }
  if (several !== undefined) {
    for (const member of Object.keys(only)) {
      yield problem(
        "member-of-version",
        `${at}.${member}`,
        "The object has versions, and this belongs to one of them",
        "key, keyEncoded and versions",
        `Move ${member} into its version`,
      )
    }
  }
  const versions = versionsOf(object)
  const place = (nth: number) => several === undefined ? at : `${at}.versions[${nth}]`
  for (const [nth, version] of versions.entries()) yield* versionProblems(version, place(nth))
  yield* historyProblems(versions, place, isVersioned)
}

const historyProblems = function* (
  versions: ReturnType<typeof versionsOf>,
  place: (nth: number) => string,
  isVersioned: boolean,
): Iterable<Finding> {
  if (!isVersioned) {
    const nth = versions.findIndex((version, at) =>
      at > 0 || version.deleteMarker === true || (version.versionId ?? "null") !== "null"
    )
    if (nth >= 0) {
      yield problem(
        "needs-versioning",
        place(nth),
        "The bucket has no versioning",
        'one object, with the version id "null"',
        'Add versioning: "Enabled" to the bucket',
      )
    }
  }
  yield* repeated(versions.map(({ versionId }) => versionId), (nth) => `${place(nth)}.versionId`, "The version id")
  const given = versions.filter(({ sequence }) => sequence !== undefined)
  if (given.length > 0 && given.length < versions.length) {
    yield problem(
      "sequence-missing",
      `${place(versions.findIndex(({ sequence }) => sequence === undefined))}.sequence`,
      "Some versions of the key have a sequence",
      "all or none",
      "Add sequence, or remove the others",
    )
  }
  const rises = given.findIndex(({ sequence }, nth) => nth > 0 && sequence! >= given[nth - 1]!.sequence!)
  if (rises > 0) {
    yield problem(
      "sequence-order",
      `${place(versions.indexOf(given[rises]!))}.sequence`,
      "Versions stand newest first",
      "falling sequences",
      "Put the versions in order",
      given[rises]!.sequence,
    )
  }
}

/** In one bucket no two versions, and no two rules, have the same sequence. */
const sequenceProblems = ({ objects = [], rules = [] }: BucketDraft, at: string): ReadonlyArray<Finding> => {
  const found = objects.flatMap((object, o) =>
    versionsOf(object).map(({ sequence }, v) => {
      const place = `${at}.objects[${o}]`
      return [object.versions === undefined ? place : `${place}.versions[${v}]`, sequence] as const
    })
  )
  return [
    ...repeated(found.map(([, sequence]) => sequence), (nth) => `${found[nth]![0]}.sequence`, "The sequence"),
    ...repeated(rules.map(ruleSequence), (nth) => `${at}.rules[${nth}].sequence`, "The sequence"),
  ]
}

/** Of a rule in its wrapped form. */
export const ruleSequence = (rule: unknown): number | undefined => {
  const { sequence } = (rule ?? {}) as { readonly sequence?: unknown }
  return typeof sequence === "number" ? sequence : undefined
}

const repeated = (
  values: ReadonlyArray<unknown>,
  place: (nth: number) => string,
  what: string,
): ReadonlyArray<Finding> => {
  const seen = new Set<unknown>()
  return values.flatMap((value, nth) => {
    if (value === undefined) return []
    if (seen.has(value)) {
      return [
        problem("repeated", place(nth), `${what} stands twice`, "each once", "Remove or rename one of them", value),
      ]
    }
    seen.add(value)
    return []
  })
}
