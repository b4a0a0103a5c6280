/** The stages of the COS request signature (documentation page 7778), each a function of the stage before. */
import type { Hashes } from "../ports.ts"

/** The key that signs, good for one key time. Deriving it is a third of the work, so adapters keep it. */
export const signKey = (hashes: Hashes, secretKey: string, keyTime: string): string =>
  hashes.hmacSha1Hex(secretKey, keyTime)

/** Finds the signing key of a credential; an adapter may answer from a cache. */
export type SignKeyOf = (secretId: string, secretKey: string, keyTime: string) => string

/** The path is the decoded one, raw UTF-8; empty parts keep their line. */
export const httpString = (method: string, path: string, parameters: string, headers: string): string =>
  `${method.toLowerCase()}\n${path}\n${parameters}\n${headers}\n`

export const stringToSign = (hashes: Hashes, signTime: string, httpString: string): string =>
  `sha1\n${signTime}\n${hashes.sha1Hex(httpString)}\n`

/** The signing key enters as its 40 hex characters, not as the 20 bytes they stand for. */
export const signature = (hashes: Hashes, signKey: string, stringToSign: string): string =>
  hashes.hmacSha1Hex(signKey, stringToSign)
