/** The rules files of a folder. */
import type { Dirent } from "node:fs"
import { readdir, realpath, stat } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { errnoOf, unreadable } from "./files.ts"

/** A folder becomes every rules file below it, in the order of their names; anything else stays as it is. */
export const rulesFilesAt = (path: string): Effect.Effect<ReadonlyArray<string>, ConfigError> =>
  Effect.tryPromise({
    try: async () => {
      if (path === "-" || await kindOf(path) !== "folder") return [path]
      const found = await filesBelow(path, [])
      if (found.length === 0) throw noFiles(path)
      return found
    },
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(path, cause),
  })

/** Each file once, by the first of the paths that lead to it: a folder and a file in it may both be given. */
export const distinctFiles = (paths: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
  Effect.promise(async () => {
    // What has no path of its own, such as a pipe of the shell, is itself
    const real = await Promise.all(paths.map((path) => realpath(path).catch(() => path)))
    const seen = new Set<string>()
    return paths.filter((path, i) => {
      const isNew = path === "-" || !seen.has(real[i]!)
      seen.add(real[i]!)
      return isNew
    })
  })

/** A path that is not there is reported by whoever reads it. */
const kindOf = (path: string): Promise<"folder" | "file" | "other" | "none"> =>
  stat(path).then(
    (found) => found.isDirectory() ? "folder" : found.isFile() ? "file" : "other",
    (cause) => {
      if (errnoOf(cause) === "ENOENT") return "none"
      throw unreadable(path, cause)
    },
  )

/** The schema of the rules lies beside them, for editors. */
const endings = /(?<!\.schema)\.(?:ya?ml|json|xml)$/iu

/** Names that begin with a dot are not looked at; nor is what package managers leave behind. */
const isLookedAt = ({ name }: Dirent): boolean => !name.startsWith(".") && name !== "node_modules"

/** A link to a folder around it would lead on without end. */
const filesBelow = async (folder: string, around: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  const real = await realpath(folder)
  if (around.includes(real)) return []
  const all = await readdir(folder, { withFileTypes: true }).catch((cause) => {
    throw unreadable(folder, cause)
  })
  const entries = all.filter(isLookedAt)
  const found = await Promise.all(
    entries.toSorted((a, b) => a.name < b.name ? -1 : 1).map(async (entry) => {
      const path = join(folder, entry.name)
      const kind = entry.isDirectory() ? "folder" : entry.isSymbolicLink() ? await kindOf(path) : kindOfEntry(entry)
      if (kind === "folder") return await filesBelow(path, [...around, real])
      // To read a pipe would be to wait for its writer
      return kind !== "other" && endings.test(entry.name) ? [path] : []
    }),
  )
  return found.flat()
}

const kindOfEntry = (entry: Dirent): "file" | "other" => entry.isFile() ? "file" : "other"

const noFiles = (folder: string): ConfigError =>
  new ConfigError({
    source: folder,
    problem: `The folder "${folder}" holds no rules file`,
    fix: "Give a folder with .yaml, .yml, .json or .xml files",
  })
