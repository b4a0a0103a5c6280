/** A folder that files are written into, each of them whole or not at all. */
import { mkdir, readdir } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { placeWhole, unwritable } from "./file-writing.ts"

/**
 * Makes the folder where there is none, and gives the names in it. One that holds anything but hidden files, such as
 * those of git, is refused unless that is wanted.
 */
export const openFolder = (
  path: string,
  options: { readonly mayHoldFiles: boolean; readonly fix: string },
): Effect.Effect<ReadonlyArray<string>, ConfigError> =>
  Effect.tryPromise({
    try: async () => {
      await mkdir(path, { recursive: true })
      const names = (await readdir(path)).filter((name) => !name.startsWith("."))
      if (names.length === 0 || options.mayHoldFiles) return names
      throw new ConfigError({ source: path, problem: `The folder "${path}" is not empty`, fix: options.fix })
    },
    catch: (cause) => cause instanceof ConfigError ? cause : unwritable(path, cause),
  })

/** Writes the file whole, or leaves what is there. A symbolic link is replaced, not followed. */
export const writeWhole = (path: string, text: string): Effect.Effect<void, ConfigError> =>
  Effect.uninterruptible(
    Effect.tryPromise({ try: () => placeWhole(path, text), catch: (cause) => unwritable(path, cause) }),
  )
