/** The JSON door in process: every answer is held against the description that the proxy gives of itself. */
import { strict as assert } from "node:assert"
import { openApi } from "../adapters/proxy/json/openapi.ts"
import { matchOf } from "../adapters/proxy/json/match.ts"
import { routeOf } from "../adapters/proxy/json/routes.ts"
import { misfits } from "./json-fits.ts"
import { type Answer, type Asking, bucket, hashOf, proxied, type World, type WorldOptions } from "./proxy-world.ts"

const all = ["get", "list", "put", "delete", "run"] as const
const anywhere = [`${bucket}/**`, bucket]
const grant = { buckets: [bucket], operations: all, destinations: anywhere }

/** Their tokens are their names. */
const principals = [
  { name: "admin", grants: [grant] },
  { name: "narrow", grants: [{ ...grant, ids: ["ci-*"], destinations: [`${bucket}/ci/*`] }] },
  { name: "blind", grants: [{ ...grant, operations: ["put", "delete"] }] },
  { name: "reader", grants: [{ buckets: ["*"] }] },
  { name: "nobody", grants: [{ buckets: ["other-*"] }] },
]

export const jsonPolicy = {
  version: 1,
  buckets: [`${bucket}@ap-guangzhou`, "other-1250000000@ap-beijing", "otherwise-1250000000@ap-shanghai"],
  principals: principals.map((one) => ({ ...one, tokens: [hashOf(one.name)] })),
  limits: { requestsPerSecond: 10_000, burst: 100_000, concurrency: 100, runsPerDay: 1000 },
}

export interface JsonAnswer extends Answer {
  // deno-lint-ignore no-explicit-any -- the schema has said what it is
  readonly value: any
}

export interface JsonWorld extends Pick<World, "upstream"> {
  /** As admin, unless told; `value` is sent as JSON. */
  readonly ask: (
    method: string,
    target: string,
    asking?: Asking & { readonly value?: unknown },
  ) => Promise<JsonAnswer>
}

export const asked = <A>(body: (world: JsonWorld) => Promise<A>, options: WorldOptions = {}): Promise<A> =>
  proxied({ policy: jsonPolicy, ...options }, ({ ask, upstream }) =>
    body({
      upstream,
      ask: async (method, target, { value, headers = {}, ...asking } = {}) => {
        const answer = await ask(method, target, {
          token: "admin",
          ...asking,
          headers: value === undefined ? headers : { "content-type": "application/json", ...headers },
          ...(value === undefined ? {} : { body: JSON.stringify(value) }),
        })
        return described(method, target, answer)
      },
    }))

export const inventories = `/v1/buckets/${bucket}/inventories`

// deno-lint-ignore no-explicit-any -- an OpenAPI document, whose form is not what is tested here
const description: any = openApi()

const described = (method: string, target: string, answer: Answer): JsonAnswer => {
  const where = `${method} ${target}: ${answer.status} ${answer.text}`
  for (const name of answer.headers.keys()) assert.doesNotMatch(name, /^access-control-/u, where)
  const type = answer.headers.get("content-type")
  const value = type?.includes("json") === true && answer.text !== "" ? JSON.parse(answer.text) : undefined
  const isProblem = answer.status >= 400
  if (isProblem) {
    assert.equal(type, "application/problem+json", where)
    if (method !== "HEAD") {
      assert.deepEqual(misfits({ $ref: "#/components/schemas/Problem" }, value, description), [], where)
      assert.equal(value.status, answer.status)
    }
  }
  const match = matchOf(method, target)
  if (match._tag !== "Route") return { ...answer, value }
  const { method: own, path } = routeOf(match.name)
  const responses = description.paths[path][own.toLowerCase()].responses
  const response = responses[answer.status]
  assert.ok(response !== undefined, `a status that is not described: ${where}`)
  if (value !== undefined) {
    assert.deepEqual(misfits(response.content[type!.split(";")[0]!].schema, value, description), [], where)
  } else if (answer.text === "" && method !== "HEAD") assert.equal(response.content, undefined, where)
  return { ...answer, value }
}
