/** Requests that `fetch` would send otherwise than they were signed. */
import { header, type HttpRequest } from "../core/http.ts"

/**
 * Why a request cannot be sent exactly as it is, or undefined when it can.
 *
 * **Details**
 *
 * The URL parser inside `fetch` drops a fragment, resolves `.` and `..` (also as `%2e`), turns `\` into `/` and encodes
 * what it holds to be unsafe; Bun also folds leading slashes into one, and Node drops a `?` with nothing behind it. The
 * rule here is the narrowest of the three, so that a request goes out alike everywhere or nowhere. Deno and Node also
 * refuse the ports of other protocols, with words that do not say so.
 */
export const unsendable = (request: HttpRequest): string | undefined =>
  originProblem(request.origin) ?? targetProblem(request.target) ?? hostProblem(request) ?? headerProblem(request) ??
    bodyProblem(request)

const originProblem = (origin: string): string | undefined => {
  const url = URL.canParse(origin) ? new URL(origin) : undefined
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return "Not sent, because its origin is not http://<host> or https://<host>"
  }
  // A default port, upper case or `127.1` would be signed as written, but another Host would be sent.
  if (url.origin !== origin) return `Not sent, because its origin must be written "${url.origin}"`
  return url.port !== "" && badPorts.has(Number(url.port))
    ? `Not sent, because port ${url.port} belongs to another protocol, so that fetch blocks it`
    : undefined
}

/** Section 2.9 of the fetch standard, "Port blocking", https://fetch.spec.whatwg.org/#port-blocking. */
// deno-fmt-ignore
const badPorts: ReadonlySet<number> = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110,
  111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532,
  540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061,
  6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
])

/** What RFC 3986 allows in a path and a query, without `'`, which is rewritten in a query. */
const sendable = /^\/[\w\-.~%!$&()*+,;=:@/]*(?:\?[\w\-.~%!$&()*+,;=:@/?]+)?$/
const dotSegment = /\/(?:\.|%2e){1,2}(?=[/?]|$)/iu

const targetProblem = (target: string): string | undefined => {
  if (!target.startsWith("/")) return "Not sent, because its target does not begin with a slash"
  if (target.startsWith("//")) return 'Not sent, because its path begins with "//", which HTTP clients fold into "/"'
  if (dotSegment.test(target.split("?", 1)[0]!)) {
    return 'Not sent, because its path has a "." or ".." segment, which HTTP clients resolve'
  }
  return sendable.test(target)
    ? undefined
    : "Not sent, because its target has characters that HTTP clients rewrite: percent-encode them before signing"
}

const hostProblem = ({ headers, origin }: HttpRequest): string | undefined => {
  const host = header(headers, "host")
  return host === undefined || host === origin.slice(origin.indexOf("://") + 3)
    ? undefined
    : "Not sent, because its Host header names another host than its origin"
}

/** A token of RFC 9110, section 5.6.2. */
const fieldName = /^[\w!#$%&'*+\-.^`|~]+$/
/** Beyond ASCII the runtimes disagree on the bytes. */
const fieldValue = /^[\t\x20-\x7e]*$/
/** Refused or dropped by one runtime or another; they belong to a connection, not to a request. */
const hopByHop = /^(?:connection|expect|keep-alive|te|trailer|transfer-encoding|upgrade)$/iu

const headerProblem = ({ headers }: HttpRequest): string | undefined => {
  for (const [name, value] of headers) {
    if (!fieldName.test(name)) return "Not sent, because a header's name has characters that HTTP does not allow"
    if (!fieldValue.test(value)) {
      return `Not sent, because its header "${name}" has characters other than printable ASCII`
    }
    if (hopByHop.test(name)) return `Not sent, because its header "${name}" is the connection's, not the request's`
  }
}

const bodyProblem = ({ body, headers, method }: HttpRequest): string | undefined => {
  if (body.length > 0 && (method === "GET" || method === "HEAD")) {
    return `Not sent, because ${method} carries no body`
  }
  // With an empty body only these two have a Content-Length on every runtime.
  const length = body.length > 0 || method === "PUT" || method === "POST" ? String(body.length) : undefined
  const claimed = header(headers, "content-length")
  return claimed === undefined || claimed === length
    ? undefined
    : `Not sent, because its Content-Length is ${claimed}, and its body of ${body.length} bytes goes out ${
      length === undefined ? "without one" : `as ${length}`
    }`
}
