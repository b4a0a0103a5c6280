/** What a failed `fetch` means; every runtime says it in its own way. */
import { TransportError, type TransportKind } from "../core/errors.ts"

/**
 * The TransportError for what `fetch` or a body's reader threw.
 *
 * The runtime's own message is read, but never repeated: it holds the URL, and so the signature of a presigned one.
 * `sent` is "no" only where the connection or its TLS handshake is known not to have been completed.
 */
export const failureOf = (cause: unknown, stage: "head" | "body", host: string, received = 0): TransportError => {
  const { codes, text, connecting } = signsOf(cause)
  const fail = (kind: TransportKind, sent: "no" | "maybe", detail: string) =>
    new TransportError({ kind, sent, host, detail })
  const has = (pattern: RegExp) => codes.some((code) => pattern.test(code))
  const code = codes[0] === undefined ? "" : ` (${codes[0]})`

  if (has(/^(?:UND_ERR_(?:HEADERS|BODY)_TIMEOUT|TimeoutError)$/u)) {
    return fail("timeout", "maybe", "The server fell silent")
  }
  if (stage === "body") {
    return has(/^(?:Z_|ERR__ERROR_FORMAT|Zlib|Brotli|Zstd)/u)
      ? fail("other", "maybe", "The answer's content-encoding cannot be read")
      : fail("cut", "maybe", `The answer broke off after ${received} bytes`)
  }
  if (has(/^(?:ENOTFOUND|EAI_\w+|ENODATA|DNS\w*)$/u) || /\bdns error\b/u.test(text)) {
    return fail("dns", "no", "Its name was not found")
  }
  if (has(/^(?:ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|EADDRNOTAVAIL)$/u)) {
    return fail("refused", "no", `The connection was refused${code}`)
  }
  if (has(/^UND_ERR_CONNECT_TIMEOUT$/u) || (connecting && (has(/^ETIMEDOUT$/u) || /timed out/u.test(text)))) {
    return fail("timeout", "no", "The connection was not accepted in time")
  }
  if (has(/^ETIMEDOUT$/u)) return fail("timeout", "maybe", "The server fell silent")
  if (brokenHandshake.test(text) || (connecting && (has(/^ECONNRESET$/u) || /reset by peer/u.test(text)))) {
    return fail("reset", "no", "The connection was closed before the request could be sent")
  }
  if (connecting && /tcp connect error/u.test(text)) return fail("refused", "no", "The connection was refused")
  if (has(untrusted)) return fail("tls", "no", `Its certificate is not trusted${code}`)
  if (/invalid peer certificate/u.test(text)) {
    return fail("tls", "no", `Its certificate is not trusted (${/certificate: (\w+)/u.exec(text)?.[1] ?? "unknown"})`)
  }
  if (has(/^(?:EPROTO|ERR_SSL_\w+|ERR_TLS_\w+)$/u) || (connecting && tlsTalk.test(text))) {
    // An alert that comes after the handshake, as for a missing client certificate, may cross the request on its way.
    const never = connecting || has(/^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/u) ||
      /handshake/iu.test(text)
    return fail("tls", never ? "no" : "maybe", `TLS failed${code}: does the port speak TLS?`)
  }
  if (has(/^(?:ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|ConnectionClosed)$/u) || closed.test(text)) {
    return fail("reset", "maybe", "The connection was closed without an answer")
  }
  if (
    has(/^(?:HPE_\w+|Malformed_HTTP_Response|InvalidContentLength|InvalidHTTP\w*)$/u) ||
    /\binvalid .* parsed/u.test(text)
  ) {
    return fail("other", "maybe", "What answered does not speak HTTP")
  }
  if (has(/^NotCapable$|^PermissionDenied$|^EPERM$|^EACCES$/u)) {
    return fail("other", "no", "This program has no permission to connect: with Deno, allow it with --allow-net")
  }
  return fail("other", "maybe", `The request failed${code}`)
}

/** As Node and OpenSSL name what is wrong with a certificate; Bun uses the same words. */
const untrusted =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_\w+|ERR_TLS_CERT_ALTNAME_\w+|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|UNKNOWN_CERTIFICATE_VERIFICATION_ERROR)$/u
const brokenHandshake = /before secure TLS connection was established|tls handshake eof/u
const tlsTalk = /received corrupt message|received fatal alert|\btls\b|certificate/iu
const closed = /connection (?:closed|reset|error)|reset by peer|broken pipe/iu

interface Signs {
  /** Codes, and the names of errors that say more than "Error", from the outermost cause to the innermost. */
  readonly codes: ReadonlyArray<string>
  readonly text: string
  /** The failure is that of connecting, so that nothing of the request has left. */
  readonly connecting: boolean
}

const depth = 5

const signsOf = (cause: unknown): Signs => {
  const codes: Array<string> = []
  let text = ""
  let connecting = false
  const visit = (value: unknown, level: number): void => {
    if (typeof value !== "object" || value === null || level > depth) return
    const { cause, code, errors, message, name, syscall } = value as Readonly<Record<string, unknown>>
    if (typeof code === "string" && /^\w+$/u.test(code)) codes.push(code)
    else if (typeof name === "string" && /^\w+$/u.test(name) && !plainName.test(name)) codes.push(name)
    if (typeof message === "string") text += `${message}\n`
    // Node names the system call; Deno's HTTP client names its phase.
    if (syscall === "connect" || (typeof message === "string" && message.includes("client error (Connect)"))) {
      connecting = true
    }
    visit(cause, level + 1)
    if (Array.isArray(errors)) { for (const error of errors) visit(error, level + 1) }
  }
  visit(cause, 0)
  return { codes, text, connecting }
}

const plainName = /^(?:Error|TypeError|AggregateError)$/u
