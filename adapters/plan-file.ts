/** Plan files: told from rules files by their `plan` key, and read however many buckets they hold. */
import { stat } from "node:fs/promises"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { isPlan, type Plan, readPlan } from "../core/plan/mod.ts"
import { documentVersion } from "../core/wire/document.ts"
import type { Source } from "../core/wire/json.ts"
import { readText } from "../core/wire/text.ts"
import { type Options, readInput } from "./files.ts"

/** What stood at the path: a plan, or something else, which can be read again there or only here. */
export type Given =
  | { readonly _tag: "plan"; readonly plan: Plan; readonly warnings: ReadonlyArray<Finding> }
  | { readonly _tag: "other"; readonly bytes?: Uint8Array }

/** A plan of 10 000 buckets with 20 updates each is about 300 MB; none such is expected. */
const maxPlanBytes = 256 * 1024 * 1024

/** Fails with everything that is wrong with a plan; what is no plan is left to others. */
export const readPlanFile = (path: string, options: Options = {}): Effect.Effect<Given, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const kind = yield* kindOf(path)
    if (kind === "folder" || kind === "nothing") return { _tag: "other" }
    const bytes = yield* readInput(path, { maxBytes: maxPlanBytes, ...options })
    const found = yield* sourceOf(bytes)
    if (found === undefined) return { _tag: "other", ...(kind === "file" ? {} : { bytes }) }
    const file = path === "-" ? "standard input" : path
    const { plan, findings } = Result.isFailure(found)
      ? { plan: undefined, findings: found.failure }
      : readPlan(found.success)
    const placed = findings.map((finding): Finding => ({ ...finding, file }))
    if (plan === undefined || placed.some(isError)) return yield* new InvalidInput({ findings: placed })
    return { _tag: "plan", plan, warnings: placed }
  })

/** A path that is not there is reported by whoever reads rules. */
const kindOf = (path: string): Effect.Effect<"file" | "folder" | "pipe" | "nothing"> =>
  path === "-" ? Effect.succeed("pipe") : Effect.promise(() =>
    stat(path).then(
      (found) => found.isDirectory() ? "folder" : found.isFile() ? "file" : "pipe",
      () => "nothing",
    )
  )

const sourceOf = (bytes: Uint8Array) =>
  Effect.gen(function* () {
    const read = readText(bytes, maxPlanBytes)
    if (Result.isFailure(read)) return undefined
    const text = read.success.replace(/^\ufeff/u, "")
    if (text.trimStart().startsWith("{")) {
      const { readJsonText } = yield* Effect.promise(() => import("./json-source.ts"))
      const found = readJsonText(text)
      return isMeant(found, jsonHead.test(text)) ? found : undefined
    }
    if (!yamlHead.test(text)) return undefined
    const { readYaml } = yield* Effect.promise(() => import("./yaml.ts"))
    const found = Result.map(readYaml(text, "yaml"), ([first]) => first!)
    return isMeant(found, true) ? found : undefined
  })

/** A document that cannot be read shows what it was to be by how it begins. */
const isMeant = (found: Result.Result<Source, unknown>, beginsLikeOne: boolean): boolean =>
  Result.isSuccess(found) ? isPlan(found.success.value) : beginsLikeOne

const jsonHead = new RegExp(`^\\s*\\{\\s*(?:"version"\\s*:\\s*${documentVersion}\\s*,\\s*)?"plan"\\s*:`, "u")
const yamlHead = /^(?:version:[^\n]*\n)?plan:/u
