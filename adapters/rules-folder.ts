/** The rules files of a folder. */
import type { Dirent } from "node:fs"
import { readdir, realpath } from "node:fs/promises"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { kindOf, unreadable } from "./files.ts"

/**
 * A folder becomes every rules file below it, in the order of their names; anything else stays as it is. A path that is
 * not there is reported by whoever reads it.
 */
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

/** The same of a folder that may hold none. */
export const rulesFilesBelow = (folder: string): Effect.Effect<ReadonlyArray<string>, ConfigError> =>
  Effect.tryPromise({
    try: () => filesBelow(folder, []),
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(folder, cause),
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

/** The JSON Schema of the rules lies beside them, for editors. */
const endings = /\.(?:ya?ml|xml|(?<!\.schema\.)json)$/iu

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
      // Rules that are passed over would count as removed from the files
      if (kind === "none") throw leadsNowhere(path)
      if (!endings.test(entry.name)) return []
      if (kind === "other") throw noFile(path)
      return [path]
    }),
  )
  return found.flat()
}

const kindOfEntry = (entry: Dirent): "file" | "other" => entry.isFile() ? "file" : "other"

const leadsNowhere = (path: string): ConfigError =>
  new ConfigError({
    source: path,
    problem: `The symbolic link "${path}" leads to nothing, and rules that it led to may be missing`,
    fix: "Correct or remove the link; a name that begins with a dot is not looked at",
  })

/** To read a pipe would be to wait for its writer. */
const noFile = (path: string): ConfigError =>
  new ConfigError({
    source: path,
    problem: `"${path}" is named like a rules file, and is a pipe, a socket or a device`,
    fix: "Remove it, or rename it; a pipe can be given by its own path",
  })

const noFiles = (folder: string): ConfigError =>
  new ConfigError({
    source: folder,
    problem: `The folder "${folder}" holds no rules file`,
    fix: "Give a folder with .yaml, .yml, .json or .xml files",
  })
