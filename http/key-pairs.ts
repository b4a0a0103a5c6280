/** Key pairs as a file holds them: an `<id>:<secret>` line each; empty lines and those that begin with `#` are for people. */
import * as Result from "effect/Result"
import type { Finding } from "../core/lint/finding.ts"
import { wrong } from "./server-options.ts"

export interface KeyPair {
  readonly secretId: string
  readonly secretKey: string
}

/** Every line that is no pair is a finding. */
export const keyPairsIn = (text: string, file: string): ReadonlyArray<Result.Result<KeyPair, Finding>> =>
  text.split(/\r?\n/u).map((line, at) => [line.trim(), `${file}, line ${at + 1}`] as const)
    .filter(([line]) => line !== "" && !line.startsWith("#"))
    .map(([line, place]) => readKeyPair(line, place))

/** Printable ASCII is all that keys of Tencent Cloud have. */
export const readKeyPair = (pair: string, place: string): Result.Result<KeyPair, Finding> => {
  const [, secretId, secretKey] = /^([\w-]+):([\x21-\x7e]+)$/u.exec(pair) ?? []
  return secretId === undefined || secretKey === undefined
    ? Result.fail(wrongPair(place))
    : Result.succeed({ secretId, secretKey })
}

/** Without what was found: it may be a secret. */
const wrongPair = (path: string): Finding =>
  wrong({
    code: "key-form",
    path,
    message: "A key is not a pair of id and secret",
    allowed: "<id>:<secret>, such as my-id:my-secret, neither of them empty or with white space",
    fix: "Write the pair so",
  })
