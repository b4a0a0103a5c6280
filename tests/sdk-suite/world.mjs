/**
 * What every step of the SDK suite begins with: a client, a bucket, and bytes that are the same on every run.
 *
 * Plain JavaScript, so that Node 20 runs it as it is.
 */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { join } from "node:path"

/**
 * `Ip` brings the SDK to the server and keeps COS's own host in the request; `Domain` replaces that host, as links need
 * that anything else opens.
 */
export const makeWorld = ({ Cos, origin, key, bucket, region, folder }) => {
  const address = origin.slice(origin.indexOf("://") + 3)
  const credentials = { SecretId: key.secretId, SecretKey: key.secretKey }
  // The SDK keeps the ids of uploads in a file, to go on with them
  const settings = { ...credentials, Protocol: "http:", ConfCwd: folder }
  const client = (options = {}) => new Cos({ ...settings, Ip: address, ...options })
  const at = { Bucket: bucket, Region: region }
  const cos = client()
  return {
    cos,
    at,
    client,
    /** Without a bucket in the host, so that the server's default bucket is meant. */
    linking: (options = {}) => new Cos({ ...settings, Domain: address, ...options }),
    address,
    file: (name) => join(folder, name),
    /** A bucket of its own, empty. */
    bucket: async (name) => {
      const own = { Bucket: `${name}-1250000000`, Region: region }
      await cos.putBucket(own)
      return own
    },
    put: (key, body, rest = {}) => cos.putObject({ ...at, Key: key, Body: body, ...rest }),
    get: (key, rest = {}) => cos.getObject({ ...at, Key: key, ...rest }),
    head: (key, rest = {}) => cos.headObject({ ...at, Key: key, ...rest }),
    /** As a copy names its source: host and path, percent-encoded. */
    source: (key, of = at) => `${of.Bucket}.cos.${of.Region}.myqcloud.com/${encodeURIComponent(key)}`,
  }
}

/** What an operation was refused with. */
export const refused = async (promise) => {
  const error = await promise.then(() => undefined, (error) => error)
  assert.ok(error !== undefined, "Nothing was refused")
  return [error.statusCode, error.code]
}

export const md5 = (body) => createHash("md5").update(body).digest()
export const etag = (body) => `"${md5(body).toString("hex")}"`
export const contentMd5 = (body) => md5(body).toString("base64")

/** Bytes without a pattern that a wrong offset could hide behind. */
export const bytes = (length, seed = 1) => {
  const out = Buffer.allocUnsafe(length)
  let state = seed
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    out[at] = state >>> 24
  }
  return out
}

/** CRC-64/XZ, which COS calls crc64ecma, in two halves of 32 bits. */
export const crc64 = (body) => {
  let [high, low] = [0xffffffff, 0xffffffff]
  for (const byte of body) {
    const { high: tableHigh, low: tableLow } = table[(low ^ byte) & 0xff]
    low = ((low >>> 8) | (high << 24)) ^ tableLow
    high = (high >>> 8) ^ tableHigh
  }
  return ((BigInt(~high >>> 0) << 32n) | BigInt(~low >>> 0)).toString()
}

const polynomial = 0xc96c5795d7870f42n
const table = Array.from({ length: 256 }, (_, byte) => {
  let value = BigInt(byte)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ ((value & 1n) === 1n ? polynomial : 0n)
  return { high: Number(value >> 32n) | 0, low: Number(value & 0xffffffffn) | 0 }
})
