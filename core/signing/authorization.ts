/** The seven fields of a signature, and the three places a request may carry them in (page 7778; `sign=` as the Go SDK). */
import * as Result from "effect/Result"
import type { HttpRequest, Measured } from "../http.ts"
import { percentEncode, readTarget } from "../wire/target.ts"
import { tokenName } from "./covered.ts"
import type { VerifyFailure } from "./failure.ts"

/** In the documented order, which readers must not rely on. */
const fieldNames = [
  "q-sign-algorithm",
  "q-ak",
  "q-sign-time",
  "q-key-time",
  "q-header-list",
  "q-url-param-list",
  "q-signature",
] as const
export type FieldName = (typeof fieldNames)[number]
export type Fields = Readonly<Record<FieldName, string>>

/** `merged` is one parameter `sign` that holds the whole header value. */
export type Form = "header" | "query" | "merged"
export const mergedName = "sign"

/** The value of an `Authorization` header; there, nothing is percent-encoded again. */
export const writeAuthorization = (fields: Fields): string => write(fields, asIs)

/** The fields as query parameters. */
export const writeParameters = (fields: Fields): string => write(fields, percentEncode)

const asIs = (text: string): string => text

const write = (fields: Fields, encode: (text: string) => string): string => {
  let text = ""
  for (const name of fieldNames) text += `${text === "" ? "" : "&"}${name}=${encode(fields[name])}`
  return text
}

type Pairs = ReadonlyArray<readonly [name: string, value: string]>

/** A request taken apart: what it says of its signature, and what that signature can be about. */
export interface Claim {
  readonly form: Form
  readonly fields: Fields
  /** Decoded. */
  readonly path: string
  /** Decoded, without those that carry the signature. */
  readonly parameters: Pairs
}

/** Finds the signature of a request. An empty `Authorization` header counts as none: anonymous clients send it. */
export const readClaim = (request: HttpRequest<Measured>): Result.Result<Claim, VerifyFailure> => {
  const { path, parameters } = readTarget(request.target)
  const given = request.headers.filter(carriesSignature)
  if (given.length > 1) return malformed("authorization", "repeated")
  if (given.length === 1) {
    return Result.map(readText(given[0]![1].trim()), (fields) => ({ form: "header", fields, path, parameters }))
  }
  if (parameters.some(([name]) => name === "q-signature" || name === "q-sign-algorithm")) {
    const rest = parameters.filter(([name]) => !known.has(name))
    return Result.map(readPairs(parameters), (fields) => ({ form: "query", fields, path, parameters: rest }))
  }
  const merged = parameters.filter(isMerged)
  if (merged.length > 1) return malformed(mergedName, "repeated")
  if (merged.length === 1) {
    const rest = parameters.filter((pair) => !isMerged(pair))
    return Result.map(readText(merged[0]![1]), (fields) => ({ form: "merged", fields, path, parameters: rest }))
  }
  return Result.fail({ _tag: "Missing" })
}

/** By length first: this looks at every header of every request. */
const carriesSignature = ([name, value]: Pairs[number]): boolean =>
  name.length === "authorization".length && name.toLowerCase() === "authorization" && value.trim() !== ""

const known: ReadonlySet<string> = new Set(fieldNames)

/** `sign` may also be a parameter like any other. */
const isMerged = ([name, value]: Pairs[number]): boolean => name === mergedName && value.includes("q-signature=")

/** What carries a signature, or belongs to it: no operation has a parameter of these names. */
export const isSignatureParameter = (name: string, value: string): boolean =>
  known.has(name) || name === tokenName || isMerged([name, value])

const readPairs = (pairs: Pairs): Result.Result<Fields, VerifyFailure> =>
  readFields((name) => pairs.filter((pair) => pair[0] === name).map((pair) => pair[1]))

/** `name=value` joined with `&`, in any order; a value may hold `=`. Nearly all clients keep the documented order. */
const readText = (text: string): Result.Result<Fields, VerifyFailure> => {
  const match = documentedOrder.exec(text)
  if (match !== null) {
    return supported({
      "q-sign-algorithm": match[1]!,
      "q-ak": match[2]!,
      "q-sign-time": match[3]!,
      "q-key-time": match[4]!,
      "q-header-list": match[5]!,
      "q-url-param-list": match[6]!,
      "q-signature": match[7]!,
    })
  }
  const pairs = `&${text}&`
  return readFields((name) => {
    const opening = `&${name}=`
    const values: Array<string> = []
    for (let at = pairs.indexOf(opening); at >= 0; at = pairs.indexOf(opening, at + 1)) {
      values.push(pairs.slice(at + opening.length, pairs.indexOf("&", at + 1)))
    }
    return values
  })
}

const documentedOrder = new RegExp(`^${fieldNames.map((name) => `${name}=([^&]*)`).join("&")}$`)

/** Each field must stand there exactly once: of two, another reader may take the other one. */
const readFields = (valuesOf: (name: FieldName) => ReadonlyArray<string>): Result.Result<Fields, VerifyFailure> => {
  const fields: Partial<Record<FieldName, string>> = {}
  for (const name of fieldNames) {
    const values = valuesOf(name)
    if (values.length !== 1) return malformed(name, values.length === 0 ? "missing" : "repeated")
    fields[name] = values[0]!
  }
  return supported(fields as Fields)
}

const supported = (fields: Fields): Result.Result<Fields, VerifyFailure> =>
  fields["q-sign-algorithm"] === "sha1" ? Result.succeed(fields) : malformed("q-sign-algorithm", "unsupported")

const malformed = (
  field: string,
  problem: "missing" | "repeated" | "unsupported",
): Result.Result<never, VerifyFailure> => Result.fail({ _tag: "Malformed", field, problem })
