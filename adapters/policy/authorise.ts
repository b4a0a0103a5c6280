/** The policy's word on every call: what it does not allow goes no further. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { TransportError } from "../../core/errors.ts"
import type { HttpResponse } from "../../core/http.ts"
import { maxListBytes } from "../../core/limits.ts"
import {
  decide,
  isListed,
  listedGlobs,
  listsAll,
  type Part,
  type Policy,
  type Principal,
  type Request,
  requestOf,
} from "../../core/policy/mod.ts"
import { refusals } from "../../core/signing/mod.ts"
import { listedIds, writeListedIds } from "../../core/wire/listed-ids.ts"
import { narrowList } from "../../core/wire/narrow-list.ts"
import { readText } from "../../core/wire/text.ts"
import { type Call, type Performing, Refused } from "./call.ts"

/** A LIST shows those rules alone whose ids the principal may know of, each as COS wrote it, and says which they are. */
export const make = (inner: Performing): Performing => ({
  perform: (call) => {
    const { policy, principal, at, operation } = call
    const decision = decide(policy, principal, requestOf(at.bucket, operation))
    if (!decision.isAllowed) return Effect.fail(deniedPart(principal, decision.part))
    const stranger = strangerOf(call)
    if (stranger !== undefined) return Effect.fail(denied(stranger))
    const answer = inner.perform(call)
    return operation._tag === "ListBucketInventory" && !listsAll(principal, at.bucket)
      ? Effect.flatMap(answer, (response) => Effect.fromResult(narrowed(response, call)))
      : answer
  },
})

/**
 * The policy's word before a rule is read, so that whoever would be denied learns nothing by what is found wrong with
 * the request, and no body is taken in for nothing. The destination is not known yet; an empty id is no id.
 */
export const foresee = (policy: Policy, principal: Principal, request: Request): Effect.Effect<void, Refused> => {
  const decision = decide(policy, principal, request)
  return decision.isAllowed || decision.part === "destination" || (decision.part === "id" && request.id === "")
    ? Effect.void
    : Effect.fail(deniedPart(principal, decision.part))
}

/** As COS says it of a request without a right (captured: cos-nodejs-sdk-v5 issue 29), and no word of why. */
export const denied = (why: string): Refused => new Refused({ outcome: "denied", refusal: refusals.Missing, why })

const deniedPart = ({ name }: Principal, part: Part): Refused => denied(`no grant of ${name} allows this ${part}`)

/** Elements that nobody here understands, in a rule that would be sent. */
const strangerOf = ({ policy, operation }: Call): string | undefined => {
  const rule = operation._tag === "PutBucketInventory"
    ? operation.configuration
    : operation._tag === "PostBucketInventory"
    ? operation.job
    : undefined
  const extra = rule?.extra ?? []
  if (extra.length > 0 && !policy.accept.has("unknown-elements")) return "the rule holds an element that is not known"
  return extra.some(({ in: place, xml }) => inDestination.has(place) || namesDestination.test(xml))
    ? "the rule holds an unknown element that may name another destination"
    : undefined
}
/** What is judged by a list of its own must not be said in words that the list does not know. */
const inDestination: ReadonlySet<string> = new Set(["/Destination", "/Destination/COSBucketDestination"])
const namesDestination = /<(?:[^\s<>/:]*:)?(?:[\w.-]*destination|bucket)[\s/>]/iu

const narrowed = (response: HttpResponse, { principal, at }: Call): Result.Result<HttpResponse, TransportError> => {
  if (response.status !== 200) return Result.succeed(response)
  const list = Result.flatMap(
    readText(response.body, maxListBytes),
    (text) => narrowList(text, (id) => isListed(principal, at.bucket, id)),
  )
  return Result.mapBoth(list, {
    onFailure: ({ message }) =>
      new TransportError({ kind: "other", sent: "maybe", host: at.bucket, detail: `COS's list: ${message}` }),
    onSuccess: (xml) => {
      const body = new TextEncoder().encode(xml)
      const others = response.headers.filter(([name]) => name.toLowerCase() !== "content-length")
      const shown = writeListedIds(listedGlobs(principal, at.bucket))
      return {
        ...response,
        headers: [...others, ["Content-Length", String(body.byteLength)], [listedIds, shown]],
        body,
      }
    },
  })
}
