/** What the JSON door answers. */
import * as Effect from "effect/Effect"
import { type ConfigError, TransportError } from "../../../core/errors.ts"
import { header, type Headers, type HttpResponse } from "../../../core/http.ts"
import { actions } from "../../../core/policy/mod.ts"
import type { Hashes } from "../../../core/ports.ts"
import type { Authenticate } from "../../policy/authenticate.ts"
import { foresee } from "../../policy/authorise.ts"
import { Refused } from "../../policy/call.ts"
import { problemAnswer } from "../document.ts"
import type { AtDoor } from "../door.ts"
import { problemKinds } from "../problems.ts"
import { tellCaller } from "../told.ts"
import { type Answered, type Asked, type AskedOfBucket, type AskedOfRule, placeIn, refused } from "./asked.ts"
import { buckets } from "./buckets.ts"
import { refusalAnswer } from "./found.ts"
import { lint } from "./lint.ts"
import { type Match, matchOf } from "./match.ts"
import { plan } from "./plan.ts"
import { type RouteName, routeOf } from "./routes.ts"
import { get, list, put, remove, run } from "./rules.ts"

export interface JsonOptions {
  readonly authenticate: Authenticate["authenticate"]
  readonly hashes: Hashes
}

export const answered = (
  { authenticate, hashes }: JsonOptions,
  door: AtDoor,
): Effect.Effect<HttpResponse, Refused | TransportError | ConfigError> =>
  Effect.gen(function* () {
    const { request, policy, told } = door
    const match = matchOf(request.method, request.target)
    if (match._tag !== "Route") return elsewhere(match, door)
    const route = routeOf(match.name)
    told.operation = route.operation
    if (match.bucket !== undefined) told.bucket = match.bucket
    if (match.id !== undefined) told.id = match.id
    const { findings } = match
    const malformed = findings.length === 0 ? Effect.void : refused("request-invalid", findings[0]!.message, findings)
    if (route.isOpen === true) {
      yield* malformed
      return yield* open(match.name)
    }
    const caller = yield* Effect.mapError(
      authenticate(policy, request),
      (error) => nobody(error, request.headers),
    )
    const { principal } = caller
    tellCaller(told, caller)
    yield* door.charge({ policy, principal })
    yield* malformed
    return yield* closed(match, { door, principal, hashes, query: match.query }).pipe(
      Effect.catchTags({
        CosError: (error) => Effect.succeed(refusalAnswer(error, told)),
        UnexpectedAnswer: ({ problem }) => untrusted(problem),
      }),
    )
  })

/** COS has no word for what is wrong with a token. */
const nobody = (error: Refused | TransportError, headers: Headers): Refused => {
  const isLost = error._tag === "TransportError"
  if (!isLost && !/^\s*bearer +\S/iu.test(header(headers, "authorization") ?? "")) return error
  const code = isLost ? "keys-unreachable" : "token-unknown"
  return new Refused({
    outcome: "unauthenticated",
    refusal: { code, message: problemKinds[code].about },
    why: isLost ? error.message : error.why,
  })
}

/** Somebody between may have answered. `perform` tells the like of it so. */
const untrusted = (detail: string) =>
  Effect.fail(new TransportError({ kind: "other", sent: "maybe", host: "COS", detail }))

/** Nobody needs to be known to be told that a path or a method is none: the table of routes is no secret. */
const elsewhere = (match: Exclude<Match, { readonly _tag: "Route" }>, { request, told }: AtDoor): HttpResponse => {
  told.operation = "other"
  if (match._tag === "Nothing") return said(told, "path-unknown")
  const allow = [["Allow", match.allowed.join(", ")]] as const
  return request.method === "OPTIONS"
    ? { status: 204, headers: allow, body: new Uint8Array(0) }
    : said(told, "method-unknown", allow)
}

const said = (
  told: AtDoor["told"],
  kind: "path-unknown" | "method-unknown",
  headers: HttpResponse["headers"] = [],
): HttpResponse => {
  told.outcome = "invalid"
  told.code = kind
  return problemAnswer({ kind, requestId: told.callId }, headers)
}

/** Loaded when somebody looks: a proxy that starts at the edge for one request should not read them. */
const open = (name: RouteName): Effect.Effect<HttpResponse> =>
  name === "docs"
    ? Effect.map(Effect.promise(() => import("./docs.ts")), ({ docsAnswer }) => docsAnswer())
    : Effect.map(Effect.promise(() => import("./openapi.ts")), ({ openApiAnswer }) => openApiAnswer())

/** Whoever would be denied is denied before the body is read. */
const closed = (match: Extract<Match, { readonly _tag: "Route" }>, asked: Asked): Answered =>
  Effect.gen(function* () {
    const { name, bucket, id } = match
    if (bucket === undefined) return yield* ofNone[name]?.(asked) ?? nowhere()
    const { door, principal } = asked
    const at = yield* Effect.fromResult(placeIn(door, bucket))
    const action = actions.find((one) => one === routeOf(name).operation)
    if (action === undefined) return yield* nowhere()
    yield* foresee(door.policy, principal, { bucket, action, ...(id === undefined ? {} : { id }) })
    return yield* (id === undefined ? ofBucket[name]?.({ ...asked, at }) : ofRule[name]?.({ ...asked, at, id })) ??
      nowhere()
  })

type Handlers<A> = { readonly [name in RouteName]?: (asked: A) => Answered }

const ofNone: Handlers<Asked> = {
  listBuckets: buckets,
  lint,
  plan,
}
const ofBucket: Handlers<AskedOfBucket> = { listInventories: list }
const ofRule: Handlers<AskedOfRule> = {
  getInventory: get,
  putInventory: put,
  deleteInventory: remove,
  runInventory: run,
}

const nowhere = (): Answered => Effect.fail(refused("path-unknown", "There is nothing at this path."))
