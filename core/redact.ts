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
export const redactText = (text: string): string => {
  const masked = (_: string, before: string, mark = "") => before + mark + mask
  return text
    .replace(secretPair, masked)
    .replace(encodedPair, masked)
    .replace(secretElement, `$1${mask}`)
    .replace(/AKID[\w-]+/gu, `AKID${mask}`)
    .replace(proxyToken, tokenPrefix + mask)
}

/** How bearer tokens of the proxy begin, so that they are known for what they are wherever they stand. */
export const tokenPrefix = "cosinv_"
const proxyToken = new RegExp(`${tokenPrefix}[\\w-]+`, "gu")

/**
 * A value with every text in it redacted, for before it is written as JSON or YAML: what is masked afterwards may take
 * the end of a quotation with it.
 */
export const redactValue = (value: unknown): unknown => {
  if (typeof value === "string") return redactText(value)
  if (typeof value !== "object" || value === null) return value
  return Array.isArray(value) ? value.map(redactValue) : redactFields(value)
}

export const redactFields = (fields: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, inner]) => [
      name,
      typeof inner === "string" && secretMember.test(name) ? mask : redactValue(inner),
    ]),
  )

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
  text
    .replace(/[^\P{C}\n\t]|[\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`)
    .replace(commandStart, "$1\\u{3a}")
    .replace(/##(?=(?:vso)?\[)/giu, "#\\u{23}")

/**
 * A line of a log can be a command to whoever keeps the log: GitHub's begins with `::name::`, its older ones and those
 * of Azure hold `##[` or `##vso[` anywhere.
 */
const commandStart = /^([^\S\n]*):(?=:[^\n]*::)/gmu

/** The same for a table or a log, where a line is one thing. */
export const oneLine = (text: string): string => printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t")

/** What a server or a file says, in one line and without secrets. */
export const quotedLine = (text: string): string => oneLine(redactText(text))

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

/** A quotation mark as it stands in text, in JSON within JSON, in XML and in a URL. */
const mark = String.raw`(?:\\*["'\x60]|&(?:quot|apos|#34|#39);|%2[27])`
const nameEnd = String.raw`(?:${mark}|[\u2018-\u201f])`

/** No word of prose. A continuation token is no secret: it says where a list goes on. */
const longName = String
  .raw`(?:(?<=[\w-])(?<!continuation[_-]?)(?:token|secret|signature)|(?:secret|customer|api)[_-]?(?:access[_-]?)?key(?!-md5))[\w-]{0,32}`
/** A word of prose too, unless it is quoted, or an equals sign, a quoted or a long value follows. */
const shortName = String.raw`(?:(?<![\w-])|(?<=%[\dA-F]{2}))(?:token|secret|signature|sign|bearer)`
/** `Bearer` and what follows, but for words that people write behind it. */
const bearer = String
  .raw`\bbearer(?:\s+|%20)(?!(?:tokens?|auth|authentication|authorization|credentials?|keys?|scheme|realm|headers?|of|and|or|is|was|has|in|to|for|with|must)(?![\w~+/-]|\.\w))`

/** The mark that ends a value is the one that began it; without one, its line ends it. */
const pairs = (equals: string, colon: string, bare: string): RegExp =>
  new RegExp(
    String
      .raw`(${longName}${nameEnd}?\s*(?:${equals}|${colon})\s*|${shortName}(?:${nameEnd}?\s*${equals}\s*|${nameEnd}\s*${colon}\s*|\s*${colon}\s*(?=${mark}|[\w.~+/=-]{16}))|${bearer})` +
      String.raw`(?:(${mark})(?:(?!\2)(?:\\+[^\n]?|[^\\\n]))+|(?!\.{3}(?!\w))${bare})`,
    "giu",
  )

const secretPair = pairs("(?:=>|=)", ":", String.raw`(?:[^&\s"'\x60<>\\]|\\(?!\\*["'\x60]))+`)
const encodedPair = pairs("%3D", "%3A", String.raw`(?:[^&\s"'\x60<>\\%]|%(?!2[267]))+`)
const secretElement =
  /((?:<|&lt;)[\w:-]{0,64}(?:(?<!continuation[_-]?)token|secret|signature|(?:customer|api)[_-]?key)[\w-]{0,32}(?:>|&gt;)(?:<!\[CDATA\[)?)[^<&]+/giu

const secretMember = /(?:(?<!continuation[_-]?)token|secret|secret[_-]?(?:access[_-]?)?key|signature)$/iu
