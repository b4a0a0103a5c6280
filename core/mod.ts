/**
 * The library: bucket inventory for Tencent Cloud COS as values, and a client over two ports.
 *
 * @example
 * ```ts
 * import { Effect, type Layer, Stream } from "effect"
 * import { type Hashing, listInventories, type Transport } from "cos-inventory"
 *
 * // Put together from the adapters, as the README shows
 * declare const cos: Layer.Layer<Transport | Hashing>
 * const rules = listInventories({ bucket: "examplebucket-1250000000", region: "ap-guangzhou" })
 * console.log(await Effect.runPromise(Stream.runCollect(rules).pipe(Effect.provide(cos))))
 * ```
 */
export { type ApplyOptions, applyPlan, type Ledger, makeLedger, type Refused } from "./apply.ts"
export {
  type BucketName,
  type BucketRef,
  type BucketResource,
  expandDestination,
  parseBucket,
  parseResource,
  writeResource,
} from "./bucket.ts"
export {
  type CallError,
  changeInventory,
  deleteInventory,
  getInventory,
  listBuckets,
  type Listing,
  listing,
  listInventories,
  listPages,
  putInventory,
  putInventoryAsIs,
  replaceInventory,
  type Run,
  runInventory,
} from "./client.ts"
export { type Code, codeOf, codes, type Reason } from "./codes.ts"
export { type Change, changeText, diff } from "./diff.ts"
export {
  type Address,
  bucketAddress,
  type BucketAt,
  defaultEndpoint,
  serviceAddress,
  serviceEndpoint,
} from "./endpoint.ts"
export {
  ConfigError,
  CosError,
  type CosInventoryError,
  InvalidInput,
  TransportError,
  type TransportKind,
  UnexpectedAnswer,
} from "./errors.ts"
export { type Headers, type HttpRequest, type HttpResponse } from "./http.ts"
export * as limits from "./limits.ts"
export { type Context, type Finding, isError, lint, type Position } from "./lint/mod.ts"
export { manifestKey, type ReportLocation, reportLocation } from "./location.ts"
export {
  type Answer,
  type BucketPlan,
  type BucketResult,
  type BucketState,
  type Counts,
  countsOf,
  type Desired,
  isPending,
  isWrite,
  phasesOf,
  type Plan,
  plan,
  type PlanOptions,
  type PlanReading,
  readPlan,
  resultOf,
  type Step,
  type Write,
  writePlan,
  type WriteResult,
} from "./plan/mod.ts"
export { type Credential, Credentials, type Hashes, Hashing, type Send, Transport } from "./ports.ts"
export {
  Destination,
  type Draft,
  Extra,
  Filter,
  InventoryConfiguration,
  InventoryJob,
  type Kind,
  Period,
  Schedule,
  Tag,
} from "./rule.ts"
export * as signing from "./signing/mod.ts"
export { type AnswerError, type ListAnswer, type RuleAnswer } from "./wire/answers.ts"
export { readConfiguration, writeConfiguration } from "./wire/configuration.ts"
export { documentVersion, readValueRules, readXmlRules } from "./wire/document.ts"
export { readJson, type Source, writeJson } from "./wire/json.ts"
export { type Asked, type Operation, readOperation, writeRequest } from "./wire/operations.ts"
export { completeConfiguration, completeJob, type Reading, readingOf } from "./wire/reading.ts"
export { type BucketEntry } from "./wire/service.ts"
export { type XmlProblem } from "./wire/xml/mod.ts"
export {
  bareRuleSet,
  type Entry,
  isRuleSet,
  type Managed,
  readRuleSet,
  type RuleSet,
  type Selector,
  type Target,
  targetsOf,
  type Wanted,
} from "./ruleset/mod.ts"
export { rulesSchema } from "./schema.ts"
