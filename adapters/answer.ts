/** What every answer of COS has around its document: the common headers (page 7729) and ids to trace it by. */
import { codeOf } from "../core/codes.ts"
import { header, type Headers, type HttpResponse, noBody } from "../core/http.ts"
import type { Refusal } from "../core/signing/mod.ts"
import { type ErrorDocument, writeErrorDocument } from "../core/wire/error-document.ts"

/**
 * A body of more than `maxDocumentBytes`. Assumed: the code, and that bodies are measured before anything else, because
 * a socket that did not would have to take the rest in.
 */
export const tooLarge: Refusal = { code: "XMLSizeLimit", message: "The XML you provided is too large." }

/**
 * A body that ends before its announced length, or before its last chunk. Code from page 7730; that it is the answer, and
 * its words, are assumed.
 */
export const incompleteBody: Refusal = {
  code: "IncompleteBody",
  message: "You did not provide the number of bytes specified by the Content-Length HTTP header.",
}

/** Assumed: the words, and that it answers a method that inventory, or HTTP at this door, does not have. */
export const methodNotAllowed: Refusal = {
  code: "MethodNotAllowed",
  message: "The specified method is not allowed against this resource.",
}

export interface Stamp {
  /** Epoch milliseconds. */
  readonly now: number
  readonly requestId: string
}

/**
 * An id such as COS gives: base64 of `hex_hex_hex_hex`, the first the epoch seconds (`NTlhMzg1ZWVf…`, page 30625).
 * What the other three mean is documented nowhere; here the third names the door and the last counts its answers.
 */
export const stampOf = (now: number, door: number, count: number): Stamp => ({
  now,
  requestId: btoa([Math.floor(now / 1000), host, door, count].map((part) => part.toString(16)).join("_")),
})
const host = 0x2488f70a

export const answer = (stamp: Stamp, status: number, xml: string = "", own: Headers = []): HttpResponse => {
  const body = xml === "" ? noBody : utf8.encode(xml)
  // The sample of page 30626: a 204 names neither type nor length
  const content: Headers = status === 204
    ? []
    : [["Content-Type", "application/xml"], ["Content-Length", String(body.byteLength)]]
  const defaults = own.length === 0 ? content : content.filter(([name]) => header(own, name) === undefined)
  return { status, headers: [...defaults, ...own, ...commonHeaders(stamp)], body }
}

/** The status comes from the table of codes, and is 500 for a code that is not in it. */
export const refusalAnswer = (
  stamp: Stamp,
  error: Omit<ErrorDocument, "requestId" | "traceId">,
  own: Headers = [],
): HttpResponse => {
  const { requestId } = stamp
  // COS's trace ids are long base64; a client can only quote them
  const traceId = btoa(`${requestId}:${error.code}`)
  const { status, headers, body } = answer(
    stamp,
    codeOf(error.code, 500).status,
    writeErrorDocument({ ...error, requestId, traceId }),
    own,
  )
  return { status, headers: [...headers, ["x-cos-trace-id", traceId]], body }
}

const utf8 = new TextEncoder()

/** Of every answer (page 7729). */
export const commonHeaders = ({ now, requestId }: Stamp): Headers => [
  ["Date", new Date(now).toUTCString()],
  ["Server", "tencent-cos"],
  ["x-cos-request-id", requestId],
]
