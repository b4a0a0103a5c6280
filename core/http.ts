/**
 * A request and an answer as plain values. Operations are written to and read from these on both sides of the wire,
 * signing and verifying are functions over them, and only adapters turn them into traffic.
 */

/** Repeated names are allowed and keep their order; names compare without case. */
export type Headers = ReadonlyArray<readonly [name: string, value: string]>

/** One request as it goes over the wire; signed once it carries its signature. */
export interface HttpRequest {
  readonly method: string
  /** Scheme, host and port, such as `https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com`. */
  readonly origin: string
  /** Path and query exactly as sent (origin form), such as `/?inventory&id=list1`; written by `core/wire/target.ts`. */
  readonly target: string
  readonly headers: Headers
  readonly body: Uint8Array
}

/** One whole answer, of any status; an answer that did not arrive whole is a TransportError. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
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
export const hostOf = (request: HttpRequest): string =>
  header(request.headers, "host") ?? request.origin.slice(request.origin.indexOf("://") + 3)
