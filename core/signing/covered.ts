/** What of a request can be signed, as the items that `canonical.ts` writes. */
import { hostOf, type HttpRequest, type Measured } from "../http.ts"
import { mask } from "../redact.ts"
import { type Item, itemOf, nameOf } from "./canonical.ts"

export const tokenName = "x-cos-security-token"

/**
 * Every header that reaches the server except `authorization`, which holds the signature, and with the two that an HTTP
 * client adds by itself: `host`, and `content-length` for a body. Repeated headers stay.
 */
export const headerItems = (request: HttpRequest<Measured>): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  let host = false
  // A body of unknown length goes in chunks, and has no such header
  let length = request.body.length === undefined || request.body.length === 0
  for (const [given, value] of request.headers) {
    const name = nameOf(given)
    if (name === "authorization") continue
    if (name === "host") host = true
    if (name === "content-length") length = true
    items.push({ name, value: trimmed(value) })
  }
  if (!host) items.push({ name: "host", value: hostOf(request) })
  if (!length) items.push({ name: "content-length", value: String(request.body.length) })
  return items
}

/** A parameter without a name cannot be told from none in a list of names, so it is never signed. */
export const parameterItems = (
  parameters: ReadonlyArray<readonly [name: string, value: string]>,
): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  for (const [name, value] of parameters) if (name !== "") items.push(itemOf(name, value))
  return items
}

/**
 * The headers to sign: those of the names given, else those that say what is asked for and that nothing on the way may
 * change. A bucket in strict signature mode wants `content-type` and `content-length` signed (coscli issue 88).
 * Never `date`, which is left to proxies.
 */
export const headersToSign = (items: ReadonlyArray<Item>, names: ReadonlyArray<string> | undefined) =>
  named(items, names, signedByDefault).filter(({ name }) => name !== "date")

/** The parameters to sign: those of the names given, else all. */
export const parametersToSign = (items: ReadonlyArray<Item>, names: ReadonlyArray<string> | undefined) =>
  named(items, names, () => true)

const named = (
  items: ReadonlyArray<Item>,
  names: ReadonlyArray<string> | undefined,
  otherwise: (name: string) => boolean,
): ReadonlyArray<Item> => {
  const wanted = names === undefined ? undefined : new Set(names.map(nameOf))
  return items.filter(({ name }) => wanted === undefined ? otherwise(name) : wanted.has(name))
}

const signedByDefault = (name: string): boolean =>
  name === "host" || name === "content-type" || name === "content-length" || name === "content-md5" ||
  name.startsWith("x-cos-")

/** HTTP clients drop white space around a value, so the server never sees it. */
const trimmed = (value: string): string =>
  isSpace(value.charCodeAt(0)) || isSpace(value.charCodeAt(value.length - 1)) ? value.replace(edges, "") : value
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09
const edges = /^[\t ]+|[\t ]+$/g

/**
 * Text of a signing stage without the session token in it.
 *
 * A signed token stands in `HttpString` in clear, on our side and in what the server sends back, and must not be shown.
 */
export const withoutToken = (stage: string): string => stage.replace(tokenPair, `$1${mask}`)
const tokenPair = /((?:^|[&\n])x-cos-security-token=)[^&\n]*/g
