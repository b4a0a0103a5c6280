/** A file that holds secrets, and that others may not read. */
import type { Stats } from "node:fs"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { errnoOf, readPath, unreadable } from "./files.ts"

export interface PrivateFile {
  /** What it is called in speech, such as `profile file`. */
  readonly name: string
  /** The permission bits that it may not have. */
  readonly shared: number
  readonly platform?: string
}

/** Read and write, for group and others: who may write it may have any command run. */
export const sharedWithAnyone = 0o066
/**
 * As before, but the group may read: where a file is shared with a user by an access list, as systemd does with
 * credentials, the group's bits show what the list allows at most; and Kubernetes gives secrets to a group.
 */
export const sharedBeyondGroup = 0o026

/** The bytes of the file, undefined when there is none. What is checked is the open file, so nothing can be put in its place. */
export const readPrivate = (
  path: string,
  { name, shared, platform = process.platform }: PrivateFile,
): Effect.Effect<Uint8Array | undefined, ConfigError> => {
  const check = ({ mode }: Stats) => {
    if (platform !== "win32" && (mode & shared) !== 0) throw open(path, name, mode)
  }
  return Effect.tryPromise({
    try: (signal) =>
      readPath(path, { maxBytes, signal, check }).catch((cause: unknown) => {
        if (errnoOf(cause) === "ENOENT") return undefined
        throw cause
      }),
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(path, cause),
  })
}

const maxBytes = 1024 * 1024

const open = (path: string, name: string, mode: number): ConfigError =>
  new ConfigError({
    source: path,
    problem: `Others than its owner can read or change the ${name} (mode ${(mode & 0o777).toString(8)})`,
    fix: `Run: chmod 600 "${path}"`,
  })
