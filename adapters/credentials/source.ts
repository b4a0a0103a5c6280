/** Which of the places that may hold keys is used. */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { ConfigError } from "../../core/errors.ts"
import type { Credentials } from "../../core/ports.ts"
import { type Environment, fromEnvironment } from "./environment.ts"
import { layerFixed } from "./fixed.ts"
import { fromProcess, type Options } from "./process.ts"
import type { Profile } from "./profile.ts"
import { layerRefreshing } from "./refreshing.ts"

/** Environment, then the profile's keys, then its credentialProcess; undefined when none of them has any. */
export const choose = (
  env: Environment,
  profile: Profile | undefined,
  options: Options = {},
): Effect.Effect<Layer.Layer<Credentials> | undefined, ConfigError> =>
  Effect.map(fromEnvironment(env), (found) => {
    const credential = found ?? profile?.credential
    if (credential !== undefined) return layerFixed(credential)
    if (profile?.credentialProcess === undefined) return undefined
    return layerRefreshing(
      fromProcess(profile.credentialProcess, { source: `${profile.file}, profile "${profile.name}"`, ...options }),
    )
  })
