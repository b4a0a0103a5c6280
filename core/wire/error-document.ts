/** COS's error document: `Code`, `Message`, `Resource`, `RequestId`, `TraceId` (page 7730). */
import * as Result from "effect/Result"
import { codeOf, reasonOfStatus } from "../codes.ts"
import { CosError, UnexpectedAnswer } from "../errors.ts"
import { header, type HttpResponse } from "../http.ts"
import { maxDocumentBytes } from "../limits.ts"
import { excerptOf, readText } from "./text.ts"
import { container, declaration, type Element, isElement, leaf, localName, readXml, textOf } from "./xml/mod.ts"

export interface ErrorDocument {
  readonly code: string
  readonly message: string
  readonly resource?: string
  readonly requestId?: string
  readonly traceId?: string
  /** On SignatureDoesNotMatch, the server's own (observed: Molunerfinn/PicGo#638). */
  readonly stringToSign?: string
  readonly formatString?: string
}

/** Members in the order COS writes them. */
const members = {
  Code: "code",
  Message: "message",
  StringToSign: "stringToSign",
  FormatString: "formatString",
  Resource: "resource",
  RequestId: "requestId",
  TraceId: "traceId",
} as const satisfies Record<string, keyof ErrorDocument>

export const writeErrorDocument = (error: ErrorDocument): string =>
  declaration + container(
    "Error",
    Object.entries(members).map(([name, key]) => leaf(name, error[key])).join(""),
  )

/** The error that an answer of another status than success carries; without one, what its status alone says. */
export const readError = (response: HttpResponse): CosError | UnexpectedAnswer => {
  const document = Result.flatMap(readText(response.body, maxDocumentBytes), readXml)
  if (Result.isFailure(document) || localName(document.success.root.tagName) !== "Error") {
    return notCos(response)
  }
  const error = errorOf(document.success.root)
  if (error.code === "") return notCos(response)
  const { reason, retryable } = codeOf(error.code, response.status, error.message)
  const { stringToSign, formatString } = error
  return new CosError({
    code: error.code,
    status: response.status,
    reason,
    retryable,
    serverMessage: error.message,
    ...defined("resource", error.resource),
    ...defined("requestId", error.requestId ?? requestIdOf(response)),
    ...defined("traceId", error.traceId ?? header(response.headers, "x-cos-trace-id")),
    ...retryAfterOf(response),
    ...(response.repeated === true ? { repeated: true } : {}),
    ...(stringToSign === undefined && formatString === undefined ? {} : {
      signature: { ...defined("serverStringToSign", stringToSign), ...defined("serverFormatString", formatString) },
    }),
  })
}

const retryAfterOf = (response: HttpResponse): { readonly retryAfterSeconds?: number } => {
  const text = header(response.headers, "retry-after")?.trim() ?? ""
  return /^\d{1,9}$/u.test(text) ? { retryAfterSeconds: Number(text) } : {}
}

const errorOf = (root: Element): ErrorDocument => {
  const found: Partial<Record<keyof ErrorDocument, string>> = {}
  for (const child of root.children) {
    if (!isElement(child)) continue
    const name = localName(child.tagName)
    if (Object.hasOwn(members, name)) found[members[name as keyof typeof members]] ??= textOf(child)
  }
  return { ...found, code: (found.code ?? "").trim(), message: found.message ?? "" }
}

const notCos = (response: HttpResponse): UnexpectedAnswer => {
  const { status } = response
  const location = header(response.headers, "location")
  const problem = response.body.byteLength === 0
    ? status >= 300 && status < 400
      ? `The endpoint redirects${
        location === undefined ? "" : ` to ${originOf(location)}`
      }, and redirects are not followed`
      : "The answer has no body"
    : isHtml(response)
    ? htmlProblem
    : "The answer is not a COS error document"
  return new UnexpectedAnswer({
    status,
    problem,
    reason: reasonOfStatus(status),
    excerpt: excerptOf(response.body),
    ...defined("requestId", requestIdOf(response)),
  })
}

/** Captive portals, load balancers and wrong endpoints answer with pages for people, under any status. */
export const isHtml = (response: HttpResponse): boolean =>
  mayBeHtml(response.body) &&
  /^(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype\s+html|html)/iu.test(
    excerptOf(response.body).replace(/^\ufeff/u, "").trimStart(),
  )
export const htmlProblem = "The answer is HTML, not COS's XML: something between may have answered"

/** Every answer is asked, and most begin with `<?` or an element of COS's: those are spared the reading of their text. */
const mayBeHtml = ([first, second]: Uint8Array): boolean => first !== tagStart || mayFollow.has(second)
const tagStart = 0x3c
/** `!`, `H`, `h`. */
const mayFollow: ReadonlySet<number | undefined> = new Set([0x21, 0x48, 0x68])

/** Of a redirect's target only scheme and host are shown: its query may carry a signature, its authority a password. */
const originOf = (location: string): string => {
  const match = /^([a-z]+:\/\/)([^/?#]*)/iu.exec(location)
  return match === null ? "another path" : `${match[1]}${match[2]!.slice(match[2]!.lastIndexOf("@") + 1)}`
}

export const requestIdOf = (response: HttpResponse): string | undefined => header(response.headers, "x-cos-request-id")

const defined = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value === undefined || value === "" ? {} : { [key]: value } as { readonly [P in K]: string }
