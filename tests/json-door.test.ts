/** The JSON door: rules through it, conditions, pages, and everything that it refuses. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/node.ts"
import { Refused } from "../adapters/policy/call.ts"
import { problem } from "../adapters/proxy/document.ts"
import { refusalAnswer } from "../adapters/proxy/json/found.ts"
import { jsonDoor } from "../adapters/proxy/json/mod.ts"
import type { Told } from "../adapters/proxy/told.ts"
import { isSame } from "../core/canonical.ts"
import { isError, lint } from "../core/lint/mod.ts"
import { CosError, TransportError } from "../core/errors.ts"
import { header, type Headers } from "../core/http.ts"
import { readPolicy } from "../core/policy/mod.ts"
import type { InventoryConfiguration } from "../core/rule.ts"
import { readJson, writeJson } from "../core/wire/json.ts"
import { completeConfiguration, readingOf } from "../core/wire/reading.ts"
import { matchOf } from "../adapters/proxy/json/match.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { asked, inventories, jsonPolicy, type JsonWorld } from "./json-asked.ts"
import { dice, good } from "./generated.ts"
import { bucket, hashOf, policyForm, proxied } from "./proxy-world.ts"

const rule = {
  isEnabled: true,
  includedObjectVersions: "All",
  filter: { prefix: "logs/" },
  schedule: { frequency: "Daily" },
  destination: { bucket, prefix: "ci/a", format: "CSV" },
}
const { isEnabled: _, schedule: __, ...job } = rule
const at = (id: string) => `${inventories}/${id}`

const put = (ask: JsonWorld["ask"], id: string, headers = {}, value: unknown = rule, token = "admin") =>
  ask("PUT", at(id), { value, headers, token })

test("`GET /v1/buckets` names the buckets of the caller alone, when there are others", () =>
  asked(async ({ ask, upstream }) => {
    const mine = await ask("GET", "/v1/buckets")
    assert.deepEqual(mine.value, { version: 1, buckets: [{ bucket, region: "ap-guangzhou" }] })
    const reader = await ask("GET", "/v1/buckets", { token: "reader" })
    assert.equal(reader.value.buckets.length, 3)
    const nobody = await ask("GET", "/v1/buckets", { token: "nobody" })
    assert.deepEqual(nobody.value.buckets, [{ bucket: "other-1250000000", region: "ap-beijing" }])
    assert.deepEqual(upstream(), [])
  }))

test("a rule is there, is another one and is gone, when it is put, put again and deleted", () =>
  asked(async ({ ask }) => {
    const made = await put(ask, "ci-1")
    assert.equal(made.status, 200)
    const read = await ask("GET", at("ci-1"))
    assert.deepEqual(read.value, made.value)
    assert.equal(read.value.configuration.id, "ci-1")
    assert.equal(read.value.configuration.destination.bucket, `qcs::cos:ap-guangzhou::${bucket}`)
    const changed = await put(ask, "ci-1", {}, { ...rule, isEnabled: false })
    assert.notEqual(changed.headers.get("etag"), made.headers.get("etag"))
    assert.equal((await ask("DELETE", at("ci-1"))).status, 204)
    const gone = await ask("GET", at("ci-1"))
    assert.equal(gone.status, 404)
    assert.equal(gone.value.code, "InventoryConfigurationNotFoundError")
    assert.equal((await ask("DELETE", at("ci-1"))).status, 204)
  }))

test("PUT and GET agree on the rule and its ETag, whatever the rule", () =>
  asked(async ({ ask }) => {
    const roll = dice(7)
    for (let i = 0; i < 40; i++) {
      const one = someRule(roll, `r-${i}`)
      const sent = await put(
        ask,
        one.id,
        {},
        roll(2) === 0 ? writeJson(one) : { version: 1, configuration: writeJson(one) },
      )
      assert.equal(sent.status, 200, sent.text)
      const read = await ask("GET", at(one.id))
      assert.equal(read.headers.get("etag"), sent.headers.get("etag"))
      assert.match(read.headers.get("etag")!, /^"[0-9a-f]{32}"$/u)
      assert.equal(isSame(ruleIn(read.value.configuration), one), true)
      const again = await put(ask, one.id, {}, read.value)
      assert.equal(again.headers.get("etag"), read.headers.get("etag"))
    }
  }))

const ruleIn = (value: unknown): InventoryConfiguration =>
  Result.getOrThrow(completeConfiguration(readJson({ value }).draft))

const someRule = (roll: (below: number) => number, id: string): InventoryConfiguration => {
  const some = <A>(value: A): A | undefined => roll(2) === 0 ? value : undefined
  const frequency = (["Daily", "Weekly", "Monthly"] as const)[roll(3)]!
  const prefix = some(["a/", "腾讯云/", "<&>'\"", " spaced "][roll(4)]!)
  const one: InventoryConfiguration = {
    ...good,
    id,
    isEnabled: roll(2) === 0,
    filter: { ...(prefix === undefined ? {} : { prefix }), period: { startTime: 1568688761 + roll(1000) } },
    schedule: { frequency, ...(frequency === "Monthly" ? { monthlyDate: 1 + roll(28) } : {}) },
    destination: { ...good.destination, prefix: `p${roll(9)}` },
  }
  assert.deepEqual(lint(readingOf(one), { kind: "configuration" }).filter(isError), [])
  return one
}

test("ETags differ when rules do, and not when their words do", () =>
  asked(async ({ ask }) => {
    const etag = async (value: unknown) => (await put(ask, "e", {}, value)).headers.get("etag")
    const plain = await etag(rule)
    const same = { ...rule, destination: { bucket: `cos://${bucket}/ci/a/`, format: "CSV" } }
    assert.equal(await etag(same), plain)
    const seen = new Set([plain])
    for (const other of [{ isEnabled: false }, { includedObjectVersions: "Current" }, { filter: { prefix: "log/" } }]) {
      seen.add(await etag({ ...rule, ...other }))
    }
    assert.equal(seen.size, 4)
  }))

test("the second of two writers is refused when both hold one ETag", () =>
  asked(async ({ ask, upstream }) => {
    const first = (await put(ask, "ci-1")).headers.get("etag")!
    const [mine, yours] = [await ask("GET", at("ci-1")), await ask("GET", at("ci-1"))].map((one) =>
      one.headers.get("etag")!
    )
    assert.deepEqual([mine, yours], [first, first])
    const won = await put(ask, "ci-1", { "if-match": mine! }, { ...rule, isEnabled: false })
    assert.equal(won.status, 200)
    const writes = () => upstream().filter(({ method }) => method !== "GET").length
    const before = writes()
    const lost = await put(ask, "ci-1", { "if-match": yours! }, { ...rule, includedObjectVersions: "Current" })
    assert.equal(lost.status, 412)
    assert.equal(lost.value.code, "changed")
    assert.equal(lost.headers.get("etag"), won.headers.get("etag"))
    const kept = await ask("DELETE", at("ci-1"), { headers: { "if-match": yours! } })
    assert.equal(kept.status, 412)
    assert.equal(writes(), before)
    assert.equal((await ask("GET", at("ci-1"))).headers.get("etag"), won.headers.get("etag"))
    assert.equal(
      (await ask("DELETE", at("ci-1"), { headers: { "if-match": `"x", ${lost.headers.get("etag")}` } })).status,
      204,
    )
  }))

test("conditions hold as RFC 9110 says, for a rule that is there and for one that is not", () =>
  asked(async ({ ask }) => {
    const etag = (await put(ask, "there")).headers.get("etag")!
    const cases = [
      ["there", { "if-match": "*" }, 200],
      ["there", { "if-match": etag }, 200],
      ["there", { "if-match": `W/${etag}` }, 412],
      ["there", { "if-match": '"other"' }, 412],
      ["there", { "if-none-match": "*" }, 412],
      ["there", { "if-none-match": `W/${etag}` }, 412],
      ["there", { "if-none-match": '"other"' }, 200],
      ["there", { "if-match": etag, "if-none-match": "*" }, 412],
      ["none-1", { "if-match": "*" }, 412],
      ["none-2", { "if-match": etag }, 412],
      ["none-3", { "if-none-match": "*" }, 201],
      ["none-4", { "if-none-match": etag }, 201],
    ] as const
    for (const [id, headers, status] of cases) {
      const answer = await put(ask, id, headers)
      assert.equal(answer.status, status, `${id} ${JSON.stringify(headers)}`)
      if (status === 201) assert.equal(answer.headers.get("location"), at(id))
    }
    for (
      const [headers, status] of [[{ "if-none-match": etag }, 304], [{ "if-none-match": `"a", W/${etag}` }, 304], [
        { "if-none-match": '"a"' },
        200,
      ]] as const
    ) {
      const answer = await ask("GET", at("there"), { headers })
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get("etag"), etag)
      if (status === 304) assert.equal(answer.text, "")
    }
  }))

test("a condition that cannot be read refuses the write, when a write without it would be worse", () =>
  asked(async ({ ask, upstream }) => {
    for (const text of ["abc", '"a" "b"', '*, "a"', 'w/"a"', '"', "", ","]) {
      for (const name of ["if-match", "if-none-match"]) {
        assert.equal((await put(ask, "ci-1", { [name]: text })).status, 400, `${name}: ${text}`)
        assert.equal((await ask("DELETE", at("list1"), { headers: { [name]: text } })).status, 400)
      }
    }
    assert.deepEqual(upstream(), [])
  }))

test("a condition says that it needs the right to read, when the principal may write alone", () =>
  asked(async ({ ask, upstream }) => {
    const refused = await put(ask, "ci-1", { "if-none-match": "*" }, rule, "blind")
    assert.equal(refused.status, 403)
    assert.equal(refused.value.code, "read-needed")
    assert.deepEqual(upstream(), [])
    assert.equal((await put(ask, "ci-1", {}, rule, "blind")).status, 200)
  }))

test("a write that the policy denies is not even read for, when it has a condition", () =>
  asked(async ({ ask, upstream }) => {
    for (const [token, id] of [["reader", "list1"], ["narrow", "list1"]] as const) {
      const answer = await put(ask, id, { "if-match": "*" }, rule, token)
      assert.equal(answer.status, 403)
      assert.equal(answer.value.code, "AccessDenied")
      assert.equal((await ask("DELETE", at(id), { token, headers: { "if-match": "*" } })).status, 403)
    }
    assert.deepEqual(upstream(), [])
  }))

test("LIST visits each of 250 rules once, when its links are followed", () =>
  asked(async ({ ask }) => {
    for (let i = 0; i < 247; i++) await put(ask, `r-${i}`)
    const seen: Array<string> = []
    let next: string | undefined = inventories
    let pages = 0
    while (next !== undefined) {
      const page: Awaited<ReturnType<typeof ask>> = await ask("GET", next)
      pages++
      seen.push(...page.value.configurations.map(({ id }: { id: string }) => id))
      const link = page.headers.get("link")
      assert.equal(link === null, page.value.next === undefined)
      const target = link === null ? undefined : /^<([^>]+)>; rel="next"$/u.exec(link)![1]!
      if (target !== undefined) assert.equal(new URL(target, "http://x").searchParams.get("cursor"), page.value.next)
      next = target
    }
    assert.equal(pages, 3)
    assert.equal(seen.length, 250)
    assert.equal(new Set(seen).size, 250)
  }))

test("LIST shows the rules alone that the caller may know of, page by page", () =>
  asked(async ({ ask }) => {
    await put(ask, "ci-1")
    const page = await ask("GET", inventories, { token: "narrow" })
    assert.deepEqual(page.value.configurations.map(({ id }: { id: string }) => id), ["ci-1"])
  }))

test("a cursor comes back as COS gave it, whatever is in it", () => {
  const cursor = 'a+b/=&?%2F <>"ü'
  const xml = `<ListInventoryConfigurationResult><IsTruncated>true</IsTruncated><NextContinuationToken>${
    cursor.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
  }</NextContinuationToken></ListInventoryConfigurationResult>`
  const cos = () => ({ status: 200, headers: [], body: new TextEncoder().encode(xml) })
  return asked(async ({ ask, upstream }) => {
    const first = await ask("GET", inventories)
    assert.equal(first.value.next, cursor)
    const link = /^<([^>]+)>; rel="next"$/u.exec(first.headers.get("link")!)![1]!
    const second = await ask("GET", link)
    const asks = upstream().at(-1)!.target
    assert.equal(new URLSearchParams(asks.split("?")[1]).get("continuation-token"), cursor)
    // COS would go on where it began
    assert.equal(second.status, 502)
    assert.equal(second.value.code, "cos-unexpected")
  }, { cos })
})

test("a job is run once, and a second one of its id is a conflict", () =>
  asked(async ({ ask }) => {
    const started = await ask("POST", `${at("once-1")}/run`, { value: job })
    assert.equal(started.status, 202)
    assert.equal(started.value.result, "started")
    assert.match(started.value.manifest, /^cos:\/\/examplebucket-1250000000\/ci\/a\/.*once-1\/\d{8}\/manifest\.json$/u)
    const again = await ask("POST", `${at("once-1")}/run`, { value: { job: { ...job, id: "once-1" } } })
    assert.equal(again.status, 409)
    assert.equal(again.value.code, "DuplicateInventoryId")
    const reader = await ask("POST", `${at("once-2")}/run`, { value: job, token: "reader" })
    assert.equal(reader.status, 403)
  }))

test("PUT refuses with every finding and its place, and nothing reaches COS", () =>
  asked(async ({ ask, upstream }) => {
    const body = '{\n "id": "other",\n "isEnabled": "yes",\n "oops": 1,\n "includedObjectVersions": "All",\n' +
      ' "schedule": { "frequency": "Dayly" },\n "destination": { "bucket": "x", "format": "CSV" },\n' +
      ' "extra": [{ "in": "/", "xml": "<A/>" }]\n}'
    const answer = await ask("PUT", at("ci-1"), { headers: { "content-type": "application/json" }, body })
    assert.equal(answer.status, 422)
    assert.equal(answer.value.code, "rules-invalid")
    const found = answer.value.findings.map((one: { code: string; position?: { line: number } }) =>
      `${one.code} ${one.position?.line}`
    )
    for (
      const expected of [
        "id-differs 2",
        "wrong-type 3",
        "unknown-key 4",
        "frequency-known 6",
        "extra-refused 8",
      ]
    ) assert.ok(found.includes(expected), `${expected} in ${found}`)
    assert.deepEqual(upstream(), [])
  }))

test("PUT sends unknown elements when the policy accepts them", () =>
  asked(async ({ ask, upstream }) => {
    const sent = await put(ask, "ci-1", {}, { ...rule, extra: [{ in: "/", xml: "<Later>1</Later>" }] }, "writer-token")
    assert.equal(sent.status, 200, sent.text)
    assert.match(new TextDecoder().decode(upstream().at(-1)!.body), /<Later>1<\/Later>/u)
  }, { policy: { ...policyForm, accept: ["unknown-elements"] } }))

test("bodies are refused by type, size, form and number, and nothing reaches COS", () =>
  asked(async ({ ask, upstream }) => {
    const json = { "content-type": "application/json" }
    const text = JSON.stringify(rule)
    const cases: ReadonlyArray<
      readonly [number, string, Readonly<Record<string, string>>, string | Uint8Array<ArrayBuffer>]
    > = [
      [415, "body-type", {}, text],
      [415, "body-type", { "content-type": "text/plain" }, text],
      [415, "body-type", { "content-type": "application/json; charset=utf-16" }, text],
      [415, "body-type", { "content-type": "application/xml" }, "<a/>"],
      [415, "body-type", { "content-type": "application/jsonp" }, text],
      [415, "body-type", { ...json, "content-encoding": "gzip" }, text],
      [413, "body-too-large", json, `${text}${" ".repeat(1024 * 1024)}`],
      [400, "body-unreadable", json, ""],
      [400, "body-unreadable", json, text.slice(0, -1)],
      [400, "body-unreadable", json, text.replace("{", '{"isEnabled":true,')],
      [400, "body-unreadable", json, text.replace("{", '{"\\u0069sEnabled":true,')],
      [400, "body-unreadable", json, "[".repeat(100) + "]".repeat(100)],
      [400, "body-unreadable", json, Uint8Array.from([0x22, 0xff, 0x22])],
      [422, "rules-invalid", json, "[]"],
      [422, "rules-invalid", json, `[${text},${text}]`],
      [422, "rules-invalid", json, "null"],
      [422, "rules-invalid", json, '"rule"'],
      [422, "rules-invalid", json, JSON.stringify({ rules: [rule] })],
      [422, "rules-invalid", json, JSON.stringify({ version: 2, configuration: rule })],
      [422, "rules-invalid", json, text.replace("{", '{"__proto__":{"id":"x"},')],
    ]
    for (const [status, code, headers, body] of cases) {
      const answer = await ask("PUT", at("ci-1"), { headers, body })
      assert.equal(answer.status, status, `${body.slice(0, 60)} ${answer.text}`)
      assert.equal(answer.value.code, code)
    }
    assert.deepEqual(upstream(), [])
    const upper = { "content-type": 'Application/JSON; charset="UTF-8"' }
    assert.equal((await ask("PUT", at("ci-1"), { headers: upper, body: text })).status, 200)
  }))

test("a destination outside its list is denied in every form it can be written in", () =>
  asked(async ({ ask, upstream }) => {
    const elsewhere = [
      { bucket: "leak-1250000000", prefix: "ci/x" },
      { bucket: "cos://leak-1250000000/ci/x" },
      { bucket: "qcs::cos:ap-guangzhou::leak-1250000000", prefix: "ci/x" },
      { bucket, prefix: "cix" },
      { bucket },
      { bucket: `cos://${bucket}/else` },
    ]
    for (const destination of elsewhere) {
      const value = { ...rule, destination: { ...destination, format: "CSV" } }
      const answer = await put(ask, "ci-1", {}, value, "narrow")
      assert.equal(answer.status, 403, JSON.stringify(destination))
      assert.equal(
        (await ask("POST", `${at("ci-1")}/run`, { value: { ...job, destination: value.destination }, token: "narrow" }))
          .status,
        403,
      )
    }
    assert.deepEqual(upstream(), [])
    assert.equal((await put(ask, "ci-1", {}, rule, "narrow")).status, 200)
  }))

test("a bucket of nobody's and a bucket of another's are denied alike", () =>
  asked(async ({ ask, upstream }) => {
    const answers = await Promise.all(
      ["none-1250000000", "other-1250000000"].map((name) => ask("GET", `/v1/buckets/${name}/inventories`)),
    )
    assert.deepEqual(answers.map(({ status }) => status), [403, 403])
    const [here, nowhere] = answers.map(({ text }) => text.replace(/"requestId":"[^"]*"/u, ""))
    assert.equal(here, nowhere)
    assert.deepEqual(upstream(), [])
  }))

test("nobody is let in without a token, and the answer says how", () =>
  asked(async ({ ask, upstream }) => {
    for (const target of ["/v1/buckets", inventories, at("list1")]) {
      for (const asking of [{ token: "wrong" }, { headers: { authorization: "Basic YTpi" }, token: "" }]) {
        const answer = await ask("GET", target, asking)
        assert.equal(answer.status, 401, answer.text)
        const isToken = asking.token === "wrong"
        assert.equal(answer.headers.get("www-authenticate"), isToken ? 'Bearer error="invalid_token"' : "Bearer")
        assert.equal(answer.value.code, isToken ? "token-unknown" : "AccessDenied")
        assert.match(answer.value.detail, /polic/u)
      }
    }
    assert.equal((await ask("POST", "/v1/lint", { token: "wrong", value: {} })).status, 401)
    assert.deepEqual(upstream(), [])
  }))

test("paths that only look like a route are none, or name nothing", () => {
  const nothing = [
    "/v1",
    "/v1/",
    "/v2/buckets",
    "//v1/buckets",
    "/v1//buckets",
    "/v1/buckets/",
    "/v1/../v1/buckets",
    "/v1/%62uckets",
    "/V1/buckets",
    `${inventories}/`,
    `${inventories}//run`,
    `${inventories}/a/b`,
    `${inventories}/a/run/`,
    `/v1/buckets//inventories/a`,
    "/docs/",
    "/docs/x",
    "/openapi.json/",
    "/v1/buckets#x",
    "/v1/buckets;x",
  ]
  for (const target of nothing) assert.equal(matchOf("GET", target)._tag, "Nothing", target)
  const named = [
    `${inventories}/..%2flist1`,
    `${inventories}/%2e%2e`,
    `${inventories}/..`,
    `${inventories}/.`,
    `${inventories}/%`,
    `${inventories}/%zz`,
    `${inventories}/%ff`,
    `${inventories}/a%00`,
    `${inventories}/a%3Fid=b`,
    `${inventories}/a%26id=b`,
    `${inventories}/a b`,
    `${inventories}/%e8%85%be`,
    `/v1/buckets/..%2f/inventories/a`,
    `/v1/buckets/examplebucket/inventories/a`,
    `/v1/buckets/EXAMPLE-1250000000/inventories/a`,
    `/v1/buckets/a.b-1250000000/inventories/a`,
    `/v1/buckets/examplebucket-1250000000@ap-guangzhou/inventories/a`,
  ]
  for (const target of named) {
    const match = matchOf("GET", target)
    assert.ok(match._tag === "Route" && match.findings.length > 0, target)
  }
  const plain = matchOf("GET", `${inventories}/%6cist1`)
  assert.ok(plain._tag === "Route" && plain.id === "list1" && plain.findings.length === 0)
})

test("what is no route is refused, and nothing reaches COS", () =>
  asked(async ({ ask, upstream }) => {
    for (const target of [`${inventories}/..%2flist1`, `${inventories}/a%00`, "/v1/buckets/x/inventories/a"]) {
      for (const method of ["GET", "DELETE"]) {
        const answer = await ask(method, target)
        assert.equal(answer.status, 400, target)
        assert.ok(answer.value.findings.length > 0)
      }
    }
    for (const target of ["/v1", "/v1/x", `${inventories}/`, "/docs/x"]) {
      assert.equal((await ask("GET", target)).status, 404)
      assert.equal((await ask("DELETE", target, { token: "wrong" })).status, 404)
    }
    for (
      const query of ["?x=1", "?cursor=a&cursor=b", "?cursor=", "?Cursor=a", "?inventory", "?cursor=a&id=list1", "?=1"]
    ) {
      assert.equal((await ask("GET", `${inventories}${query}`)).status, 400, query)
      assert.equal((await ask("GET", `${at("list1")}${query}`)).status, 400, query)
      assert.equal((await ask("DELETE", `${at("list1")}${query}`)).status, 400, query)
    }
    assert.deepEqual(upstream(), [])
  }))

test("methods that a path has not are named, and OPTIONS opens nothing to other origins", () =>
  asked(async ({ ask, upstream }) => {
    const cases = [
      ["/v1/buckets", "GET, HEAD, OPTIONS"],
      [inventories, "GET, HEAD, OPTIONS"],
      [at("a"), "GET, HEAD, PUT, DELETE, OPTIONS"],
      [`${at("a")}/run`, "POST, OPTIONS"],
      ["/v1/lint", "POST, OPTIONS"],
      ["/docs", "GET, HEAD, OPTIONS"],
    ] as const
    for (const [target, allow] of cases) {
      const patch = await ask("PATCH", target)
      assert.equal(patch.status, 405)
      assert.equal(patch.headers.get("allow"), allow)
      const options = await ask("OPTIONS", target, {
        headers: { origin: "https://evil.example", "access-control-request-method": "PUT" },
      })
      assert.equal(options.status, 204)
      assert.equal(options.headers.get("allow"), allow)
    }
    assert.deepEqual(upstream(), [])
  }))

test("HEAD says what GET does, without a body", () =>
  asked(async ({ ask }) => {
    for (const target of [at("list1"), at("none"), inventories, "/openapi.json"]) {
      const [get, head] = [await ask("GET", target), await ask("HEAD", target)]
      assert.equal(head.status, get.status)
      assert.equal(head.text, "")
      for (const name of ["etag", "content-type", "content-length"]) {
        assert.equal(head.headers.get(name), get.headers.get(name), `${target} ${name}`)
      }
    }
  }))

test("reserved paths are objects of the bucket, when the Host names one", () =>
  proxied({}, async ({ ask, upstream }) => {
    for (const host of [`${bucket}.proxy.test`, `${bucket}.cos.ap-guangzhou.myqcloud.com`]) {
      for (const target of ["/v1/buckets", "/openapi.json", "/docs", at("list1")]) {
        const answer = await ask("GET", target, { token: "reader-token", headers: { host } })
        assert.equal(answer.status, 403, target)
        assert.match(answer.headers.get("content-type")!, /xml/u)
      }
    }
    assert.deepEqual(upstream(), [])
  }))

test("what COS refuses is told in its code, under the status that the code means", async () => {
  const cases = [
    ["InventoryConfigurationNotFoundError", 404, 404],
    ["NoSuchBucket", 404, 404],
    ["AccessDenied", 403, 403],
    ["InventoryFull", 400, 409],
    ["DuplicateInventoryId", 400, 409],
    ["MalformedXML", 400, 400],
    ["SomethingNew", 400, 400],
  ] as const
  for (const [code, from, to] of cases) {
    const body = new TextEncoder().encode(writeErrorDocument({ code, message: `${code} <b>`, requestId: "NjA=" }))
    await asked(async ({ ask }) => {
      const answer = await put(ask, "ci-1")
      assert.equal(answer.status, to, code)
      assert.equal(answer.value.code, code)
      assert.equal(answer.value.detail, `${code} <b>`)
      assert.equal(answer.value.cosRequestId, "NjA=")
      assert.equal(answer.value.requestId, answer.headers.get("x-request-id"))
    }, { cos: () => ({ status: from, headers: [["x-cos-request-id", "NjA="], ["set-cookie", "a=b"]], body }) })
  }
})

test("a fault between the proxy and COS is no fault of the caller's, and tells nothing of either", async () => {
  const html = new TextEncoder().encode("<html>secret gateway</html>")
  for (const code of ["SignatureDoesNotMatch", "InvalidAccessKeyId", "RequestTimeTooSkewed"]) {
    const body = new TextEncoder().encode(writeErrorDocument({ code, message: "AKIDreal is wrong" }))
    await asked(async ({ ask }) => {
      const answer = await ask("GET", at("list1"))
      assert.equal(answer.status, 502)
      assert.equal(answer.value.code, "proxy-misconfigured")
      assert.doesNotMatch(answer.text, /AKID/u)
    }, { cos: () => ({ status: 403, headers: [], body }) })
  }
  await asked(async ({ ask }) => {
    for (const target of [at("list1"), inventories]) {
      const answer = await ask("GET", target)
      assert.equal(answer.status, 502)
      assert.equal(answer.value.code, "cos-unexpected")
      assert.doesNotMatch(answer.text, /secret/u)
    }
  }, { cos: () => ({ status: 200, headers: [], body: html }) })
})

test("a rate is answered with 429 and when to come back", () =>
  asked(async ({ ask }) => {
    const answers = [await ask("GET", at("list1")), await ask("GET", at("list1")), await ask("GET", at("list1"))]
    const limited = answers.find(({ status }) => status === 429)
    assert.ok(limited !== undefined)
    assert.match(limited.headers.get("retry-after")!, /^[1-9]\d*$/u)
  }, {
    policy: {
      version: 1,
      buckets: [`${bucket}@ap-guangzhou`],
      principals: [{ name: "admin", tokens: [hashOf("admin")], grants: [{ buckets: ["*"] }] }],
      limits: { requestsPerSecond: 1, burst: 1 },
    },
  }))

test("lint answers with counts and findings, and asks COS for nothing", () =>
  asked(async ({ ask, upstream }) => {
    const fine = await ask("POST", "/v1/lint", { value: { rules: [{ id: "a", ...rule }] } })
    assert.equal(fine.value.valid, true)
    assert.equal(fine.value.counts.errors, 0)
    const bad = await ask("POST", "/v1/lint", {
      value: [{ id: "a", ...rule, schedule: { frequency: "Hourly" } }, { id: "a", ...rule }],
    })
    assert.equal(bad.status, 200)
    assert.equal(bad.value.valid, false)
    const codes = bad.value.findings.map(({ code }: { code: string }) => code)
    assert.ok(codes.includes("frequency-known") && codes.includes("id-repeated"), codes.join())
    const counted = Object.values(bad.value.counts as Record<string, number>).reduce((a, b) => a + b, 0)
    assert.equal(counted, bad.value.findings.length)
    assert.equal((await ask("POST", "/v1/lint", { value: [] })).value.valid, false)
    assert.equal((await ask("POST", "/v1/lint", { value: { buckets: [], rules: [] } })).value.valid, true)
    assert.equal((await ask("POST", `/v1/lint?bucket=other-1250000000`, { value: { id: "a", ...rule } })).status, 403)
    assert.equal((await ask("POST", `/v1/lint`, { value: { id: "a", ...rule }, token: "reader" })).status, 400)
    const elsewhere = await ask("POST", `/v1/lint?bucket=other-1250000000`, {
      value: { id: "a", ...rule },
      token: "reader",
    })
    assert.equal(elsewhere.value.valid, true)
    const both = { buckets: [bucket, "other-1250000000@ap-beijing"], rules: [{ id: "a-${region}", ...rule }] }
    assert.equal((await ask("POST", `/v1/lint`, { value: both, token: "reader" })).value.valid, true)
    assert.deepEqual(upstream(), [])
  }))

test("a plan creates, updates, keeps and deletes what it should, over several pages", () =>
  asked(async ({ ask, upstream }) => {
    for (let i = 0; i < 120; i++) await put(ask, `r-${i}`)
    const rules = {
      manages: ["r-1*"],
      rules: [{ id: "new", ...rule }, { id: "r-0", ...rule }, { id: "r-119", ...rule, isEnabled: false }],
    }
    const before = upstream().length
    const plan = await ask("POST", "/v1/plan", { value: { bucket, rules, prune: true } })
    assert.equal(plan.status, 200, plan.text)
    const managed = Array.from({ length: 119 }, (_, i) => `r-${i}`).filter((id) => id.startsWith("r-1")).length
    assert.deepEqual(plan.value.plan.counts, {
      create: 1,
      update: 1,
      delete: managed,
      keep: 1,
      unmanaged: 123 - 2 - managed,
    })
    assert.match(plan.value.checksum, /^\d+$/u)
    assert.deepEqual(upstream().slice(before).map(({ method }) => method), ["GET", "GET"])
  }))

test("a plan is refused when the caller sees a part of the rules, or none", () =>
  asked(async ({ ask, upstream }) => {
    const value = { bucket, rules: { id: "ci-1", ...rule } }
    for (
      const [token, code] of [["narrow", "list-partial"], ["blind", "AccessDenied"], [
        "nobody",
        "AccessDenied",
      ]] as const
    ) {
      const answer = await ask("POST", "/v1/plan", { value, token })
      assert.equal(answer.status, 403)
      assert.equal(answer.value.code, code)
    }
    assert.deepEqual(upstream(), [])
    assert.equal((await ask("POST", "/v1/plan", { value, token: "reader" })).value.plan.counts.create, 1)
  }))

test("a plan is refused with findings when its body is no plan's", () =>
  asked(async ({ ask, upstream }) => {
    const one = { id: "a", ...rule }
    const bodies = [
      [],
      {},
      { bucket },
      { bucket: "x", rules: one },
      { bucket, rules: one, prune: "yes" },
      { bucket, rules: one, prun: true },
      { bucket, rules: [] },
      { bucket, rules: [one, one] },
      { bucket, rules: { buckets: ["other-1250000000"], rules: [one] } },
      { bucket, rules: { buckets: [`${bucket}@ap-beijing`], rules: [one] } },
      { bucket, rules: { buckets: [], rules: [one] } },
      { bucket, rules: { id: "a", ...job } },
      { bucket, rules: { rules: [{ id: "a", ...rule, oops: 1 }] } },
    ]
    for (const value of bodies) {
      const answer = await ask("POST", "/v1/plan", { value })
      assert.equal(answer.status, 422, JSON.stringify(value))
      assert.ok(answer.value.findings.length > 0)
    }
    assert.deepEqual(upstream(), [])
    const odd = await ask("POST", "/v1/plan", {
      value: { bucket, rules: { ...one, schedule: { frequency: "Hourly" } } },
    })
    assert.equal(odd.status, 422)
  }))

test("what a caller may not do is denied before the body is read", () =>
  asked(async ({ ask, upstream }) => {
    for (const [token, id] of [["reader", "a"], ["narrow", "a"], ["nobody", "ci-1"]] as const) {
      for (const body of ["", "{", '{"oops":1}']) {
        assert.equal((await ask("PUT", at(id), { token, body })).status, 403)
        assert.equal((await ask("POST", `${at(id)}/run`, { token, body })).status, 403)
      }
    }
    assert.deepEqual(upstream(), [])
  }))

const lost = (kind: TransportError["kind"], sent: TransportError["sent"]) => {
  const failure = new TransportError({ kind, sent, host: "secret.example", detail: "secret" })
  const { headers, body } = problem({ code: "ServiceUnavailable", message: "" }, undefined, failure, { callId: "ci-7" })
  return { ...JSON.parse(new TextDecoder().decode(body)), again: header(headers, "retry-after") }
}

test("a problem says that a write may have been made, unless nothing was sent", () => {
  const unsent = lost("refused", "no")
  assert.equal(unsent.code, "cos-unreachable")
  assert.match(unsent.detail, /Nothing was written/u)
  assert.equal(unsent.again, "5")
  assert.equal(unsent.requestId, "ci-7")
  for (const kind of ["reset", "cut", "timeout", "other", "too-large"] as const) {
    const maybe = lost(kind, "maybe")
    assert.notEqual(maybe.code, "cos-unreachable")
    assert.match(maybe.detail, /A write may have been made: read before/u)
    assert.equal(maybe.again, undefined)
  }
})

test("the keys of an issuer that cannot be had are no fault of COS's", () =>
  asked(async ({ ask, upstream }) => {
    const part = (value: unknown) => btoa(JSON.stringify(value)).replace(/=+$/u, "")
    const token = `${part({ alg: "RS256", kid: "a" })}.${part({ iss: "https://issuer.example", exp: 4e9 })}.YWFh`
    const answer = await ask("GET", "/v1/buckets", { token })
    assert.equal(answer.status, 503, answer.text)
    assert.equal(answer.value.code, "keys-unreachable")
    assert.match(answer.value.detail, /COS was not asked/u)
    assert.equal(answer.headers.get("retry-after"), "5")
    assert.deepEqual(upstream(), [])
  }, {
    fetchKeys: () => Promise.reject(new Error("gone")),
    policy: {
      ...jsonPolicy,
      issuers: [{ issuer: "https://issuer.example", audience: ["proxy"], jwks: "https://issuer.example/keys" }],
      principals: [...jsonPolicy.principals, {
        name: "pipeline",
        jwt: { issuer: "https://issuer.example", claims: { sub: "ci" } },
        grants: [{ buckets: [bucket] }],
      }],
    },
  }))

test("COS's own Retry-After is kept, and an unavailable COS has one", () => {
  for (const [code, own, expected] of [["SlowDown", "60", "60"], ["ServiceUnavailable", "", "5"]] as const) {
    const { headers } = refusalAnswer(
      new CosError({
        code,
        status: 503,
        reason: code === "SlowDown" ? "throttled" : "unavailable",
        retryable: true,
        serverMessage: "No.",
        ...(own === "" ? {} : { retryAfterSeconds: Number(own) }),
      }),
      { callId: "ci-7" },
    )
    assert.equal(header(headers, "retry-after"), expected)
  }
})

test("another body than that of Content-MD5 is refused, also where the header alone is signed", () =>
  asked(async ({ ask, upstream }) => {
    const signed = { ...rule, destination: { bucket, prefix: "ci/b", format: "CSV" } }
    const md5 = (value: unknown) => hashes.md5Base64(new TextEncoder().encode(JSON.stringify(value)))
    for (const as of [{ key: "AKIDwriter" }, {}]) {
      for (const wrong of [md5(signed), "x"]) {
        const headers = { "content-md5": wrong }
        const one = await ask("PUT", at("ci-1"), { value: rule, headers, ...as })
        assert.deepEqual([one.status, one.value.code], [400, "body-unreadable"], one.text)
        const ran = await ask("POST", `${at("ci-1")}/run`, { value: job, headers, ...as })
        assert.equal(ran.status, 400)
      }
      assert.deepEqual(upstream(), [])
    }
    const right = await ask("PUT", at("ci-1"), {
      value: rule,
      headers: { "content-md5": md5(rule) },
      key: "AKIDwriter",
    })
    assert.equal(right.status, 200, right.text)
  }, {
    policy: {
      ...jsonPolicy,
      principals: jsonPolicy.principals.map((one) => one.name === "admin" ? { ...one, keys: ["AKIDwriter"] } : one),
    },
  }))

const many = <A>(count: number, item: (i: number) => A): ReadonlyArray<A> =>
  Array.from({ length: count }, (_, i) => item(i))

test("a body of more rules than a bucket takes, or of more values than they need, is refused unjudged", () =>
  asked(async ({ ask, upstream }) => {
    const rules = many(1001, () => ({}))
    const wide = many(1000, () => "x")
    const bodies = [
      rules,
      { rules },
      { configurations: rules },
      { optionalFields: many(5000, () => "x") },
      { filter: { tags: many(5000, () => ({})) } },
      Object.fromEntries(many(5000, (i) => [`x${i}`, 1])),
      many(10, () => ({ optionalFields: wide })),
      { defaults: { optionalFields: wide }, rules: many(100, () => ({})) },
    ]
    for (const value of bodies) {
      const where = JSON.stringify(value).slice(0, 60)
      for (
        const answer of [
          await ask("POST", "/v1/lint", { value }),
          await ask("POST", "/v1/plan", { value: { bucket, rules: value } }),
          await ask("PUT", at("ci-1"), { value }),
          await ask("POST", `${at("ci-1")}/run`, { value }),
        ]
      ) {
        assert.deepEqual([answer.status, answer.value.code], [413, "body-too-large"], where)
        assert.equal(answer.value.findings, undefined)
      }
    }
    assert.deepEqual(upstream(), [])
    const full = { rules: many(1000, (i) => ({ id: `r-${i}`, ...rule })) }
    assert.equal((await ask("POST", "/v1/plan", { value: { bucket, rules: full } })).value.plan.counts.create, 1000)
    const everywhere = { buckets: [bucket, "other-1250000000"], rules: many(1000, () => many(40, () => 1)) }
    assert.equal((await ask("POST", "/v1/lint", { value: everywhere, token: "reader" })).status, 413)
  }))

test("an answer has the first findings alone, errors before others, and counts the rest", () =>
  asked(async ({ ask }) => {
    const value = { rules: many(300, () => ({})) }
    const judged = await ask("POST", "/v1/lint", { value })
    assert.equal(judged.value.findings.length, 100)
    const counts: Readonly<Record<string, number>> = judged.value.counts
    assert.equal(Object.values(counts).reduce((a, b) => a + b, 0), 100 + judged.value.more)
    assert.ok(judged.value.findings.every(({ severity }: { severity: string }) => severity === "error"))
    const planned = await ask("POST", "/v1/plan", { value: { bucket, rules: value } })
    assert.deepEqual([planned.status, planned.value.findings.length], [422, 100])
    assert.ok(planned.value.more > 0)
    const put = await ask("PUT", at("ci-1"), { value: { ...rule, optionalFields: many(500, (i) => `x${i}`) } })
    assert.deepEqual([put.status, put.value.findings.length, put.value.more], [422, 100, 400])
    const twice = `{${many(300, () => '"a":1').join()}}`
    const headers = { "content-type": "application/json" }
    assert.equal((await ask("PUT", at("ci-1"), { headers, body: twice })).value.findings.length, 100)
  }))

test("a list that goes on without a token is no whole list", () => {
  const xml = "<ListInventoryConfigurationResult><IsTruncated>true</IsTruncated></ListInventoryConfigurationResult>"
  return asked(async ({ ask }) => {
    const page = await ask("GET", inventories)
    assert.deepEqual([page.status, page.value.code], [502, "cos-unexpected"])
    const planned = await ask("POST", "/v1/plan", { value: { bucket, rules: { id: "ci-1", ...rule } } })
    assert.deepEqual([planned.status, planned.value.code], [502, "cos-unexpected"])
  }, { cos: () => ({ status: 200, headers: [], body: new TextEncoder().encode(xml) }) })
})

test("a problem without words of its own has those of its kind", () =>
  asked(async ({ ask }) => {
    assert.match((await ask("GET", "/v1/x")).value.detail, /table of routes/u)
    assert.match((await ask("PATCH", inventories)).value.detail, /Allow/u)
    assert.match((await ask("GET", inventories, { token: "nobody" })).value.detail, /Ask whoever keeps/u)
  }))

test("no answer is told apart by what kept it away", () => {
  const refusal = { code: "ServiceUnavailable", message: "" }
  const kinds = ["dns", "refused", "tls", "timeout", "reset", "cut", "too-large", "other"] as const
  const statuses = kinds.map((kind) =>
    problem(refusal, undefined, new TransportError({ kind, sent: "maybe", host: "secret.example", detail: "secret" }))
  ).map(({ status, body }) => {
    assert.doesNotMatch(new TextDecoder().decode(body), /secret/u)
    return status
  })
  assert.deepEqual(statuses, [502, 502, 502, 504, 502, 502, 502, 502])
  assert.equal(problem({ code: "InternalError", message: "" }).status, 502)
})

test("a throttled COS is answered with 429 and when to come back", () => {
  const error = new CosError({
    code: "SlowDown",
    status: 503,
    reason: "throttled",
    retryable: true,
    serverMessage: "Reduce\u001b[2J your request rate.",
  })
  const { status, headers, body } = refusalAnswer(error, { callId: "ci-7" })
  assert.equal(status, 429)
  assert.equal(header(headers, "retry-after"), "1")
  const { detail, requestId } = JSON.parse(new TextDecoder().decode(body))
  assert.equal(requestId, "ci-7")
  assert.equal(detail, "Reduce\\u{1b}[2J your request rate.")
})

test("every refusal of the proxy's own has the status of its outcome", () => {
  const outcomes = { unauthenticated: 401, denied: 403, limited: 429, invalid: 400 } as const
  for (const [outcome, status] of Object.entries(outcomes)) {
    const refusal = { code: outcome === "limited" ? "SlowDown" : "InvalidArgument", message: "No." }
    const error = new Refused({
      outcome: outcome as keyof typeof outcomes,
      refusal,
      why: "secret",
      retryAfterSeconds: 3,
    })
    const answer = problem(refusal, error)
    assert.equal(answer.status, status)
    assert.equal(header(answer.headers, "retry-after"), "3")
    assert.doesNotMatch(new TextDecoder().decode(answer.body), /secret/u)
  }
})

test("whatever reaches COS was allowed to whoever asked for it, in an independent model", () =>
  asked(async ({ ask, upstream }) => {
    const roll = dice(11)
    const pick = <A>(all: ReadonlyArray<A>): A => all[roll(all.length)]!
    let reached = 0
    for (let i = 0; i < 400; i++) {
      const token = pick(["admin", "narrow", "blind", "reader", "nobody", "wrong"])
      const id = pick(["ci-1", "ci-2", "list1", "new"])
      const name = pick([bucket, bucket, bucket, "other-1250000000", "none-1250000000"])
      const method = pick(["GET", "PUT", "DELETE", "POST"])
      const prefix = pick(["ci/a", "ci/", "elsewhere", "ci"])
      const value = { ...rule, destination: { bucket: pick([bucket, "leak-1250000000"]), prefix, format: "CSV" } }
      const headers: Record<string, string> = roll(3) === 0 ? { [pick(["if-match", "if-none-match"])]: "*" } : {}
      const before = upstream().length
      const target = `/v1/buckets/${name}/inventories/${id}${method === "POST" ? "/run" : ""}`
      await ask(method, target, { token, headers, ...(method === "PUT" || method === "POST" ? { value } : {}) })
      for (const request of upstream().slice(before)) {
        reached++
        const { searchParams, pathname, host } = new URL(request.target, request.origin)
        const where = `${token} ${method} ${target} reached ${request.method} ${host}${pathname}?${searchParams}`
        assert.ok(host.startsWith(name) || pathname.startsWith(`/${name}`), where)
        assert.equal(searchParams.get("id"), id, where)
        const isWrite = request.method !== "GET"
        if (isWrite) assert.equal(request.method, method, where)
        // The audit log reads what a write that is allowed is about to change
        const mayWrite = {
          admin: () => name === bucket,
          narrow: () => name === bucket && id.startsWith("ci-"),
          blind: () => name === bucket && (method === "PUT" || method === "DELETE"),
        }[token] ?? (() => false)
        const mayRead = {
          admin: () => name === bucket,
          narrow: () => name === bucket && id.startsWith("ci-"),
          reader: () => name !== "none-1250000000",
          nobody: () => name === "other-1250000000",
        }[token] ?? (() => false)
        assert.ok(method === "GET" ? mayRead() : mayWrite(), where)
        if (request.method === "PUT" || request.method === "POST") {
          const sent = new TextDecoder().decode(request.body)
          assert.match(sent, new RegExp(`<Bucket>qcs::cos:ap-guangzhou::${bucket}</Bucket>`, "u"), where)
          if (token === "narrow") {
            assert.match(sent, /<Prefix>ci\/a?<\/Prefix><\/COSBucketDestination>|<Prefix>ci\//u, where)
          }
          assert.doesNotMatch(sent, /leak-/u, where)
        }
      }
    }
    assert.ok(reached > 50, String(reached))
  }))

test("the log is told operation, bucket, id and principal, and no code of what went well", async () => {
  const policy = Result.getOrThrow(readPolicy(jsonPolicy))
  const [principal] = policy.principals
  const missing = {
    status: 404,
    headers: [],
    body: new TextEncoder().encode(
      writeErrorDocument({ code: "InventoryConfigurationNotFoundError", message: "None." }),
    ),
  }
  const tell = async (method: string, target: string, headers: Headers = [], value: unknown = undefined) => {
    const told: Told = { callId: "call" }
    const calls: Array<string> = []
    await Effect.runPromise(
      jsonDoor({ hashes, authenticate: () => Effect.succeed({ principal: principal!, shown: { by: "token" } }) })
        .answer({
          policy,
          told,
          charge: () => Effect.void,
          request: {
            method,
            origin: "http://proxy.test",
            target,
            headers: [["content-type", "application/json"], ...headers],
            body: new TextEncoder().encode(value === undefined ? "" : JSON.stringify(value)),
          },
          perform: ({ operation, requestId }) => {
            calls.push(`${operation._tag} ${requestId}`)
            told.code = "InventoryConfigurationNotFoundError"
            return Effect.succeed(
              operation._tag === "GetBucketInventory" ? missing : { status: 200, headers: [], body: new Uint8Array(0) },
            )
          },
        }),
    )
    return { told, calls }
  }
  const put = await tell("PUT", at("ci-1"), [["If-None-Match", "*"]], rule)
  assert.deepEqual(put.calls, ["GetBucketInventory call", "PutBucketInventory call"])
  assert.deepEqual(put.told, {
    callId: "call",
    operation: "PutBucketInventory",
    bucket,
    id: "ci-1",
    principal: "admin",
    shown: { by: "token" },
  })
  const get = await tell("GET", at("list1"))
  assert.equal(get.told.code, "InventoryConfigurationNotFoundError")
  assert.equal(get.told.operation, "GetBucketInventory")
  for (
    const [method, target, operation] of [
      ["GET", "/docs", "Docs"],
      ["GET", "/openapi.json", "OpenApi"],
      ["GET", "/v1/buckets", "GetService"],
      ["GET", "/v1/nothing", "other"],
    ] as const
  ) assert.equal((await tell(method, target)).told.operation, operation)
})
