/** Named profiles in a YAML file that only its owner may read. */
import * as Effect from "effect/Effect"
import { ConfigError } from "../../core/errors.ts"
import { didYouMean } from "../../core/lint/nearest.ts"
import type { Credential } from "../../core/ports.ts"
import { readPrivate, sharedWithAnyone } from "../private-file.ts"
import type { Environment } from "./environment.ts"
import { whole } from "./keys.ts"
import type { Command } from "./process.ts"
import type { Entry, Profiles } from "./profiles.ts"

/** One profile, its keys checked to be whole. */
export interface Profile extends Omit<Entry, "secretId" | "secretKey" | "sessionToken"> {
  readonly name: string
  readonly file: string
  /** At most one of the two. */
  readonly credential?: Credential
  readonly credentialProcess?: Command
}

/** Where the profile file is, by the XDG rules; undefined where there is no home. An XDG path that is not absolute does not count. */
export const profilePath = (env: Environment, platform: string = process.platform): string | undefined => {
  const windows = platform === "win32"
  const xdg = env["XDG_CONFIG_HOME"]
  const absolute = xdg !== undefined && (xdg.startsWith("/") || (windows && /^[A-Za-z]:[\\/]/u.test(xdg)))
  const home = [env["HOME"], windows ? env["USERPROFILE"] : undefined].find((path) => path !== undefined && path !== "")
  const base = absolute ? xdg : home === undefined ? undefined : `${home}/.config`
  return base === undefined ? undefined : `${base.replace(/[\\/]+$/u, "")}/cos-inventory/config.yaml`
}

/**
 * The profile of that name, else the file's `default`, else the one named `default`; undefined when there is neither
 * a file nor a wish for a profile. An empty name is no wish. Of the other profiles nothing is checked.
 */
export const readProfile = (
  file: string | undefined,
  wanted: string | undefined,
  platform: string = process.platform,
): Effect.Effect<Profile | undefined, ConfigError> =>
  Effect.gen(function* () {
    const asked = wanted === "" ? undefined : wanted
    const bytes = file === undefined ? undefined : yield* readFile(file, platform)
    if (file === undefined || bytes === undefined) {
      if (asked === undefined) return undefined
      return yield* new ConfigError({
        source: file ?? "profile file",
        problem: `Cannot use profile "${asked}": there is no profile file`,
        fix: file === undefined
          ? "Set HOME, or use environment variables"
          : `Write ${file}, or use environment variables`,
      })
    }
    const profiles = yield* parsed(file, bytes)
    const name = asked ?? profiles.fallback ?? (profiles.names.includes("default") ? "default" : undefined)
    return name === undefined ? undefined : yield* named(file, profiles, name)
  })

/** What is wrong with any profile of the file, chosen or not; nothing when there is no file. */
export const checkProfiles = (
  file: string | undefined,
  platform: string = process.platform,
): Effect.Effect<ReadonlyArray<ConfigError>> =>
  Effect.gen(function* () {
    const bytes = file === undefined ? undefined : yield* readFile(file, platform)
    if (file === undefined || bytes === undefined) return []
    const profiles = yield* parsed(file, bytes)
    const wanted = new Set([...profiles.names, ...(profiles.fallback === undefined ? [] : [profiles.fallback])])
    const [, problems] = yield* Effect.partition(wanted, (name) => named(file, profiles, name))
    return problems
  }).pipe(Effect.catch((error) => Effect.succeed([error])))

const parsed = (file: string, bytes: Uint8Array): Effect.Effect<Profiles, ConfigError> =>
  Effect.flatMap(Effect.promise(() => import("./profiles.ts")), ({ readProfiles }) => readProfiles(file, bytes))

const named = (file: string, { entry, names }: Profiles, name: string): Effect.Effect<Profile, ConfigError> =>
  Effect.gen(function* () {
    const found = yield* entry(name)
    if (found === undefined) {
      return yield* new ConfigError({
        source: file,
        problem: `There is no profile "${name}"${didYouMean(name, names)}`,
        fix: names.length === 0 ? "Add it under `profiles`" : `Use one of: ${names.join(", ")}`,
      })
    }
    const { secretId, secretKey, sessionToken, ...rest } = found
    const credential = yield* whole(`${file}, profile "${name}"`, {
      id: { name: "secretId", value: secretId },
      key: { name: "secretKey", value: secretKey },
      token: { name: "sessionToken", value: sessionToken },
    })
    if (credential !== undefined && rest.credentialProcess !== undefined) {
      return yield* new ConfigError({
        source: file,
        problem: `Profile "${name}" has both keys and a credentialProcess`,
        fix: "Remove one of them",
      })
    }
    return { name, file, ...rest, ...(credential === undefined ? {} : { credential }) }
  })

const readFile = (path: string, platform: string) =>
  readPrivate(path, { name: "profile file", shared: sharedWithAnyone, platform })
