/**
 * The client: each operation of bucket inventory as an Effect over the Transport port.
 *
 * The one file of the core that uses services. What it sends is unsigned; a Transport decorator signs it.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { bucketAddress, type BucketAt, serviceAddress } from "./endpoint.ts"
import { type ConfigError, CosError, InvalidInput, type TransportError, UnexpectedAnswer } from "./errors.ts"
import type { HttpRequest, HttpResponse } from "./http.ts"
import { type Finding, isError } from "./lint/finding.ts"
import { broughtIn, type Context, isForgivable, lint } from "./lint/mod.ts"
import { makeNext, type Page } from "./paging.ts"
import { type Hashes, Hashing, Transport } from "./ports.ts"
import type { InventoryConfiguration, InventoryJob, Kind } from "./rule.ts"
import { explainMismatch, stages, withoutToken } from "./signing/mod.ts"
import {
  type AnswerError,
  type ListAnswer,
  readDeleted,
  readDone,
  readListAnswer,
  readRuleAnswer,
  readRun,
  readServiceAnswer,
  type RuleAnswer,
  type Run,
} from "./wire/answers.ts"
import { type Operation, writeRequest } from "./wire/operations.ts"
import { readingOf } from "./wire/reading.ts"
import type { BucketEntry } from "./wire/service.ts"

export { isMissingRule, type Run } from "./wire/answers.ts"

export type CallError = InvalidInput | ConfigError | TransportError | AnswerError
type Call<A> = Effect.Effect<A, CallError, Transport | Hashing>

/** Reads one rule. A missing one fails with a CosError of reason `not-found`. */
export const getInventory = (at: BucketAt, id: string): Call<RuleAnswer> =>
  call(at, { _tag: "GetBucketInventory", id }, (response) => readRuleAnswer(response, id))

/** Creates or replaces a rule. It is judged first: findings of severity error fail as InvalidInput, unsent. */
export const putInventory = (at: BucketAt, configuration: InventoryConfiguration): Call<void> =>
  Effect.andThen(
    judge(configuration, { kind: "configuration", region: at.region }),
    call(at, { _tag: "PutBucketInventory", configuration }, readDone),
  )

/** Deletes a rule; that it is not there is no failure. */
export const deleteInventory = (at: BucketAt, id: string): Call<"deleted" | "absent"> =>
  call(at, { _tag: "DeleteBucketInventory", id }, readDeleted)

/** Runs a one-time job. */
export const runInventory = (at: BucketAt, job: InventoryJob): Call<Run> =>
  Effect.andThen(
    judge(job, { kind: "job", region: at.region }),
    call(at, { _tag: "PostBucketInventory", job }, readRun),
  )

/** All pages of LIST, in creation order (observed: python ut/test.py:1841). */
export const listPages = (at: BucketAt): Stream.Stream<ListAnswer, CallError, Transport | Hashing> =>
  paginate((token: string | undefined) =>
    Effect.map(
      call(
        at,
        { _tag: "ListBucketInventory", ...(token === undefined ? {} : { continuationToken: token }) },
        readListAnswer,
      ),
      (page) => ({ item: page, page }),
    )
  )

/** All rules of a bucket, page by page. */
export const listInventories = (at: BucketAt): Stream.Stream<InventoryConfiguration, CallError, Transport | Hashing> =>
  Stream.flatMap(listPages(at), (page) => Stream.fromIterable(page.configurations))

/** The same as one list, each id once: a list that changes while its pages are read may bring a rule twice. */
export const allInventories = (at: BucketAt): Call<ReadonlyArray<InventoryConfiguration>> =>
  Effect.map(listing(at), ({ rules }) => rules)

/** What LIST shows of a bucket. */
export interface Listing {
  readonly rules: ReadonlyArray<InventoryConfiguration>
  /** Globs over the ids that are shown, where a proxy does not show every rule: of others nothing is known. */
  readonly listedIds?: ReadonlyArray<string>
}

/** All rules as {@link allInventories} has them, and whether they are all there are. */
export const listing = (at: BucketAt): Call<Listing> =>
  Effect.map(Stream.runCollect(listPages(at)), (pages) => {
    const rules = pages.flatMap(({ configurations }) => configurations)
    const listedIds = listedIdsOf(pages)
    return {
      rules: [...new Map(rules.map((rule) => [rule.id, rule])).values()],
      ...(listedIds === undefined ? {} : { listedIds }),
    }
  })

/** One page in part is a list in part; a policy may change between two pages, and what both show is shown. */
export const listedIdsOf = (
  pages: ReadonlyArray<Pick<ListAnswer, "listedIds">>,
): ReadonlyArray<string> | undefined => {
  const parts = pages.flatMap(({ listedIds }) => listedIds === undefined ? [] : [new Set(listedIds)])
  return parts.length === 0
    ? undefined
    : [...parts.reduce((both, part) => new Set([...both].filter((glob) => part.has(glob))))]
}

/** The account's buckets, each name once, from COS's service host or from the endpoint. */
export const listBuckets = (
  at: { readonly endpoint?: string; readonly region?: string },
): Stream.Stream<BucketEntry, CallError, Transport | Hashing> =>
  Stream.suspend(() => {
    const seen = new Set<string>()
    const isNew = ({ name }: BucketEntry) => seen.size < seen.add(name).size
    return Stream.flatMap(
      paginate((marker: string | undefined) =>
        Effect.map(
          send(
            { _tag: "GetService", ...(marker === undefined ? {} : { marker }) },
            serviceAddress(at),
            readServiceAnswer,
          ),
          ({ buckets, isTruncated, nextMarker }) => ({
            item: buckets.filter(isNew),
            page: { isTruncated, ...(nextMarker === undefined ? {} : { nextContinuationToken: nextMarker }) },
          }),
        )
      ),
      Stream.fromIterable,
    )
  })

/**
 * Reads a rule, changes it and writes it back. COS has no conditional write, so a change made by somebody else between
 * the two is lost. Only findings that the change itself brings in are refused: a rule that COS holds may be odd.
 */
export const changeInventory = (
  at: BucketAt,
  id: string,
  change: (before: InventoryConfiguration) => InventoryConfiguration,
): Call<{ readonly before: InventoryConfiguration; readonly after: InventoryConfiguration }> =>
  Effect.gen(function* () {
    const { configuration: before } = yield* getInventory(at, id)
    const after = change(before)
    yield* replaceInventory(at, after, before)
    return { before, after }
  })

/** Writes a rule over one that was read, refusing only the findings that `before` does not have. */
export const replaceInventory = (
  at: BucketAt,
  after: InventoryConfiguration,
  before: InventoryConfiguration,
): Call<void> => replacing(at, after, before, () => true)

/**
 * Writes a rule although it may be said to be wrong: COS judges what it means. What is never forgiven is refused all the
 * same, unless the rule that it is written over has it: that something would be lost, which may widen a filter.
 */
export const putInventoryAsIs = (
  at: BucketAt,
  after: InventoryConfiguration,
  before?: InventoryConfiguration,
): Call<void> => replacing(at, after, before, (finding) => !isForgivable(finding))

const replacing = (
  at: BucketAt,
  after: InventoryConfiguration,
  before: InventoryConfiguration | undefined,
  counts: (finding: Finding) => boolean,
): Call<void> => {
  if (before !== undefined && after.id !== before.id) return Effect.fail(movedId(before.id, after.id))
  const context: Context = { kind: "configuration", region: at.region }
  const known = before === undefined ? [] : errorsOf(before, context)
  const brought = broughtIn(known, errorsOf(after, context)).filter(counts)
  return brought.length > 0
    ? Effect.fail(new InvalidInput({ findings: brought }))
    : call(at, { _tag: "PutBucketInventory", configuration: after }, readDone)
}

/** A PUT under another id would replace another rule, which nobody has read. */
const movedId = (from: string, to: string): InvalidInput =>
  new InvalidInput({
    findings: [{
      code: "id-changed",
      severity: "error",
      path: "id",
      message: "The change gives the rule another id",
      found: to,
      allowed: from,
      fix: "Put a new rule, and delete the old one",
      source: "page 30625: a PUT replaces the rule of its id",
    }],
  })

const errorsOf = (rule: InventoryConfiguration | InventoryJob, context: Context): ReadonlyArray<Finding> =>
  lint(readingOf(rule), context).filter(isError)

const judge = (rule: InventoryConfiguration | InventoryJob, context: Context & { readonly kind: Kind }) =>
  Effect.suspend(() => {
    const findings = errorsOf(rule, context)
    return findings.length === 0 ? Effect.void : Effect.fail(new InvalidInput({ findings }))
  })

const call = <A>(at: BucketAt, operation: Operation, read: (response: HttpResponse) => Result.Result<A, AnswerError>) =>
  send(operation, bucketAddress(at), read)

const send = <A>(
  operation: Operation,
  address: ReturnType<typeof bucketAddress>,
  read: (response: HttpResponse) => Result.Result<A, AnswerError>,
): Call<A> =>
  Effect.gen(function* () {
    const transport = yield* Transport
    const hashes = yield* Hashing
    const request = yield* Effect.fromResult(Result.flatMap(address, (a) => writeRequest(operation, a, hashes)))
    const answer = read(yield* transport.send(request))
    return yield* Effect.fromResult(Result.mapError(answer, (error) => explained(error, request, hashes)))
  })

/** Holds the server's FormatString against ours, which does not depend on the key or the time. Its token is masked. */
const explained = (error: AnswerError, request: HttpRequest, hashes: Hashes): AnswerError => {
  if (error._tag !== "CosError" || error.signature === undefined) return error
  const { serverFormatString, serverStringToSign } = error.signature
  const { httpString } = stages(request, { secretId: "", signKey: "", keyTime: { start: 0, end: 0 }, hashes })
  const difference = serverFormatString === undefined ? undefined : explainMismatch(httpString, serverFormatString)
  const { code, status, reason, retryable, serverMessage, resource, requestId, traceId, retryAfterSeconds, repeated } =
    error
  return new CosError({
    code,
    status,
    reason,
    retryable,
    serverMessage,
    ...(resource === undefined ? {} : { resource }),
    ...(requestId === undefined ? {} : { requestId }),
    ...(traceId === undefined ? {} : { traceId }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(repeated === undefined ? {} : { repeated }),
    signature: {
      ...(serverStringToSign === undefined ? {} : { serverStringToSign }),
      ...(serverFormatString === undefined ? {} : { serverFormatString: withoutToken(serverFormatString) }),
      ...(difference === undefined ? {} : { difference }),
    },
  })
}

interface Paged<A> {
  readonly item: A
  readonly page: Page
}

const paginate = <A, E, R>(
  fetchPage: (token: string | undefined) => Effect.Effect<Paged<A>, E, R>,
): Stream.Stream<A, E | UnexpectedAnswer, R> =>
  Stream.suspend(() => {
    const next = makeNext()
    return Stream.paginate(undefined as string | undefined, (token) =>
      Effect.flatMap(fetchPage(token), ({ item, page }) =>
        Effect.fromResult(
          Result.map(next(page), (token) =>
            [[item], token === undefined ? Option.none() : Option.some<string | undefined>(token)] as const),
        )))
  })
