/** The rules files of a folder. */
import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { errnoOf, unreadable } from "./files.ts"

/** A folder becomes every rules file below it, in the order of their names; anything else stays as it is. */
export const rulesFilesAt = (path: string): Effect.Effect<ReadonlyArray<string>, ConfigError> =>
  Effect.tryPromise({
    try: async () => {
      if (path === "-" || !(await isFolder(path))) return [path]
      const found = await filesBelow(path)
      if (found.length === 0) throw noFiles(path)
      return found
    },
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(path, cause),
  })

/** A path that is not there is reported by whoever reads it. */
const isFolder = (path: string): Promise<boolean> =>
  stat(path).then((found) => found.isDirectory(), (cause) => {
    if (errnoOf(cause) === "ENOENT") return false
    throw cause
  })

const endings = /\.(?:ya?ml|json|xml)$/iu

const filesBelow = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith("."))
  const found = await Promise.all(
    entries.toSorted((a, b) => a.name < b.name ? -1 : 1).map(async (entry) => {
      const path = join(folder, entry.name)
      const isBelow = entry.isDirectory() || (entry.isSymbolicLink() && await isFolder(path))
      return isBelow ? await filesBelow(path) : endings.test(entry.name) ? [path] : []
    }),
  )
  return found.flat()
}

const noFiles = (folder: string): ConfigError =>
  new ConfigError({
    source: folder,
    problem: `The folder "${folder}" holds no rules file`,
    fix: "Give a folder with .yaml, .yml, .json or .xml files",
  })
