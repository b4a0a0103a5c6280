/** Files written anew: whole or not at all, and never over what somebody else has written meanwhile. */
import { randomUUID } from "node:crypto"
import { constants, type Stats } from "node:fs"
import { access, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { errnoOf } from "./files.ts"

/**
 * Puts a text in the place of the one that was read, through a new file beside it, which takes over its mode.
 *
 * **Gotchas**
 *
 * A symbolic link stays one: what it leads to is written. A further hard link keeps the old text. The file is compared
 * right before; a change in the moment between that and the renaming is not seen.
 */
export const rewriteFile = (path: string, before: string, after: string): Effect.Effect<void, ConfigError> =>
  Effect.uninterruptible(Effect.tryPromise({
    try: () => rewrite(path, before, after),
    catch: (cause) => cause instanceof ConfigError ? cause : unwritable(path, cause),
  }))

const rewrite = async (path: string, before: string, after: string): Promise<void> => {
  const target = await realpath(path)
  const found = await stat(target)
  if (!found.isFile()) throw refused(path, "it is not a regular file", "Give a file, or print to one")
  if ((found.mode & anyoneWrites) === 0) throw readOnly(path)
  await access(target, constants.W_OK)
  const bytes = await readFile(target)
  if (!bytes.equals(Buffer.from(before, "utf8"))) {
    throw refused(path, "it was changed after it was read", "Run the command again")
  }
  await placeWhole(target, after, found)
}

/** A system that lets its administrator write everything still says what is not to be written. */
const anyoneWrites = 0o222

/**
 * Writes a new file beside, which then takes its place, so that a reader, a full disk and an interruption see what was
 * there before, or the whole text. It takes over owner and mode of the file that it replaces, where they are given.
 */
export const placeWhole = async (target: string, text: string, like?: Stats): Promise<void> => {
  const beside = join(dirname(target), `.${basename(target).slice(0, longestName)}.${randomUUID()}`)
  const handle = await open(beside, "wx", like === undefined ? undefined : like.mode & 0o777)
  try {
    try {
      await handle.writeFile(text, "utf8")
      if (like !== undefined) {
        // Only the administrator may give a file away; the owner's own file keeps its owner anyway
        await handle.chown(like.uid, like.gid).catch(() => {})
        await handle.chmod(like.mode & 0o7777)
      }
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, target)
  } catch (cause) {
    await unlink(beside).catch(() => {})
    throw cause
  }
}

/** File systems take 255 bytes; what is put around it is 38, and a character has up to 4. */
const longestName = 50

/** A failed system call as a sentence. */
export const unwritable = (path: string, cause: unknown): ConfigError => {
  const code = errnoOf(cause) ?? "unknown"
  if (code === "EACCES" || code === "EPERM") return readOnly(path)
  return refused(path, reasons[code] ?? `writing failed with ${code}`, "Check the path")
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EEXIST: "it is a file, where a folder belongs",
  ENOTDIR: "a part of its path is a file",
  EISDIR: "it is a folder",
  EROFS: "its file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk is full",
}

const readOnly = (path: string): ConfigError =>
  refused(path, "permission is denied", "Check who may write it and its folder")

const refused = (path: string, why: string, fix: string): ConfigError =>
  new ConfigError({ source: path, problem: `Cannot write "${path}": ${why}`, fix })
