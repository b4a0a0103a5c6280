/** A whole local COS behind a socket, asked by hand-written HTTP that is signed where the test says so. */
import { strict as assert } from "node:assert"
import * as net from "node:net"
import { after } from "node:test"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/node.ts"
import { appOf, type LocalCosOptions, localKey, openLocalCos } from "../adapters/local.ts"
import type { Cos, Key } from "../adapters/memory/mod.ts"
import { codes } from "../core/codes.ts"
import type { Headers } from "../core/http.ts"
import { keyOfText, textOfKey } from "../core/key.ts"
import { maxListBytes } from "../core/limits.ts"
import { keyTimeAt, presign, sign, type Signer } from "../core/signing/mod.ts"
import { readText } from "../core/wire/text.ts"
import { childrenNamed, localName, readXml, textOf } from "../core/wire/xml/mod.ts"
import { listen } from "../http/listen.ts"
import { type Readable, readable } from "./reply.ts"

export const bucket = "examplebucket-1250000000"
export const hostOfBucket = `${bucket}.cos.ap-guangzhou.myqcloud.com`
/** Of the server itself, which names no bucket. */
export const localHost = "127.0.0.1"
export const temporaryKey: Key = {
  secretId: "AKIDtemporary",
  secretKey: "temporary-secret",
  sessionToken: "a-very-secret-token",
}

/** One local COS for a file, opened when it is first wanted. */
export const local = (options: LocalCosOptions = {}): () => Promise<World> => {
  let begun: Promise<World> | undefined
  let server: Fiber.Fiber<unknown, unknown> | undefined
  after(async () => {
    if (server !== undefined) await Effect.runPromise(Fiber.interrupt(server))
  })
  return () =>
    begun ??= new Promise((resolve, reject) => {
      const program = Effect.gen(function* () {
        const cos = yield* openLocalCos({ keys: [localKey, temporaryKey], ...options })
        const { port } = yield* listen({ app: yield* appOf(cos, {}, cos), graceMillis: 0 })
        resolve({ cos, port, ask: (asked) => ask(port, asked) })
        return yield* Effect.never
      })
      server = Effect.runFork(Effect.onError(Effect.scoped(program), (cause) => Effect.sync(() => reject(cause))))
    })
}

export interface World {
  readonly cos: Cos
  readonly port: number
  /** Asks on a connection of its own, and holds the answer to what every answer must be. */
  readonly ask: (asked: Asked) => Promise<Reply>
}

export interface Asked {
  readonly method?: string
  /** As it is to stand in the request line; Latin-1, as is all text here. */
  readonly target?: string
  readonly host?: string
  readonly headers?: Headers
  readonly body?: string | Uint8Array
  /** Undefined for the length of the body as Content-Length, else what stands in its place. */
  readonly framing?: "none" | "chunked"
  /** Undefined for a signature of the default key in the header. */
  readonly signature?: Signature | "none"
}

export interface Signature {
  readonly key?: Key
  /** Epoch seconds. */
  readonly now?: number
  readonly lifetimeSeconds?: number
  /** What is signed in place of what is sent. */
  readonly of?: Pick<Asked, "method" | "target" | "host" | "headers">
  readonly form?: "header" | "query" | "merged"
  readonly signed?: Pick<Signer, "headers" | "parameters">
}

export interface Reply extends Readable {
  /** One character for each byte; `text` is the same as UTF-8. */
  readonly body: string
}

const ask = async (port: number, asked: Asked): Promise<Reply> => {
  const reply = replyOf(await exchanged(port, written(asked)))
  wellFormed(reply, asked)
  return reply
}

/** The bytes of a request. */
export const written = (asked: Asked): Uint8Array => {
  const { method = "GET", host = hostOfBucket, headers = [], framing } = asked
  const body = typeof asked.body === "string" ? Buffer.from(asked.body, "latin1") : asked.body ?? new Uint8Array()
  const { target, carried } = signed(asked, body)
  const lines = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: close",
    ...[...headers, ...carried].map(([name, value]) => `${name}: ${value}`),
    ...(framing === "chunked"
      ? ["Transfer-Encoding: chunked"]
      : framing === "none" || (body.byteLength === 0 && method !== "PUT" && method !== "POST")
      ? []
      : [`Content-Length: ${body.byteLength}`]),
  ]
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1")
  return Buffer.concat(framing === "chunked" ? [head, ...chunksOf(body)] : [head, body])
}

const chunksOf = (body: Uint8Array): ReadonlyArray<Uint8Array> => [
  ...(body.byteLength === 0 ? [] : [Buffer.from(`${body.byteLength.toString(16)}\r\n`), body, Buffer.from("\r\n")]),
  Buffer.from("0\r\n\r\n"),
]

/** The target, and the headers that a signature brings. */
const signed = (asked: Asked, body: Uint8Array): { readonly target: string; readonly carried: Headers } => {
  const { target: sent = "/", signature = {} } = asked
  if (signature === "none") return { target: sent, carried: [] }
  const { key = localKey as Key, form = "header", of, lifetimeSeconds = 900, now = Math.floor(Date.now() / 1000) } =
    signature
  const { method = "GET", target = "/", host = hostOfBucket, headers = [] } = { ...asked, ...of }
  const token: Headers = key.sessionToken === undefined ? [] : [["x-cos-security-token", key.sessionToken]]
  const request = {
    method,
    origin: `http://${host}`,
    target,
    headers: [...headers, ...(form === "header" ? token : [])].map(([name, value]) =>
      // A client signs text, and sends its UTF-8
      [name, textOfKey(value) ?? value] as const
    ),
    body,
  }
  const signer = {
    secretId: key.secretId,
    secretKey: key.secretKey,
    keyTime: keyTimeAt(now, { lifetimeSeconds }),
    hashes,
    headers: ["host", ...request.headers.map(([name]) => name)],
    ...signature.signed,
  }
  if (form === "header") return { target: sent, carried: [...token, ["Authorization", sign(request, signer)]] }
  const query = presign(request, signer, {
    form,
    ...(key.sessionToken === undefined ? {} : { sessionToken: key.sessionToken }),
  }).target.slice(target.length + 1)
  return { target: `${sent}${sent.includes("?") ? "&" : "?"}${query}`, carried: [] }
}

/** Writes bytes to a fresh connection and reads until the server closes it. */
export const exchanged = (port: number, bytes: Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    const chunks: Array<Buffer> = []
    const socket = net.connect(port, "127.0.0.1", () => socket.write(bytes))
    socket.on("data", (chunk: Buffer) => chunks.push(chunk))
    socket.on("error", () => {})
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")))
  })

export const replyOf = (answer: string): Reply => {
  const at = answer.indexOf("\r\n\r\n")
  const [line = "", ...fields] = answer.slice(0, Math.max(at, 0)).split("\r\n")
  const headers = fields.map((field) => {
    const colon = field.indexOf(":")
    return [field.slice(0, colon), field.slice(colon + 1).trim()] as const
  })
  const body = answer.slice(at + 4)
  const text = Buffer.from(body, "latin1").toString("utf8")
  return { ...readable(Number(/^HTTP\/1\.1 (\d{3})/u.exec(line)?.[1]), headers, text), body }
}

/** What holds of every answer of COS, whatever was asked. */
export const wellFormed = (reply: Reply, { method = "GET", target = "/", headers: sent = [] }: Asked): void => {
  const { status, headers, body, text } = reply
  const what = `${method} ${JSON.stringify(target)} ${JSON.stringify(sent)}\n${status} ${
    JSON.stringify(headers)
  }\n${text}`
  assert.ok(status >= 200 && status < 600, `no whole answer: ${what}`)
  const ids = headers.filter(([name]) => name.toLowerCase() === "x-cos-request-id")
  assert.equal(ids.length, 1, what)
  assert.match(ids[0]![1], /^[A-Za-z0-9+/]+=*$/u, what)
  const all = JSON.stringify(headers) + text
  for (const { secretKey, sessionToken } of [localKey, temporaryKey] as ReadonlyArray<Key>) {
    for (const secret of [secretKey, sessionToken]) assert.ok(secret === undefined || !all.includes(secret), what)
  }
  const isBodiless = method === "HEAD" || status === 204 || status === 304
  if (isBodiless) assert.equal(body, "", what)
  else assert.equal(reply.header("content-length"), String(body.length), what)
  if (status < 400) {
    const isObject = reply.header("etag") !== undefined || body === ""
    return isObject ? undefined : assert.ok(Result.isSuccess(documentIn(reply)), what)
  }
  const statuses = Object.values(codes).map((code) => code.status)
  assert.ok(statuses.includes(status) && status !== 500, what)
  if (isBodiless) return
  assert.equal(reply.header("content-type"), "application/xml", what)
  const read = documentIn(reply)
  assert.ok(Result.isSuccess(read), what)
  const { root } = read.success
  assert.equal(localName(root.tagName), "Error", what)
  const [code] = childrenNamed(root, "Code").map(textOf)
  assert.notEqual(code, "InternalError", what)
  assert.equal(codes[code!]?.status, status, what)
  assert.deepEqual(childrenNamed(root, "RequestId").map(textOf), [ids[0]![1]], what)
}

const documentIn = ({ body }: Reply) => Result.flatMap(readText(Buffer.from(body, "latin1"), maxListBytes), readXml)

/** The refusal that a test expects; its status is held to the table of codes already. */
export const refused = (reply: Reply, code: string): void => assert.equal(reply.code, code, reply.text)

/** Latin-1 text whose bytes are the UTF-8 of this text. */
export const utf8 = (text: string): string => keyOfText(text)

export const md5Of = (body: string): string => hashes.md5Base64(Buffer.from(body, "latin1"))
