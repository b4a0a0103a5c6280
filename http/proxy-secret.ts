/** What the secrets of virtual keys follow from: a file's, or the environment's. */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { readProxySecret } from "../adapters/policy/issuing.ts"
import { readPrivate, sharedBeyondGroup } from "../adapters/private-file.ts"
import { ConfigError } from "../core/errors.ts"

export const proxySecret = (
  file: string | undefined,
  given: string | undefined,
): Effect.Effect<Redacted.Redacted<string> | undefined, ConfigError> =>
  Effect.gen(function* () {
    if (file === undefined) return yield* Effect.fromResult(readProxySecret(given))
    const bytes = yield* readPrivate(file, { name: "secret file", shared: sharedBeyondGroup })
    // An editor ends a file with a line break, which is no part of the secret
    const text = bytes === undefined ? "" : new TextDecoder().decode(bytes).replace(/\r?\n$/u, "")
    return (yield* Effect.fromResult(readProxySecret(text, file))) ?? (yield* noSecret(file))
  })

const noSecret = (file: string): ConfigError =>
  new ConfigError({
    source: file,
    problem: "There is no secret in the file",
    fix: "Write one into it, such as openssl rand -hex 32 prints",
  })
