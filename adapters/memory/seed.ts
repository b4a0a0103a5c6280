/** What a local COS begins with, as `--seed` says it: the demo, a file, or objects that are computed. */
import * as Result from "effect/Result"
import { ConfigError } from "../../core/errors.ts"
import { nearest } from "../../core/lint/nearest.ts"
import { demoBucket, demoOptions } from "./demo.ts"
import { type Snapshot, snapshotVersion } from "./snapshot/mod.ts"
import { maxSynthetic, seedLimit } from "../store/mod.ts"
import { writeJson } from "../../core/wire/json.ts"

export type Seed =
  | { readonly _tag: "Demo" }
  /** A snapshot, or what a person wrote in its form; in JSON or YAML. */
  | { readonly _tag: "File"; readonly path: string }
  | { readonly _tag: "Synthetic"; readonly count: number; readonly seed: number }

export const readSeed = (text: string): Result.Result<Seed, ConfigError> => {
  if (text === "demo") return Result.succeed({ _tag: "Demo" })
  if (text.trim() === "") return Result.fail(wrong(text, "names nothing"))
  const kind = /^([a-z]{2,}):?/iu.exec(text)?.[1] ?? ""
  if (kind === "synthetic" && /^synthetic(?::|$)/u.test(text)) return readSynthetic(text)
  if (/^[a-z]{2,}:/iu.test(text)) return Result.fail(wrong(text, `is of no kind "${kind}"`, near(kind)))
  // A word without a dot or a slash is more often a slip than a file
  const meant = /[./\\]/u.test(text) ? undefined : near(text)
  return meant === undefined
    ? Result.succeed({ _tag: "File", path: text })
    : Result.fail(wrong(text, "is no kind", meant))
}

const near = (word: string): string | undefined => nearest(word, ["demo", "synthetic"])

const readSynthetic = (text: string): Result.Result<Seed, ConfigError> => {
  const match = /^synthetic:(\d{1,15}):(\d{1,15})$/u.exec(text)
  if (match === null) return Result.fail(wrong(text, "has not two whole numbers"))
  const [count, seed] = [Number(match[1]), Number(match[2])]
  if (count > maxSynthetic) return Result.fail(wrong(text, `has more than ${maxSynthetic} objects`))
  if (seed >= seedLimit) return Result.fail(wrong(text, `has a seed above ${seedLimit - 1}`))
  return Result.succeed({ _tag: "Synthetic", count, seed })
}

const wrong = (text: string, problem: string, meant?: string): ConfigError =>
  new ConfigError({
    source: "--seed",
    problem: `Cannot seed: "${text}" ${problem}`,
    fix: meant === undefined
      ? "write demo, a file, or synthetic:<count>:<seed> such as synthetic:1000000:1"
      : `did you mean "${meant}"? A file of that name is written "./${text}"`,
  })

/** Where computed objects go. */
interface SeedPlace {
  readonly defaultBucket: string
  readonly region: string
}

/** The seed as a snapshot, to be restored; a file is read by its caller. */
export const seedSnapshot = (seed: Exclude<Seed, { readonly _tag: "File" }>, place: SeedPlace): Snapshot =>
  seed._tag === "Demo" ? demoSnapshot() : {
    version: snapshotVersion,
    buckets: [{
      name: place.defaultBucket,
      region: place.region,
      versioning: "Enabled",
      synthetic: { count: seed.count, seed: seed.seed },
    }],
  }

/** The documentation's three rules, the bucket that two of them deliver to, and objects for each of them to list. */
const demoSnapshot = (): Snapshot => ({
  version: snapshotVersion,
  buckets: [
    { ...demoBucket, versioning: "Enabled", rules: demoRules(), objects: demoObjects },
    { ...demoBucket, name: demoDestination },
  ],
})

/** Which `list2` and `list3` name. */
const demoDestination = "inventorybucket-1250000000"

const demoRules = (): ReadonlyArray<unknown> =>
  demoOptions().buckets.flatMap(({ rules = [] }) => rules).map((rule) => ({ rule: writeJson(rule) }))

/** The second in which `list1` wants objects to have been put: 1568688761. */
const listed = "2019-09-17T02:52:41.500Z"
const adult = { age: "18" }
const header = { myheader: "example" }

const demoObjects: NonNullable<Snapshot["buckets"][number]["objects"]> = [
  { key: "README.md", body: "# Example bucket\n", contentType: "text/markdown" },
  { key: "myPrefix/", lastModified: listed },
  {
    key: "myPrefix/2019/report.csv",
    body: "id,total\n1,18\n",
    contentType: "text/csv",
    lastModified: listed,
    tags: adult,
  },
  {
    key: "myPrefix/2019/photo 1+1.jpg",
    bodyComputed: ["=1/200"],
    contentType: "image/jpeg",
    lastModified: listed,
    meta: header,
  },
  {
    key: "myPrefix/\u4e2d\u6587/\u62a5\u544a.txt",
    body: "\u5e74\u5ea6\u62a5\u544a\n",
    contentType: "text/plain; charset=utf-8",
    tags: adult,
    meta: header,
  },
  { key: "myPrefix/\u{1f600}.json", body: "{}\n", contentType: "application/json", tags: { ...adult, team: "search" } },
  { key: 'myPrefix/comma, "quotes".txt', body: "a,b\n", contentType: "text/plain", tags: adult },
  {
    key: "myPrefix/backup.tar",
    bodyComputed: ["=1/256*3", "=1/9"],
    multipart: true,
    storageClass: "ARCHIVE",
    tags: adult,
  },
  {
    key: "myPrefix/secret.txt",
    body: "kept by SSE-COS\n",
    contentType: "text/plain",
    encryption: "AES256",
    tags: adult,
  },
  {
    key: "myPrefix/settings.json",
    versions: [
      { body: '{"version":3}\n', contentType: "application/json", tags: adult },
      { body: '{"version":2}\n', contentType: "application/json", lastModified: "2020-01-02T00:00:00Z", tags: adult },
      { body: '{"version":1}\n', contentType: "application/json", lastModified: listed },
    ],
  },
  {
    key: "myPrefix/deleted.txt",
    versions: [{ deleteMarker: true }, { body: "gone\n", contentType: "text/plain", lastModified: listed }],
  },
  { key: "other/archive.bin", bodyComputed: ["=1/150"], storageClass: "DEEP_ARCHIVE" },
]
