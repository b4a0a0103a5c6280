/** ETags as they stand in headers and documents, and as requests compare them. */
export const quoted = (etag: string): string => `"${etag}"`

/** SDKs send them with and without quotes (nodejs sdk/base.js:3122). */
export const unquoted = (text: string): string => text.trim().replace(/^W\//u, "").replace(/^"(.*)"$/su, "$1")
