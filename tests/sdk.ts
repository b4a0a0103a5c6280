/** Tencent's own Node SDK, a client this project did not write: what it signs and sends is what COS is known to take. */
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

/** The SDK's `getAuthorization` with every input named, as `sdk/util.js` reads them. */
export interface Authorise {
  readonly SecretId: string
  readonly SecretKey: string
  /** `<start>;<end>`; the SDK's own clock when absent. */
  readonly KeyTime?: string
  readonly Method: string
  /** Decoded path with its leading slash. */
  readonly Pathname: string
  readonly Query: Readonly<Record<string, string>>
  readonly Headers: Readonly<Record<string, string>>
}

/** A client's operations take one record and a callback: `client.getBucketInventory(parameters, (error, data) => ...)`. */
export type Client = Readonly<
  Record<
    string,
    (parameters: Readonly<Record<string, unknown>>, callback: (error: unknown, data: unknown) => void) => unknown
  >
>

interface Sdk {
  new (options: Readonly<Record<string, unknown>>): Client
  readonly getAuthorization: (options: Authorise) => string
}

const require = createRequire(import.meta.url)

/**
 * These dependencies of the SDK offer `require` an ES module that imports its own CommonJS twin, which Deno 2.9.6
 * cannot load. Their CommonJS file is put where `require` will look.
 */
for (const name of ["async-function", "generator-function", "async-generator-function"]) {
  const entry = require.resolve(name)
  if (!entry.endsWith(".mjs")) continue
  const plain = join(dirname(entry), "legacy.js")
  require(plain)
  require.cache[entry] = require.cache[plain]
}

export const Cos: Sdk = require("cos-nodejs-sdk-v5")
