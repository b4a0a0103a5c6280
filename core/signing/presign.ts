import type { HttpRequest } from "../http.ts"
import { percentEncode } from "../wire/target.ts"
import { mergedName, writeParameters } from "./authorization.ts"
import { tokenName } from "./covered.ts"
import { fieldsOf, type Signer, stages } from "./sign.ts"

export interface PresignOptions {
  /** Signed, and carried in the query: with a signature there, COS reads the token there too (page 7778). */
  readonly sessionToken?: string
  /** Seven parameters, or the one parameter `sign` that the Go SDK calls merged. */
  readonly form?: "query" | "merged"
}

/**
 * The same request with its signature in the query, so that its URL alone is enough to send it.
 *
 * Whoever sends it must send the signed headers too; sign `host` alone for a link.
 */
export const presign = (request: HttpRequest, signer: Signer, options: PresignOptions = {}): HttpRequest => {
  const { sessionToken, form = "query" } = options
  const asked = sessionToken === undefined
    ? request
    : { ...request, target: append(request.target, `${tokenName}=${percentEncode(sessionToken)}`) }
  const signed = stages(asked, signer)
  const query = form === "merged"
    ? `${mergedName}=${percentEncode(signed.authorization)}`
    : writeParameters(fieldsOf(signer, signed))
  return { ...asked, target: append(asked.target, query) }
}

const append = (target: string, query: string): string => {
  const at = target.indexOf("?")
  const between = at < 0 ? "?" : at === target.length - 1 ? "" : "&"
  return `${target}${between}${query}`
}
