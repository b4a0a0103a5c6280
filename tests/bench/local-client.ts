/** Signed requests to a local COS through plain `node:http`, on connections that stay open. */
import { Agent, type IncomingMessage, request as open } from "node:http"
import { hashes } from "../../adapters/hashes/node.ts"
import { localKey } from "../../adapters/local.ts"
import { keyTimeAt, sign } from "../../core/signing/mod.ts"

export interface Signed {
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  /** Repeated until the announced length is sent. */
  readonly body: Uint8Array
}

/** A request that may be sent for a quarter of an hour, as often as one likes. */
export const signed = (
  origin: string,
  method: string,
  target: string,
  body = new Uint8Array(),
  length = body.length,
): Signed => {
  const headers = { "content-type": "application/octet-stream", "content-length": String(length) }
  const authorization = sign({ method, origin, target, headers: Object.entries(headers), body }, {
    ...localKey,
    keyTime: keyTimeAt(Math.floor(Date.now() / 1000)),
    hashes,
  })
  return { method, target, headers: { ...headers, authorization }, body }
}

export interface Client {
  /** The bytes of the answer's body; fails where the answer is a refusal. */
  readonly send: (request: Signed) => Promise<number>
  readonly close: () => void
}

export const clientOf = (origin: string, connections: number): Client => {
  const { hostname, port } = new URL(origin)
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return {
    send: ({ method, target, headers, body }) =>
      new Promise((resolve, reject) => {
        const outgoing = open({ agent, hostname, port, method, path: target, headers }, (incoming) => {
          taken(incoming).then(resolve, (error: Error) => reject(new Error(`${method} ${target}: ${error.message}`)))
        })
        outgoing.once("error", reject)
        let left = Number(headers["content-length"])
        const more = () => {
          while (left > body.length) {
            left -= body.length
            if (!outgoing.write(body)) return void outgoing.once("drain", more)
          }
          outgoing.end(body.subarray(0, left))
        }
        more()
      }),
    close: () => agent.destroy(),
  }
}

const taken = (incoming: IncomingMessage): Promise<number> =>
  new Promise((resolve, reject) => {
    const { statusCode: status = 0 } = incoming
    let bytes = 0
    let refusal = ""
    incoming.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length
      if (status >= 300) refusal += new TextDecoder().decode(chunk)
    })
    incoming.once("error", reject)
    incoming.once("end", () => status < 300 ? resolve(bytes) : reject(new Error(`${status} ${refusal}`)))
  })
