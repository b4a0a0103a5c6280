/**
 * A request and an answer as plain values. Operations are written to and read from these on both sides of the wire,
 * signing and verifying are functions over them, and only adapters turn them into traffic.
 */

/** Repeated names are allowed and keep their order; names compare without case. */
export type Headers = ReadonlyArray<readonly [name: string, value: string]>

/** What signing has to know of a body: its length, where that is known before it is read. */
export interface Measured {
  readonly length?: number
}

/**
 * One request as it goes over the wire; signed once it carries its signature.
 *
 * The inventory operations have whole bodies, and so have whatever signs, repeats or records them; a server of objects
 * takes a `Body` (`core/ports.ts`), which may be a stream. The type says which.
 */
export interface HttpRequest<B = Uint8Array> {
  readonly method: string
  /** Scheme, host and port, such as `https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com`. */
  readonly origin: string
  /** Path and query exactly as sent (origin form), such as `/?inventory&id=list1`; written by `core/wire/target.ts`. */
  readonly target: string
  readonly headers: Headers
  readonly body: B
}

/** One answer, of any status. A body of bytes is whole: one that did not arrive so is a TransportError. */
export interface HttpResponse<B = Uint8Array> {
  readonly status: number
  readonly headers: Headers
  readonly body: B
  /** An earlier attempt of the same request may have reached the server, so this answer may be about a repeat. */
  readonly repeated?: boolean
}

export const noBody: Uint8Array = new Uint8Array(0)

/** The first value of a header, or undefined. */
export const header = (headers: Headers, name: string): string | undefined => {
  const wanted = name.toLowerCase()
  return headers.find(([n]) => n.toLowerCase() === wanted)?.[1]
}

/** The host a request is for: its `Host` header as received, else the one its origin makes a client send. */
export const hostOf = (request: Pick<HttpRequest, "headers" | "origin">): string =>
  header(request.headers, "host") ?? request.origin.slice(request.origin.indexOf("://") + 3)
