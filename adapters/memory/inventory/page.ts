/** A page of LIST, and the token that names the next one. */
import type { Hashes } from "../../../core/ports.ts"
import { writeListOf } from "../../../core/wire/list.ts"
import type { Bucket } from "../../store/mod.ts"

/** The document of one page: the rules created after the one that the token names. */
export const writePage = (
  bucket: Pick<Bucket, "name" | "rules"> & { readonly size: number },
  token: string | undefined,
  hashes: Hashes,
): string => {
  const after = token === undefined ? 0 : readToken(bucket.name, token, hashes) ?? 0
  const rest = [...bucket.rules.values()].filter(({ sequence }) => sequence > after)
  const page = rest.slice(0, bucket.size)
  const isTruncated = rest.length > page.length
  return writeListOf(page.map(({ xml }) => xml), {
    isTruncated,
    ...(token === undefined ? {} : { continuationToken: token }),
    ...(isTruncated ? { nextContinuationToken: writeToken(bucket.name, page.at(-1)!.sequence, hashes) } : {}),
  })
}

/**
 * A token names the last rule of the page before it, so that deleting rules between two pages skips none.
 *
 * It is opaque base64 as in the sample of page 30627, and always begins with `+/` and ends with `=`: a client that does
 * not percent-encode it fails on every second page instead of on some.
 */
export const writeToken = (bucket: string, sequence: number, hashes: Hashes): string => {
  const digest = atob(hashes.md5Base64(new TextEncoder().encode(`${bucket}\n${sequence}`)))
  return btoa(`${start}${sequence.toString(16).padStart(digits, "0")}${digest}`)
}
const start = "\xfb\xff"
const digits = 8

/** The sequence in a token; undefined for a token that this bucket never gave. */
export const readToken = (bucket: string, token: string, hashes: Hashes): number | undefined => {
  if (!tokenPattern.test(token)) return undefined
  const sequence = Number.parseInt(atob(token).slice(start.length, start.length + digits), 16)
  return token === writeToken(bucket, sequence, hashes) ? sequence : undefined
}
const tokenPattern = /^[A-Za-z0-9+/]{35}=$/
