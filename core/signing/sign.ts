import type { HttpRequest } from "../http.ts"
import type { Hashes } from "../ports.ts"
import { readTarget } from "../wire/target.ts"
import { type Fields, writeAuthorization } from "./authorization.ts"
import { listOf, sorted, textOf } from "./canonical.ts"
import { headerItems, headersToSign, parameterItems, parametersToSign } from "./covered.ts"
import { type KeyTime, writeKeyTime } from "./keytime.ts"
import * as Signature from "./signature.ts"

/** Who signs, for how long, and what. Names of headers and parameters compare without case; a name the request lacks is left out. */
export type Signer =
  & {
    readonly secretId: string
    readonly keyTime: KeyTime
    readonly hashes: Hashes
    /** Exactly these headers; by default `host`, `content-type`, `content-length`, `content-md5` and `x-cos-*`. */
    readonly headers?: ReadonlyArray<string>
    /** Exactly these parameters; by default all of them. */
    readonly parameters?: ReadonlyArray<string>
  }
  & (
    | { readonly secretKey: string }
    /** Derived before for the same key time. */
    | { readonly signKey: string }
  )

/**
 * Every value on the way to a signature.
 *
 * `signKey` is a secret, and where a session token is signed `httpHeaders`, `httpParameters` and `httpString` hold it:
 * show them through `withoutToken` only.
 */
export interface Stages {
  readonly signKey: string
  readonly httpParameters: string
  readonly urlParamList: string
  readonly httpHeaders: string
  readonly headerList: string
  readonly httpString: string
  readonly stringToSign: string
  readonly signature: string
  readonly authorization: string
}

/** The value of the `Authorization` header for a request. Neither `Date` nor `Authorization` is ever signed. */
export const sign = (request: HttpRequest, signer: Signer): string => stages(request, signer).authorization

/** The same, with every intermediate value. */
export const stages = (request: HttpRequest, signer: Signer): Stages => {
  const { hashes } = signer
  const time = writeKeyTime(signer.keyTime)
  const signKey = "signKey" in signer ? signer.signKey : Signature.signKey(hashes, signer.secretKey, time)
  const { path, parameters: given } = readTarget(request.target)
  const parameters = sorted(parametersToSign(parameterItems(given), signer.parameters))
  const headers = sorted(headersToSign(headerItems(request), signer.headers))
  const httpParameters = textOf(parameters)
  const httpHeaders = textOf(headers)
  const httpString = Signature.httpString(request.method, path, httpParameters, httpHeaders)
  const stringToSign = Signature.stringToSign(hashes, time, httpString)
  const signature = Signature.signature(hashes, signKey, stringToSign)
  const computed = {
    signKey,
    httpParameters,
    urlParamList: listOf(parameters),
    httpHeaders,
    headerList: listOf(headers),
    httpString,
    stringToSign,
    signature,
  }
  return { ...computed, authorization: writeAuthorization(fieldsOf(signer, computed)) }
}

/** The seven fields that carry a signature. */
export const fieldsOf = (signer: Signer, stages: Omit<Stages, "authorization">): Fields => {
  const time = writeKeyTime(signer.keyTime)
  return {
    "q-sign-algorithm": "sha1",
    "q-ak": signer.secretId,
    "q-sign-time": time,
    "q-key-time": time,
    "q-header-list": stages.headerList,
    "q-url-param-list": stages.urlParamList,
    "q-signature": stages.signature,
  }
}
