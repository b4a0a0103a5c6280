/** Files of a folder that hold rules of a bucket already: an export beside them would count together with them. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { basename, extname, join } from "node:path"
import { readRulesFile } from "../adapters/rules-file.ts"
import { rulesFilesBelow } from "../adapters/rules-folder.ts"
import { parseBucket } from "../core/bucket.ts"
import type { ConfigError } from "../core/errors.ts"

/** Looks the folder through once, and then tells of any bucket which other file than the export's own holds its rules. */
export const twinsIn = (
  folder: string,
  ending: string,
): Effect.Effect<(bucket: string) => string | undefined, ConfigError> =>
  Effect.gen(function* () {
    const ownOf = (bucket: string) => join(folder, `${bucket}.${ending}`)
    const paths = yield* rulesFilesBelow(folder)
    const holders = new Map<string, Array<string>>()
    const found = yield* Effect.forEach(
      paths,
      (path) => {
        const name = nameOf(path)
        // What an export wrote before is not read again: there may be thousands
        return parseBucket(name) !== undefined && path === ownOf(name) ? Effect.succeed([name]) : bucketsIn(path, name)
      },
      { concurrency: 8 },
    )
    for (const [i, buckets] of found.entries()) {
      for (const bucket of buckets) holders.set(bucket, [...(holders.get(bucket) ?? []), paths[i]!])
    }
    return (bucket) => holders.get(bucket)?.find((path) => path !== ownOf(bucket))
  })

const nameOf = (path: string): string => basename(path, extname(path))

/** A file that does not say it, or that cannot be read, is taken to be about the bucket that it is named after. */
const bucketsIn = (path: string, name: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(Effect.result(readRulesFile(path)), (read) => {
    const byName = name.toLowerCase()
    if (Result.isFailure(read)) return [byName]
    return [
      ...new Set(
        read.success.sets.filter(({ entries }) => entries.length > 0).flatMap(({ selectors, isNowhere }) =>
          selectors.length === 0 && isNowhere !== true
            ? [byName]
            : selectors.flatMap(({ bucket }) => bucket === undefined ? [] : [bucket])
        ),
      ),
    ]
  })
