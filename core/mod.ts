/**
 * The library: bucket inventory for Tencent Cloud COS as values, and a client over two ports.
 *
 * @example
 * ```ts
 * import { Effect, Layer, Stream } from "effect"
 * import { listInventories } from "cos-inventory"
 * ```
 */
export {
  type BucketName,
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
  listInventories,
  listPages,
  putInventory,
  replaceInventory,
  type Run,
  runInventory,
} from "./client.ts"
export { type Code, codeOf, codes, type Reason } from "./codes.ts"
export { type Change, diff } from "./diff.ts"
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
  UnexpectedAnswer,
} from "./errors.ts"
export { type Headers, type HttpRequest, type HttpResponse } from "./http.ts"
export * as limits from "./limits.ts"
export { type Context, type Finding, isError, lint, type Position } from "./lint/mod.ts"
export { manifestKey, type ReportLocation, reportLocation } from "./location.ts"
export { type Credential, Credentials, type Hashes, Hashing, type Send, Transport } from "./ports.ts"
export { Destination, type Draft, Filter, InventoryConfiguration, InventoryJob, Period, Schedule, Tag } from "./rule.ts"
export * as signing from "./signing/mod.ts"
export { readConfiguration, writeConfiguration } from "./wire/configuration.ts"
export { documentVersion, readValueRules, readXmlRules } from "./wire/document.ts"
export { readJson, type Source, writeJson } from "./wire/json.ts"
export { type Asked, type Operation, readOperation, writeRequest } from "./wire/operations.ts"
export { completeConfiguration, completeJob, type Reading, readingOf } from "./wire/reading.ts"
export { type BucketEntry } from "./wire/service.ts"
