/** What the proxy says of itself: OpenAPI and the reference page, both from the table of routes. */
import { strict as assert } from "node:assert"
import { createHash } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import { test } from "node:test"
import { codes } from "../core/codes.ts"
import { docsAnswer, escaped, page } from "../adapters/proxy/json/docs.ts"
import { examples } from "../adapters/proxy/json/examples.ts"
import { openApi, statusesOf } from "../adapters/proxy/json/openapi.ts"
import { routeNames, routeOf } from "../adapters/proxy/json/routes.ts"
import { makeSchemas } from "../adapters/proxy/json/schemas.ts"
import { problemKinds, type ProblemName, statusOfReason } from "../adapters/proxy/problems.ts"
import { header } from "../core/http.ts"
import { golden } from "./golden.ts"
import { asked } from "./json-asked.ts"
import { misfits } from "./json-fits.ts"

// deno-lint-ignore no-explicit-any -- an OpenAPI document, which is looked into from outside
const description: any = openApi()
const methods = ["get", "put", "post", "delete"]

// deno-lint-ignore no-explicit-any -- as above
const operations: ReadonlyArray<readonly [string, string, any]> = Object.entries<any>(description.paths).flatMap((
  [path, item],
) => methods.filter((method) => item[method] !== undefined).map((method) => [path, method, item[method]] as const))

test("`schemas.json` is what the schemas say", () => {
  const file = new URL("../adapters/proxy/json/schemas.json", import.meta.url)
  const text = `${JSON.stringify(makeSchemas(), null, 2)}\n`
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text)
  assert.equal(text, readFileSync(file, "utf8"))
})

test("the paths of the description are those that were agreed on", () => {
  const lines = operations.map(([path, method, { operationId, responses, parameters = [], requestBody }]) =>
    [
      `${method.toUpperCase()} ${path} ${operationId}`,
      `  takes ${
        [
          ...parameters.map((one: { in: string; name: string }) => `${one.in} ${one.name}`),
          ...requestBody === undefined ? [] : ["a body"],
        ].join(", ") || "nothing"
      }`,
      `  answers ${Object.keys(responses).join(", ")}`,
    ].join("\n")
  )
  golden("openapi-paths.txt", `${lines.join("\n")}\n`)
})

test("the description names every route, once, and no route that is not there", () => {
  const described = operations.map(([path, method]) => `${method.toUpperCase()} ${path}`)
  assert.deepEqual(described, routeNames.map((name) => `${routeOf(name).method} ${routeOf(name).path}`))
  assert.equal(new Set(operations.map(([, , { operationId }]) => operationId)).size, operations.length)
})

test("every reference of the description leads somewhere, and every schema is led to", () => {
  const text = JSON.stringify(description)
  const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/gu)].map(([, to]) => to!))
  const known = Object.keys(description.components.schemas).map((name) => `#/components/schemas/${name}`)
  assert.deepEqual([...references].toSorted(), known.toSorted())
})

test("every variable of a path is a required parameter, and every closed route takes a bearer token", () => {
  for (
    const [path, item] of Object.entries<{ parameters?: ReadonlyArray<{ name: string; required: boolean }> }>(
      description.paths,
    )
  ) {
    const named = (item.parameters ?? []).filter(({ required }) => required).map(({ name }) => `{${name}}`)
    assert.deepEqual(named, path.match(/\{\w+\}/gu) ?? [])
  }
  assert.deepEqual(description.security, [{ bearer: [] }])
  const open = operations.filter(([, , { security }]) => security !== undefined).map(([path]) => path)
  assert.deepEqual(open, ["/openapi.json", "/docs"])
})

test("every example of the description fits its schema", () => {
  let count = 0
  for (const [, , { requestBody, responses }] of operations) {
    const contents = [requestBody, ...Object.values(responses)].flatMap((one) => Object.values(one?.content ?? {}))
    for (const { schema, example } of contents as ReadonlyArray<{ schema: { $ref: string }; example?: unknown }>) {
      if (example === undefined) continue
      count++
      assert.deepEqual(misfits(schema, example, description), [])
    }
  }
  assert.ok(count >= Object.keys(examples).length)
})

test("values that no route takes do not fit the schemas of bodies", () => {
  const { RuleBody: body } = examples as { RuleBody: Record<string, unknown> }
  const schema = { $ref: "#/components/schemas/RuleBody" }
  assert.deepEqual(misfits(schema, body, description), [])
  assert.deepEqual(misfits(schema, { version: 1, configuration: body }, description), [])
  const { schedule: _, ...without } = body
  for (
    const wrong of [[], {}, "x", without, { ...body, oops: 1 }, { ...body, isEnabled: "yes" }, { configuration: 1 }]
  ) {
    assert.notDeepEqual(misfits(schema, wrong, description), [], JSON.stringify(wrong))
  }
})

test("every problem has its statuses, and what COS's codes mean is among those of a refusal", () => {
  for (const name of Object.keys(problemKinds) as ReadonlyArray<ProblemName>) {
    for (const status of statusesOf(name)) assert.ok(status >= 400 && status < 600)
  }
  const refused = statusesOf("cos-refused")
  for (const { reason } of Object.values(codes)) assert.ok(refused.includes(statusOfReason[reason]))
  assert.deepEqual(refused.toSorted(), [400, 403, 404, 409, 429, 502, 503])
  for (const name of Object.keys(problemKinds)) {
    assert.ok(
      routeNames.some((route) => routeOf(route).problems.some((one) => one === name)) || isOfNoRoute(name),
      name,
    )
  }
})
/** They answer what no route is asked for. */
const isOfNoRoute = (name: string): boolean => name === "path-unknown" || name === "method-unknown"

test("the reference page has every route, every problem and every place that it leads to", () => {
  const html = page()
  const ids = [...html.matchAll(/ id="([^"]+)"/gu)].map(([, id]) => id!)
  assert.equal(new Set(ids).size, ids.length)
  for (const name of routeNames) {
    assert.ok(html.includes(`<code>${escaped(`${routeOf(name).method} ${routeOf(name).path}`)}</code>`), name)
    assert.ok(ids.includes(name))
  }
  for (const name of Object.keys(problemKinds)) assert.ok(ids.includes(name), name)
  for (const [, to = ""] of html.matchAll(/href="#([^"]+)"/gu)) assert.ok(ids.includes(to), to)
})

test("the reference page needs nothing from elsewhere and runs nothing", () => {
  const html = page()
  assert.doesNotMatch(html, /<(?:script|link|img|iframe|object|embed|base|form|svg)\b/iu)
  assert.doesNotMatch(html, / (?:src|srcset|style|on\w+)=/iu)
  assert.doesNotMatch(html, /@import|url\(/iu)
  const links = [...html.matchAll(/href="([^"]*)"/gu)].map(([, to = ""]) => to).filter((to) => !to.startsWith("#"))
  assert.deepEqual(links, ["/openapi.json"])
  const policy = header(docsAnswer().headers, "content-security-policy") ?? ""
  const [, style] = /<style>([\s\S]*?)<\/style>/u.exec(html)!
  const hash = createHash("sha256").update(style!).digest("base64")
  assert.match(policy, /^default-src 'none'; /u)
  assert.ok(policy.includes(`style-src 'sha256-${hash}';`))
  assert.doesNotMatch(policy, /unsafe|\*|https?:/u)
})

test("the tags of the reference page are balanced", () => {
  const stack: Array<string> = []
  for (const [, close, name] of page().matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/gu)) {
    if (name === "meta") continue
    if (close === "/") assert.equal(stack.pop(), name)
    else stack.push(name!)
  }
  assert.deepEqual(stack, [])
})

test("description and page are open to anybody, and tell nothing of the policy", () =>
  asked(async ({ ask, upstream }) => {
    for (const target of ["/openapi.json", "/docs"]) {
      const open = await ask("GET", target, { token: "" })
      assert.equal(open.status, 200)
      assert.doesNotMatch(open.text, /narrow|blind|other-1250000000/u)
      assert.equal((await ask("GET", `${target}?x=1`)).status, 400)
      assert.equal(open.headers.get("x-content-type-options"), "nosniff")
    }
    assert.deepEqual(upstream(), [])
  }))

test("`escaped` leaves nothing that opens a tag or ends an attribute", () => {
  assert.equal(escaped(`<b a="1" c='2'>&`), "&#60;b a=&#34;1&#34; c=&#39;2&#39;&#62;&#38;")
})
