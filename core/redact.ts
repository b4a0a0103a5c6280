/** What may be shown of a request or an answer: everything but secrets, signatures and tokens. */
import { type Headers, type HttpRequest, type HttpResponse } from "./http.ts"
import { percentDecode } from "./wire/target.ts"

export const mask = "****"

/** A request that may be shown; it is not one that could be sent. */
export const redactRequest = (request: HttpRequest): HttpRequest => ({
  ...request,
  origin: withoutUser(request.origin),
  target: redactTarget(request.target),
  headers: redactHeaders(request.headers),
})

/** A URL without the user and password it may hold; everything up to its last `@`, since a password may hold anything. */
export const withoutUser = (url: string): string => url.replace(/^([a-z][a-z0-9+.-]*:\/\/).*@/isu, `$1${mask}@`)

/** An answer that may be shown, but for its body: see {@link redactText}. */
export const redactResponse = (response: HttpResponse): HttpResponse => ({
  ...response,
  headers: redactHeaders(response.headers),
})

export const redactHeaders = (headers: Headers): Headers =>
  headers.map(([name, value]) => [name, redactHeader(name.toLowerCase(), value)])

/** A presigned target says who signed and for how long, but can no longer be used. */
export const redactTarget = (target: string): string => {
  const at = target.indexOf("?")
  if (at < 0) return target
  const query = target.slice(at + 1).split("&").map((pair) => {
    const equals = pair.indexOf("=")
    if (equals < 0) return pair
    const name = pair.slice(0, equals)
    const plain = percentDecode(name).toLowerCase()
    if (plain === "q-ak") return `${name}=${maskId(pair.slice(equals + 1))}`
    return secretParameter.test(plain) ? `${name}=${mask}` : pair
  })
  return `${target.slice(0, at)}?${query.join("&")}`
}

/** Free text, such as the body of an answer that quotes the request it refuses. */
export const redactText = (text: string): string =>
  text
    .replace(/(q-signature(?:=|%3D|"\s*:\s*"))[^&\s"'<%]+/giu, `$1${mask}`)
    .replace(/(security-token\s*[=:]\s*|session-?token"?\s*[=:]\s*"?)[^&\s"'<]+/giu, `$1${mask}`)
    .replace(/([?&]sign=)[^&\s"'<]+/giu, `$1${mask}`)
    .replace(/(bearer\s+)[\w.~+/-]+=*/giu, `$1${mask}`)
    .replace(/AKID[\w-]+/gu, `AKID${mask}`)

/** Of a secret id the well-known start is shown, so that one can tell a key of Tencent Cloud from something else. */
export const maskId = (id: string): string => id.startsWith("AKID") ? `AKID${mask}` : mask

/** Characters that steer a terminal or turn the order of its letters, and that JSON and YAML leave as they are. */
const steering = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu

export const holdsSteering = (text: string): boolean => text.search(steering) >= 0

/** Text inside double quotation marks, of JSON or YAML, that says the same without steering anything. */
export const escapeSteering = (quoted: string): string =>
  quoted.replace(steering, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Neither a server nor a file may send control sequences to a terminal, nor turn the order of its letters. */
export const printable = (text: string): string =>
  text.replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)

/** The same for a table or a log, where a line is one thing. */
export const oneLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t")

/** `sign` is the whole authorization in one parameter, as the Go and Node SDKs presign. */
const secretParameter = /^(?:q-signature|sign|signature|token|access_token|.*-security-token|.*-signature|.*secret.*)$/u

/** The customer key of SSE-C travels in a header. */
const secretHeader =
  /^(?:.*security-token|.*customer-key|cookie|set-cookie|x-api-key|cf-access-.*|.*secret.*|.*-jwt.*)$/u

const redactHeader = (name: string, value: string): string => {
  if (name === "authorization" || name === "proxy-authorization") return redactAuthorization(value)
  if (name === "location" || name === "referer") return redactTarget(value)
  return secretHeader.test(name) ? mask : value
}

/** `q-sign-algorithm=sha1&q-ak=...` keeps its readable parts; of every other scheme only the name stays. */
const redactAuthorization = (value: string): string => {
  if (/^q-[a-z-]+=/u.test(value)) return redactTarget(`?${value}`).slice(1)
  const scheme = /^[A-Za-z][\w-]*(?= )/u.exec(value)?.[0]
  return scheme === undefined ? mask : `${scheme} ${mask}`
}
