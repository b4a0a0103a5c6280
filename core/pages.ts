/** COS's documentation pages, of which sources say the number alone. */
const address = "https://www.tencentcloud.com/document/product/436/"

/** The address of the first page that a source names. */
export const pageOf = (source: string): string | undefined => {
  const number = /\bpage (\d+)\b/u.exec(source)?.[1]
  return number === undefined ? undefined : address + number
}

/** "page 30625" for a reader who has no list of pages at hand. */
export const withAddress = (source: string): string => source.replace(/\bpage (\d+)\b/u, `${address}$1`)
