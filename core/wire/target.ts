/**
 * The one percent-encoder. The same text is signed and sent: anything that re-encodes a target after signing
 * (`new URL`, `Request.url`) would break the signature, so the raw text is what travels in `HttpRequest.target`.
 */

/** A query parameter. An undefined value is written as a bare name (`?inventory`), which signs like `inventory=`. */
export type Parameter = readonly [name: string, value: string | undefined]

export interface Target {
  /** Decoded path, such as `/腾讯云.txt`. */
  readonly path: string
  /** Decoded parameters in the order sent; repeated names stay. */
  readonly parameters: ReadonlyArray<readonly [name: string, value: string]>
}

/** What `encodeURIComponent` leaves and COS does not; looked for first, since most text has none of it. */
const hasReserved = /[!'()*]/
const reserved = /[!'()*]/g
const escapeReserved = (c: string): string => "%" + c.charCodeAt(0).toString(16).toUpperCase()

/**
 * UTF-8 percent-encoding with upper-case hex. Unreserved are exactly `A-Za-z0-9-_.~`
 * (request signature, documentation page 7778). A lone surrogate, which UTF-8 cannot carry, becomes U+FFFD.
 */
export const percentEncode = (text: string): string => {
  const encoded = encodeURIComponent(text.toWellFormed())
  return hasReserved.test(encoded) ? encoded.replace(reserved, escapeReserved) : encoded
}

/** Decodes percent-escapes; an escape that is malformed or not UTF-8 stays as it was sent, so nothing is lost. */
export const percentDecode = (text: string): string => {
  if (!text.includes("%")) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text.replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
      try {
        return decodeURIComponent(run)
      } catch {
        return run
      }
    })
  }
}

/** Origin-form text from a decoded path and decoded parameters. */
export const writeTarget = (path: string, parameters: ReadonlyArray<Parameter> = []): string => {
  const query = parameters.map(([name, value]) =>
    value === undefined ? percentEncode(name) : `${percentEncode(name)}=${percentEncode(value)}`
  ).join("&")
  const encoded = path.split("/").map(percentEncode).join("/")
  return query === "" ? encoded : `${encoded}?${query}`
}

/** Reads origin-form text. `+` in a query is a space: some clients send it so while they sign `%20`. */
export const readTarget = (target: string): Target => {
  const at = target.indexOf("?")
  if (at < 0) return { path: percentDecode(target), parameters: [] }
  const parameters: Array<readonly [string, string]> = []
  for (const pair of target.slice(at + 1).split("&")) {
    if (pair === "") continue
    const equals = pair.indexOf("=")
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = equals < 0 ? "" : pair.slice(equals + 1)
    parameters.push([decodeQuery(name), decodeQuery(value)])
  }
  return { path: percentDecode(target.slice(0, at)), parameters }
}

const decodeQuery = (text: string): string => percentDecode(text.includes("+") ? text.replaceAll("+", " ") : text)
