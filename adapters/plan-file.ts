/** Plan files: told from rules files by their `plan` key, and read however many buckets they hold. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { type ConfigError, InvalidInput } from "../core/errors.ts"
import { type Finding, isError } from "../core/lint/mod.ts"
import { isPlan, type Plan, type PlanReading, readPlan, type UnreadBucket } from "../core/plan/mod.ts"
import { documentVersion } from "../core/wire/document.ts"
import type { Source } from "../core/wire/json.ts"
import { kindOf, type Options, readInput } from "./files.ts"
import { textIn } from "./text-file.ts"

/** What stood at the path: a plan, or something else, which can be read again there or only here. */
export type Given =
  | {
    readonly _tag: "plan"
    readonly plan: Plan
    readonly warnings: ReadonlyArray<Finding>
    readonly unread: ReadonlyArray<UnreadBucket>
  }
  | { readonly _tag: "other"; readonly bytes?: Uint8Array }

/** A plan of 10 000 buckets with 20 updates each is about 300 MB; none such is expected. */
const maxPlanBytes = 256 * 1024 * 1024

/** Fails with everything that is wrong with a plan; what is no plan is left to others. */
export const readPlanFile = (path: string, options: Options = {}): Effect.Effect<Given, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const kind = path === "-" ? "other" : yield* Effect.promise(() => kindOf(path).catch(unlooked))
    if (kind === "folder" || kind === "none") return { _tag: "other" }
    const bytes = yield* readInput(path, { maxBytes: maxPlanBytes, ...options })
    const read = textIn(path, bytes, maxPlanBytes)
    const found = Result.isSuccess(read) ? yield* sourceOf(read.success.text) : undefined
    if (Result.isFailure(read) || found === undefined) {
      return { _tag: "other", ...(kind === "file" ? {} : { bytes }) }
    }
    const { plan, findings, unread = [] }: PlanReading = Result.isFailure(found)
      ? { findings: found.failure }
      : readPlan(found.success)
    const placed = findings.map((finding): Finding => ({ ...finding, file: read.success.file }))
    if (plan === undefined || placed.some(isError)) return yield* new InvalidInput({ findings: placed })
    return { _tag: "plan", plan, warnings: placed, unread }
  })

/** What cannot be looked at is reported by whoever reads rules. */
const unlooked = () => "none" as const

type Found = Result.Result<Source, ReadonlyArray<Finding>>

const sourceOf = (text: string): Effect.Effect<Found | undefined> =>
  Effect.gen(function* () {
    if (text.trimStart().startsWith("{")) {
      const { readJsonText } = yield* Effect.promise(() => import("./json/mod.ts"))
      const found = readJsonText(text, maxPlanBytes)
      return isMeant(found, jsonHead.test(text)) ? found : undefined
    }
    if (!yamlHead.test(text)) return undefined
    const { readYaml } = yield* Effect.promise(() => import("./yaml/mod.ts"))
    const found = Result.flatMap(readYaml(text), ([first, ...more]): Found =>
      more.length === 0 ? Result.succeed(first!) : Result.fail([severalDocuments(1 + more.length)]))
    return isMeant(found, true) ? found : undefined
  })

const severalDocuments = (count: number): Finding => ({
  code: "plan-documents",
  severity: "error",
  path: "",
  message: "The file holds several documents, and a plan is one",
  found: String(count),
  allowed: "1",
  fix: "Give each plan as a file of its own",
  source: "the plan file in the README",
  position: { line: 1, column: 1 },
})

/** A document that cannot be read shows what it was to be by how it begins. */
const isMeant = (found: Found, beginsLikeOne: boolean): boolean =>
  Result.isSuccess(found) ? isPlan(found.success.value) : beginsLikeOne

const jsonHead = new RegExp(`^\\s*\\{\\s*(?:"version"\\s*:\\s*${documentVersion}\\s*,\\s*)?"plan"\\s*:`, "u")
const yamlHead = /^(?:version:[^\n]*\n)?plan:/u
