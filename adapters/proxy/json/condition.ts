/**
 * Conditions against lost updates (RFC 9110, 13). COS has no conditional write, so that they are read-then-write: between
 * the two somebody else may still write.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { canonicalText } from "../../../core/canonical.ts"
import type { ConfigError, TransportError } from "../../../core/errors.ts"
import type { Headers, HttpResponse } from "../../../core/http.ts"
import { decide, requestOf } from "../../../core/policy/mod.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { type AnswerError, isMissingRule } from "../../../core/wire/answers.ts"
import type { Call, Refused } from "../../policy/call.ts"
import { denied } from "../../policy/authorise.ts"
import { sha256Hex } from "../../policy/issuing.ts"
import { problemAnswer } from "../document.ts"
import { type AskedOfRule, refused } from "./asked.ts"
import { found } from "./found.ts"

/** Strong: two rules have one ETag when COS does the same for both, so that PUT and GET agree whatever was written. */
export const etagOf = (rule: InventoryConfiguration): string => `"${sha256Hex(canonicalText(rule)).slice(0, 32)}"`

export interface Conditions {
  readonly match: Tags | undefined
  readonly noneMatch: Tags | undefined
}

type Tags = "*" | ReadonlyArray<Tag>
interface Tag {
  readonly isWeak: boolean
  /** With its quotation marks. */
  readonly text: string
}

/** Fails where a condition cannot be read: to write without it would be worse. */
export const conditionsOf = (headers: Headers): Effect.Effect<Conditions, Refused> =>
  Effect.gen(function* () {
    return { match: yield* tagsOf(headers, "If-Match"), noneMatch: yield* tagsOf(headers, "If-None-Match") }
  })

const tagsOf = (headers: Headers, name: string): Effect.Effect<Tags | undefined, Refused> => {
  const values = headers.filter(([given]) => given.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
  if (values.length === 0) return Effect.succeed(undefined)
  const text = values.join(",").trim()
  if (text === "*") return Effect.succeed("*")
  if (!listOfTags.test(text)) {
    return Effect.fail(refused("request-invalid", `${name} is neither * nor a list of ETags in quotation marks.`))
  }
  return Effect.succeed(
    Array.from(text.matchAll(oneTag), ([, weak, tag]) => ({ isWeak: weak !== undefined, text: tag! })),
  )
}

/** RFC 9110, 8.8.3. */
const tagForm = String.raw`(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"`
const listOfTags = new RegExp(`^[\\s,]*${tagForm}(?:\\s*,[\\s,]*${tagForm})*[\\s,]*$`, "u")
const oneTag = /(W\/)?("[\x21\x23-\x7e\x80-\xff]*")/gu

/** A weak ETag stands for no one rule: `If-Match` takes none, `If-None-Match` any (RFC 9110, 13.1). */
const isAmong = (tags: Tags, etag: string | undefined, takesWeak: boolean): boolean =>
  etag !== undefined && (tags === "*" || tags.some(({ isWeak, text }) => text === etag && (takesWeak || !isWeak)))

export const isKnown = ({ noneMatch }: Conditions, etag: string): boolean =>
  noneMatch !== undefined && isAmong(noneMatch, etag, true)

/** The answer where the condition does not hold; else whether there is such a rule, as far as that was looked at. */
export type Held = { readonly answer: HttpResponse } | { readonly before?: "absent" | "present" }

/** Reads the rule where a condition asks for it, after the policy's word on the write. */
export const held = (
  asked: AskedOfRule,
  { match, noneMatch }: Conditions,
  write: Call["operation"],
): Effect.Effect<Held, Refused | TransportError | ConfigError | AnswerError> =>
  Effect.gen(function* () {
    if (match === undefined && noneMatch === undefined) return {}
    const { door: { policy, told }, principal, at, id } = asked
    const decision = decide(policy, principal, requestOf(at.bucket, write))
    if (!decision.isAllowed) return yield* denied(`no grant of ${principal.name} allows this ${decision.part}`)
    const read = { _tag: "GetBucketInventory", id } as const
    if (!decide(policy, principal, requestOf(at.bucket, read)).isAllowed) return yield* readNeeded
    const current = yield* found(asked)
    if (Result.isFailure(current) && !isMissingRule(current.failure)) return yield* Effect.fail(current.failure)
    const etag = Result.isFailure(current) ? undefined : etagOf(current.success.configuration)
    const own: Headers = etag === undefined ? [] : [["ETag", etag]]
    const changed = (detail: string): Held => {
      told.code = "changed"
      return { answer: problemAnswer({ kind: "changed", detail, requestId: told.callId }, own) }
    }
    if (match !== undefined && !isAmong(match, etag, false)) {
      return changed(etag === undefined ? "There is no such rule." : "The rule has another ETag than If-Match names.")
    }
    if (noneMatch !== undefined && isAmong(noneMatch, etag, true)) {
      return changed(
        noneMatch === "*" ? "There is such a rule already." : "The rule has an ETag that If-None-Match names.",
      )
    }
    return { before: etag === undefined ? "absent" : "present" }
  })

const readNeeded = Effect.fail(
  refused("read-needed", "The condition needs the rule to be read, which this principal may not.", [], "denied"),
)
