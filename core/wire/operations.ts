/** The operations as values: written to requests by clients, read from requests by servers. */
import * as Result from "effect/Result"
import type { Address } from "../endpoint.ts"
import { InvalidInput } from "../errors.ts"
import { header, type HttpRequest, noBody } from "../http.ts"
import { idCharacters } from "../limits.ts"
import type { Hashes } from "../ports.ts"
import type { InventoryConfiguration, InventoryJob } from "../rule.ts"
import { writeConfiguration } from "./configuration.ts"
import { type Parameter, readTarget, writeTarget } from "./target.ts"
import { declaration } from "./xml/mod.ts"

/** Named as the API's actions are (`cos:PutBucketInventory`), pages 30625, 30623, 30627, 30626, 46869 and 8291. */
export type Operation =
  | { readonly _tag: "PutBucketInventory"; readonly configuration: InventoryConfiguration }
  | { readonly _tag: "GetBucketInventory"; readonly id: string }
  | { readonly _tag: "ListBucketInventory"; readonly continuationToken?: string }
  | { readonly _tag: "DeleteBucketInventory"; readonly id: string }
  | { readonly _tag: "PostBucketInventory"; readonly job: InventoryJob }
  | { readonly _tag: "GetService"; readonly marker?: string }

/** The request of an operation, unsigned. An empty id is refused: COS would answer it as a LIST. */
export const writeRequest = (
  operation: Operation,
  address: Address,
  hashes: Hashes,
): Result.Result<HttpRequest, InvalidInput> => {
  const id = idOf(operation)
  if (id === "") return Result.fail(emptyId)
  const body = bodyOf(operation)
  return Result.succeed({
    method: methods[operation._tag],
    origin: address.origin,
    target: writeTarget(address.path, parametersOf(operation)),
    headers: body === undefined ? [] : [
      ["content-type", "application/xml"],
      ["content-length", String(body.byteLength)],
      // Required for PUT and POST (page 7728)
      ["content-md5", hashes.md5Base64(body)],
    ],
    body: body ?? noBody,
  })
}

const methods = {
  PutBucketInventory: "PUT",
  GetBucketInventory: "GET",
  ListBucketInventory: "GET",
  DeleteBucketInventory: "DELETE",
  PostBucketInventory: "POST",
  GetService: "GET",
} as const satisfies Record<Operation["_tag"], string>

export const idOf = (operation: Operation): string | undefined => {
  switch (operation._tag) {
    case "PutBucketInventory":
      return operation.configuration.id
    case "PostBucketInventory":
      return operation.job.id
    case "GetBucketInventory":
    case "DeleteBucketInventory":
      return operation.id
    default:
      return undefined
  }
}

const parametersOf = (operation: Operation): ReadonlyArray<Parameter> => {
  switch (operation._tag) {
    case "GetService":
      return operation.marker === undefined ? [] : [["marker", operation.marker]]
    case "ListBucketInventory":
      return [["inventory", undefined], ...optional("continuation-token", operation.continuationToken)]
    default:
      return [["inventory", undefined], ["id", idOf(operation)]]
  }
}

const optional = (name: string, value: string | undefined): ReadonlyArray<Parameter> =>
  value === undefined ? [] : [[name, value]]

const bodyOf = (operation: Operation): Uint8Array | undefined =>
  operation._tag === "PutBucketInventory"
    ? utf8.encode(declaration + writeConfiguration(operation.configuration))
    : operation._tag === "PostBucketInventory"
    ? utf8.encode(declaration + writeConfiguration(operation.job))
    : undefined

const utf8 = new TextEncoder()

const emptyId = new InvalidInput({
  findings: [{
    code: "id-empty",
    severity: "error",
    path: "id",
    message: "The id is empty, and COS would answer with the whole list",
    found: "",
    allowed: `an id of ${idCharacters}`,
    fix: "Name the rule",
    source: "observed: coscli cmd/bucket_inventory.go",
  }],
})

/** What a request asks for, before its body is read. */
export type Asked =
  | { readonly _tag: "PutBucketInventory" | "PostBucketInventory"; readonly id: string }
  | Exclude<Operation, { readonly _tag: "PutBucketInventory" | "PostBucketInventory" }>
  /** Nothing that inventory knows; `name` is the sub-resource or method. */
  | { readonly _tag: "Unknown"; readonly name: string }

/**
 * Reads what a request to a bucket asks for. `inventory` decides; a GET with an empty or absent id is a LIST, and an
 * empty `continuation-token` is the first page (both observed: coscli, python ut/test.py:1841).
 */
export const readOperation = (request: Pick<HttpRequest, "method" | "target">): Asked => {
  const { parameters } = readTarget(request.target)
  const value = (...names: ReadonlyArray<string>) => parameters.find(([n]) => names.includes(n))?.[1]
  if (value("inventory") === undefined) {
    return { _tag: "Unknown", name: parameters[0]?.[0] ?? `${request.method} ${readTarget(request.target).path}` }
  }
  // The PHP SDK puts with a capital Id (Service.php:1058)
  const id = value("id", "Id") ?? ""
  const token = value("continuation-token") ?? ""
  switch (request.method) {
    case "GET":
      if (id !== "") return { _tag: "GetBucketInventory", id }
      return { _tag: "ListBucketInventory", ...(token === "" ? {} : { continuationToken: token }) }
    case "DELETE":
      return { _tag: "DeleteBucketInventory", id }
    case "PUT":
      return { _tag: "PutBucketInventory", id }
    case "POST":
      return { _tag: "PostBucketInventory", id }
    default:
      return { _tag: "Unknown", name: `${request.method} inventory` }
  }
}

/** How `Content-MD5` stands to the body: absent, not the base64 form of 16 bytes, another body's, or right. */
export const checkContentMd5 = (request: HttpRequest, hashes: Hashes): "absent" | "malformed" | "wrong" | "right" => {
  const given = header(request.headers, "content-md5")
  if (given === undefined || given === "") return "absent"
  if (!/^[A-Za-z0-9+/]{22}==$/u.test(given)) return "malformed"
  return hashes.md5Base64(request.body) === given ? "right" : "wrong"
}
