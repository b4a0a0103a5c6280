/** What can be known of one request. Each fact is worked out when it is first asked for, so that no order is built in. */
import * as Result from "effect/Result"
import { header, hostOf, type HttpRequest } from "../../core/http.ts"
import { type Key, keyOfRaw } from "../../core/key.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import { type Finding, lint } from "../../core/lint/mod.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import type { InventoryConfiguration, InventoryJob } from "../../core/rule.ts"
import {
  isSignatureParameter,
  type Secret,
  type SignKeyOf,
  type Verified,
  verify,
  type VerifyFailure,
} from "../../core/signing/mod.ts"
import { readConfiguration } from "../../core/wire/configuration.ts"
import { completeConfiguration, completeJob, type Reading } from "../../core/wire/reading.ts"
import { readTarget } from "../../core/wire/target.ts"
import { readText } from "../../core/wire/text.ts"
import type { XmlProblem } from "../../core/wire/xml/mod.ts"
import { headerText } from "./header-text.ts"
import type { Operation } from "./operation.ts"
import { type Asking, operationOf } from "./operations.ts"
import { type Place, placeOf } from "./place.ts"
import type { Bucket, Reader, Stored } from "../store/mod.ts"

export interface Settings {
  readonly keys: ReadonlyMap<string, Secret>
  readonly verifySignatures: boolean
  readonly defaultBucket: string | undefined
  /** Of buckets that are created at a host that names none. */
  readonly region: string
  /** UIN of who owns what is created. */
  readonly owner: string
  readonly hashes: Hashes
  readonly signKeyOf: SignKeyOf
  /** The greatest LIST page there is now, for one operation; it may be less than COS's, by a fault. */
  readonly pageSize: (operation: string, most: number) => number
}

export interface Times {
  /** Epoch milliseconds by which signatures are judged. */
  readonly real: number
  /** Epoch milliseconds of the local COS's own clock, by which things are dated. */
  readonly now: number
}

/** The body of a request, as far as its operation takes one in. */
export interface Taken {
  /** Whole, of an operation that reads a document. */
  readonly document: Uint8Array
  /** Of an operation that stores one. */
  readonly stored?: Stored
}

export interface Facts extends Times, Taken {
  readonly request: HttpRequest<Body>
  readonly settings: Settings
  readonly store: Reader
  readonly place: () => Place
  readonly asking: () => Asking
  readonly operation: () => Operation | undefined
  /** The bucket there is; only after the check for it. */
  readonly bucket: () => Bucket
  readonly key: () => Key
  readonly parameter: (name: string) => string | undefined
  readonly header: (name: string) => string | undefined
  /** Undefined where signatures are not looked at. */
  readonly verified: () => Result.Result<Verified, VerifyFailure> | undefined
  /** Of an inventory operation. */
  readonly id: () => string
  /** The rule or job that a document holds. */
  readonly reading: () => Result.Result<Reading, XmlProblem>
  readonly findings: () => ReadonlyArray<Finding>
  readonly configuration: () => Result.Result<InventoryConfiguration, unknown>
  readonly job: () => Result.Result<InventoryJob, unknown>
  /** The greatest page of a list that COS gives. */
  readonly pageSize: (most: number) => number
  /** Host and path without scheme, as COS names a resource. */
  readonly resource: () => string
}

export const factsOf = (
  settings: Settings,
  store: Reader,
  request: HttpRequest<Body>,
  times: Times,
  taken: Taken = { document: request.body instanceof Uint8Array ? request.body : new Uint8Array() },
): Facts => {
  const target = once(() => readTarget(request.target))
  const place = once(() => placeOf(request, store, settings.defaultBucket))
  const parameter = (name: string) => target().parameters.find(([n]) => n === name)?.[1]
  const asking = once((): Asking => ({
    method: request.method,
    at: levelOf(place()),
    parameters: target().parameters.filter(([name, value]) => !isSignatureParameter(name, value)),
    hasHeader: (name) => header(request.headers, name) !== undefined,
  }))
  const operation = once(() => operationOf(asking()))
  const reading = once(() => Result.flatMap(readText(taken.document, maxDocumentBytes), readConfiguration))
  return {
    ...times,
    ...taken,
    request,
    settings,
    store,
    place,
    asking,
    operation,
    bucket: () => {
      const at = place()
      if (at._tag !== "Bucket") throw new Error("A request for no bucket passed the checks")
      return at.bucket
    },
    key: once(() => {
      const at = place()
      return at._tag === "Service" ? "" : keyOfRaw(at.path.slice(1))
    }),
    parameter,
    header: (name) => header(request.headers, name),
    verified: once(() =>
      settings.verifySignatures
        ? verify({ ...request, headers: request.headers.map(([name, value]) => [name, headerText(value)]) }, {
          secretKeyOf: (id) => settings.keys.get(id),
          now: Math.floor(times.real / 1000),
          hashes: settings.hashes,
          signKeyOf: settings.signKeyOf,
        })
        : undefined
    ),
    // The PHP SDK puts with a capital Id (Service.php:1058)
    id: () => parameter("id") ?? parameter("Id") ?? "",
    reading,
    findings: once(() => {
      const at = place()
      return Result.match(reading(), {
        onFailure: () => [],
        onSuccess: (read) =>
          lint(read, {
            kind: request.method === "POST" ? "job" : "configuration",
            ...(at._tag === "Bucket" ? { region: at.bucket.region } : {}),
          }),
      })
    }),
    configuration: once(() => Result.flatMap(reading(), ({ draft }) => completeConfiguration(draft))),
    job: once(() => Result.flatMap(reading(), ({ draft }) => completeJob(draft))),
    pageSize: (most) => settings.pageSize(operation()?.name ?? "", most),
    resource: () => `${hostOf(request)}${target().path === "/" ? "" : target().path}`,
  }
}

const levelOf = (place: Place): Operation["at"] =>
  place._tag === "Service" ? "Service" : place.path === "/" ? "Bucket" : "Object"

const once = <A>(compute: () => A): () => A => {
  let kept: { readonly value: A } | undefined
  return () => (kept ??= { value: compute() }).value
}
