/** What can be known of one request. Each fact is worked out when it is first asked for, so that no order is built in. */
import * as Result from "effect/Result"
import { hostOf, type HttpRequest } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import { type Finding, lint } from "../../core/lint/mod.ts"
import type { Hashes } from "../../core/ports.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import { type Secret, type SignKeyOf, type Verified, verify, type VerifyFailure } from "../../core/signing/mod.ts"
import { readConfiguration } from "../../core/wire/configuration.ts"
import { type Asked, readOperation } from "../../core/wire/operations.ts"
import { completeConfiguration, completeJob, type Reading } from "../../core/wire/reading.ts"
import { readTarget } from "../../core/wire/target.ts"
import { readText } from "../../core/wire/text.ts"
import type { XmlProblem } from "../../core/wire/xml/mod.ts"
import { type Place, placeOf } from "./place.ts"
import type { State } from "./state.ts"

export interface Settings {
  readonly keys: ReadonlyMap<string, Secret>
  readonly verifySignatures: boolean
  readonly defaultBucket: string | undefined
  readonly hashes: Hashes
  readonly signKeyOf: SignKeyOf
}

export interface Facts {
  readonly request: HttpRequest
  readonly settings: Settings
  readonly state: State
  /** Epoch milliseconds. */
  readonly now: number
  readonly place: () => Place
  readonly parameter: (name: string) => string | undefined
  /** Undefined where signatures are not looked at. */
  readonly verified: () => Result.Result<Verified, VerifyFailure> | undefined
  readonly asked: () => Asked
  /** The body of a PUT or POST. */
  readonly reading: () => Result.Result<Reading, XmlProblem>
  readonly findings: () => ReadonlyArray<Finding>
  readonly configuration: () => Result.Result<InventoryConfiguration, unknown>
  readonly job: () => Result.Result<InventoryJob, unknown>
  /** Host and path without scheme, as COS names a resource. */
  readonly resource: () => string
}

export const factsOf = (settings: Settings, state: State, request: HttpRequest, now: number): Facts => {
  const target = once(() => readTarget(request.target))
  const place = once(() => placeOf(request, state, settings.defaultBucket))
  const asked = once(() => askedOf(request, place(), parameter("marker")))
  const parameter = (name: string) => target().parameters.find(([n]) => n === name)?.[1]
  const reading = once(() => Result.flatMap(readText(request.body, maxDocumentBytes), readConfiguration))
  return {
    request,
    settings,
    state,
    now,
    place,
    parameter,
    verified: once(() =>
      settings.verifySignatures
        ? verify(request, {
          secretKeyOf: (id) => settings.keys.get(id),
          now: Math.floor(now / 1000),
          hashes: settings.hashes,
          signKeyOf: settings.signKeyOf,
        })
        : undefined
    ),
    asked,
    reading,
    findings: once(() => {
      const at = place()
      return Result.match(reading(), {
        onFailure: () => [],
        onSuccess: (read) =>
          lint(read, {
            kind: asked()._tag === "PostBucketInventory" ? "job" : "configuration",
            ...(at._tag === "Bucket" ? { region: at.bucket.region } : {}),
          }),
      })
    }),
    configuration: once(() => Result.flatMap(reading(), ({ draft }) => completeConfiguration(draft))),
    job: once(() => Result.flatMap(reading(), ({ draft }) => completeJob(draft))),
    resource: () => `${hostOf(request)}${target().path === "/" ? "" : target().path}`,
  }
}

/** A sub-resource of an object is none of a bucket's. */
const askedOf = (request: HttpRequest, place: Place, marker: string | undefined): Asked =>
  place._tag === "Service"
    ? { _tag: "GetService", ...(marker === undefined || marker === "" ? {} : { marker }) }
    : place._tag === "Bucket" && place.path !== "/"
    ? { _tag: "Unknown", name: place.path }
    : readOperation(request)

const once = <A>(compute: () => A): () => A => {
  let kept: { readonly value: A } | undefined
  return () => (kept ??= { value: compute() }).value
}
