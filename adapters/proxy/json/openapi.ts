/** The OpenAPI 3.1 description of the JSON door, made of its table of routes and of `schemas.json`. */
import type { HttpResponse } from "../../../core/http.ts"
import { bucketPattern } from "../../../core/bucket.ts"
import { idPattern } from "../../../core/limits.ts"
import { json } from "../document.ts"
import { problemKinds, type ProblemName, statusOfReason } from "../problems.ts"
import { examples } from "./examples.ts"
import { answerHeaders, conditionHeaders, queryParameters, type Route, routeNames, routeOf } from "./routes.ts"
import schemas from "./schemas.json" with { type: "json" }
import type { ShapeName } from "./shapes.ts"

export const openApiAnswer = (): HttpResponse => json(200, openApi())

type Json = Readonly<Record<string, unknown>>

/** Made once. */
export const openApi = (): Json => made ??= make()
let made: Json | undefined

const make = (): Json => ({
  openapi: "3.1.1",
  info: {
    title: "cos-inventory proxy",
    version: "1",
    summary: "Bucket inventory of Tencent Cloud COS, by token and policy",
    description: "Reads and writes the inventory rules of buckets without keys of COS. Errors are problem documents " +
      "(RFC 9457); `type` leads to their description at /docs. COS has no conditional write: `If-Match` and " +
      "`If-None-Match` of a write are checked by reading the rule right before it, so that a write of somebody else " +
      "between the two is still lost.",
  },
  servers: [{ url: "/" }],
  security: [{ bearer: [] }],
  paths: pathsOf(),
  components: {
    schemas,
    securitySchemes: {
      bearer: { type: "http", scheme: "bearer", description: "A token of the proxy's policy, or a JSON Web Token" },
    },
  },
})

const pathsOf = (): Json => {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const name of routeNames) {
    const route = routeOf(name)
    const path = paths[route.path] ??= pathParameters(route.path)
    path[route.method.toLowerCase()] = operationOf(name, route)
  }
  return paths
}

const pathParameters = (path: string): Record<string, unknown> => {
  const parameters = [...path.matchAll(/\{(bucket|id)\}/gu)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string", pattern: (name === "id" ? idPattern : bucketPattern).source },
  }))
  return parameters.length === 0 ? {} : { parameters }
}

const operationOf = (operationId: string, route: Route): Json => {
  const parameters = [
    ...route.query.map((name) => parameter("query", name, queryParameters[name])),
    ...route.conditions.map((name) => parameter("header", name, conditionHeaders[name])),
  ]
  return {
    operationId,
    summary: route.summary,
    description: route.about,
    ...(route.isOpen === true ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined ? {} : { requestBody: { required: true, content: contentOf(route.body) } }),
    responses: { ...answersOf(route), ...problemsOf(route) },
  }
}

const parameter = (place: string, name: string, description: string): Json => ({
  name,
  in: place,
  required: false,
  description,
  schema: { type: "string" },
})

const contentOf = (shape: ShapeName): Json => ({
  "application/json": {
    schema: referenceTo(shape),
    ...(examples[shape] === undefined ? {} : { example: examples[shape] }),
  },
})

const referenceTo = (name: string): Json => ({ $ref: `${components}${name}` })
export const components = "#/components/schemas/"

const answersOf = ({ answers }: Route): Json =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { about, shape, type, headers = [] }]) => [status, {
      description: about,
      ...(headers.length === 0 ? {} : {
        headers: Object.fromEntries(
          headers.map((name) => [name, { description: answerHeaders[name], schema: { type: "string" } }]),
        ),
      }),
      ...(shape !== undefined
        ? { content: contentOf(shape) }
        : type === undefined
        ? {}
        : { content: { [type]: { schema: { type: "string" } } } }),
    }]),
  )

/** Several problems may share a status. */
const problemsOf = ({ problems }: Route): Json => {
  const byStatus = new Map<number, Array<ProblemName>>()
  for (const name of problems) {
    for (const status of statusesOf(name)) byStatus.set(status, [...byStatus.get(status) ?? [], name])
  }
  return Object.fromEntries(
    [...byStatus].toSorted(([a], [b]) => a - b).map(([status, names]) => [status, {
      description: names.map((name) => `\`${name}\`: ${problemKinds[name].title}`).join("; "),
      ...(status === 401 ? { headers: { "WWW-Authenticate": { schema: { type: "string" } } } } : {}),
      ...(status === 429 || status === 503
        ? { headers: { "Retry-After": { description: "Seconds", schema: { type: "integer" } } } }
        : {}),
      content: { "application/problem+json": { schema: referenceTo("Problem") } },
    }]),
  )
}

export const statusesOf = (name: ProblemName): ReadonlyArray<number> =>
  name === "cos-refused" ? [...new Set(Object.values(statusOfReason))] : [problemKinds[name].status]
