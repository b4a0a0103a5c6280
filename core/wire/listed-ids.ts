/** Which rules a LIST shows to who may not see all of them: said by a proxy in a header that COS does not have. */
import { header, type Headers } from "../http.ts"

export const listedIds = "x-cos-proxy-listed-ids"

/**
 * The globs, as many as a header may hold; each percent-encoded, since an id may be any text. What is left out counts as
 * not shown, which is the safe side.
 */
export const writeListedIds = (globs: ReadonlyArray<string>): string => {
  let value = ""
  for (const glob of new Set(globs.map((glob) => glob.toWellFormed()))) {
    const next = `${value}${value === "" ? "" : ", "}${encodeURIComponent(glob)}`
    if (next.length > mostCharacters) break
    value = next
  }
  return value
}
/** Assumed: what every server and client takes beside the other headers of an answer. */
const mostCharacters = 4096

/** Globs over the ids that the list shows; undefined where it shows every rule. */
export const readListedIds = (headers: Headers): ReadonlyArray<string> | undefined => {
  const value = header(headers, listedIds)
  return value?.split(",").map((item) => item.trim()).filter((item) => item !== "").flatMap(decoded)
}

const decoded = (item: string): ReadonlyArray<string> => {
  try {
    return [decodeURIComponent(item)]
  } catch {
    return []
  }
}
