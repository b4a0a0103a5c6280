/** For generated policies and requests: what reaches COS is what an independent model of the policy allows, and no less. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { parse, type TNode } from "txml/txml"
import { hashes, layer as layerHashes } from "../adapters/hashes/node.ts"
import { demoKey } from "../adapters/memory/mod.ts"
import type { HttpRequest } from "../core/http.ts"
import { verify } from "../core/signing/mod.ts"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { percentEncode } from "../core/wire/target.ts"
import { dice, good, jobOf } from "./generated.ts"
import { type Asking, hashOf, openWorld, requestOf } from "./proxy-world.ts"

const verbs = ["get", "list", "put", "delete", "run"] as const
type Verb = (typeof verbs)[number]

interface GrantForm {
  readonly buckets: ReadonlyArray<string>
  readonly operations?: ReadonlyArray<Verb>
  readonly ids?: ReadonlyArray<string>
  readonly destinations?: ReadonlyArray<string>
}
interface PrincipalForm {
  readonly name: string
  readonly grants: ReadonlyArray<GrantForm>
}
interface Wanted {
  readonly verb: Verb
  readonly bucket: string
  readonly id?: string
  readonly destination?: { readonly bucket: string; readonly region: string; readonly prefix: string }
}

const buckets = ["a-1250000000", "ab-1250000000", "b-1250000000"] as const
const bucketGlobs = ["*", "a*", "a-*", "?-1250000000", "b-1250000000", "*b-*", "c-*"]
const ids = ["a", "b", "ab", "ba", "a-1", "b.2", "aab", "b b", "a/b", "a&b"]
const idGlobs = ["*", "a", "a*", "*b", "?", "??", "a?b", "*-*", "b*b"]
const places = ["a-1250000000", "ab-1250000000", "z-1250000000", "a-1250000001"]
const placeGlobs = [
  "*",
  "a-*",
  "z-1250000000",
  "?-*@ap-guangzhou",
  "*/x/*",
  "*@ap-*/x/a*",
  "ab-*@*-beijing/*",
  "a*/",
  "a-1250000001/x*",
]
const regions = ["ap-guangzhou", "ap-beijing"]
const prefixes = ["", "x/", "x/a", "x/ab/", "y/", "x/../y"]

type Dice = ReturnType<typeof dice>
const one = <T>(roll: Dice, from: ReadonlyArray<T>): T => from[roll(from.length)]!
const some = <T>(roll: Dice, from: ReadonlyArray<T>): ReadonlyArray<T> =>
  Array.from({ length: 1 + roll(2) }, () => one(roll, from))

const grantOf = (roll: Dice): GrantForm => ({
  buckets: some(roll, bucketGlobs),
  ...(roll(4) === 0 ? {} : { operations: [...some(roll, verbs), ...some(roll, ["put", "run"] as const)] }),
  ...(roll(3) === 0 ? {} : { ids: some(roll, idGlobs) }),
  ...(roll(4) === 0 ? {} : { destinations: some(roll, placeGlobs) }),
})

/** The model: every glob a regular expression, every grant tried, nothing shared with the proxy's own decision. */
const isLike = (glob: string, text: string): boolean =>
  new RegExp(`^${glob.replace(/[.+^${}()|[\]\\/]/gu, "\\$&").replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`).test(
    text,
  )

const isAllowed = ({ grants }: PrincipalForm, { verb, bucket, id, destination }: Wanted): boolean =>
  grants.some((grant) =>
    grant.buckets.some((glob) => isLike(glob, bucket)) &&
    (grant.operations ?? ["get", "list"]).includes(verb) &&
    (verb === "list" || (grant.ids ?? ["*"]).some((glob) => isLike(glob, id ?? ""))) &&
    (verb !== "put" && verb !== "run" ||
      (grant.destinations ?? []).some((text) => {
        if (destination === undefined) return false
        const [, name = "", region = "*", prefix] = /^([^@/]*)(?:@([^/]*))?(?:\/(.*))?$/u.exec(text)!
        // Every bucket of the policy is of one account, and a pattern that spells none means that one
        const isOfAccount = /-\d+$/u.test(name) || destination.bucket.endsWith("-1250000000")
        const isBelow = prefix === undefined ||
          (isLike(prefix, destination.prefix) && !destination.prefix.split("/").includes(".."))
        return isOfAccount && isBelow && isLike(name, destination.bucket) && isLike(region, destination.region)
      }))
  )

/** What a request to COS asks for, by another reader than the proxy's. */
const readBack = ({ method, origin, target, body }: HttpRequest): Wanted => {
  const host = /^https:\/\/(.*)\.cos\.ap-guangzhou\.myqcloud\.com$/u.exec(origin)
  assert.ok(host !== null && buckets.some((name) => name === host[1]), origin)
  const query = /^\/\?inventory(?:&id=([A-Za-z0-9._~%-]+))?$/u.exec(target)
  assert.ok(query !== null, target)
  const id = query[1] === undefined ? {} : { id: decodeURIComponent(query[1]) }
  const verb = method === "GET" ? query[1] === undefined ? "list" : "get" : verbOf[method]
  assert.ok(verb !== undefined, method)
  if (verb !== "put" && verb !== "run") {
    assert.equal(body.byteLength, 0)
    return { verb, bucket: host[1]!, ...id }
  }
  const nodes = parse(new TextDecoder().decode(body)) as ReadonlyArray<TNode>
  const rule = only(nodes, "InventoryConfiguration")!
  const place = only(only(rule.children, "Destination")!.children, "COSBucketDestination")!
  const [, region = "", bucket = ""] = /^qcs::cos:([^:]*)::([^:]*)$/u.exec(textIn(place, "Bucket")) ?? []
  assert.equal(textIn(rule, "Id"), id.id)
  return {
    verb,
    bucket: host[1]!,
    ...id,
    destination: { bucket, region, prefix: textIn(place, "Prefix") },
  }
}
const verbOf: Readonly<Record<string, Verb>> = { PUT: "put", DELETE: "delete", POST: "run" }

const only = (nodes: ReadonlyArray<TNode | string>, name: string): TNode | undefined => {
  const found = nodes.filter((node): node is TNode => typeof node !== "string" && node.tagName === name)
  assert.ok(found.length <= 1, `${name} stands ${found.length} times`)
  return found[0]
}
const textIn = (node: TNode, name: string): string =>
  only(node.children, name)?.children.join("").replaceAll("&amp;", "&") ?? ""

/** One request, and whether it is what it says: then it has to reach COS when it is allowed. */
interface Asked extends Wanted {
  readonly method: string
  readonly target: string
  readonly asking: Asking
  readonly isWhole: boolean
}

const methodOf = { get: "GET", list: "GET", put: "PUT", delete: "DELETE", run: "POST" } as const

const wantedOf = (roll: Dice): Wanted => {
  const verb = one(roll, verbs)
  const bucket = roll(8) === 0 ? "c-1250000000" : one(roll, buckets)
  if (verb === "list") return { verb, bucket }
  const id = one(roll, ids)
  if (verb === "get" || verb === "delete") return { verb, bucket, id }
  return {
    verb,
    bucket,
    id,
    destination: { bucket: one(roll, places), region: one(roll, regions), prefix: one(roll, prefixes) },
  }
}

const bodyOf = ({ verb, id = "", destination }: Wanted): string | undefined => {
  if (destination === undefined) return undefined
  const { bucket, region, prefix } = destination
  const place = { bucket: `qcs::cos:${region}::${bucket}`, format: "CSV", ...(prefix === "" ? {} : { prefix }) }
  const rule = { ...good, id, destination: place }
  return writeConfiguration(verb === "put" ? rule : jobOf(rule))
}

/** Each makes another request of one, or one that nobody should take. */
const quirks: ReadonlyArray<(roll: Dice, asked: Asked) => Asked> = [
  (roll, asked) => ({ ...asked, target: `${asked.target}&id=${one(roll, ids)}` }),
  (_, asked) => ({ ...asked, target: asked.target.replace(/&id=.*/u, "&id=") }),
  (roll, asked) => ({ ...asked, target: asked.target.replace(/&id=.*/u, `&Id=${percentEncode(one(roll, ids))}`) }),
  (_, asked) => ({ ...asked, target: `${asked.target}&later` }),
  (_, asked) => ({ ...asked, target: `${asked.target}&inventory` }),
  (_, asked) => ({ ...asked, target: asked.target.replace("/?", "/key?") }),
  (roll, asked) =>
    edited(
      asked,
      (body) => body.replace("<Bucket>", `<Bucket>qcs::cos:ap-guangzhou::${one(roll, places)}</Bucket><Bucket>`),
    ),
  (roll, asked) =>
    edited(
      asked,
      (body) =>
        body.replace(
          /<Bucket>.*<\/Bucket>/u,
          `<Bucket> <![CDATA[qcs::cos:ap-beijing::${one(roll, places)}]]> </Bucket>`,
        ),
    ),
  (roll, asked) =>
    edited(asked, (body) => body.replace("<Destination>", `<Destination><Bucket>${one(roll, places)}</Bucket>`)),
  (roll, asked) =>
    edited(asked, (body) => body.replace(/<Prefix>.*?<\/Prefix>/gu, `<Prefix>${one(roll, prefixes)}</Prefix>`)),
  (roll, asked) => edited(asked, (body) => body.replace(/<Id>.*<\/Id>/u, `<Id>${one(roll, ids)}</Id>`)),
  (_, asked) => edited(asked, (body) => body.slice(0, -9)),
]
const edited = (asked: Asked, edit: (body: string) => string): Asked =>
  typeof asked.asking.body === "string"
    ? { ...asked, asking: { ...asked.asking, body: edit(asked.asking.body) } }
    : asked

const askedOf = (roll: Dice, { name }: PrincipalForm): Asked => {
  const wanted = wantedOf(roll)
  const { bucket, verb, id } = wanted
  const [host, path] = one(roll, [
    ["proxy.test", `/${bucket}`],
    [`${bucket}.proxy.test`, ""],
    [`${bucket}.cos.ap-guangzhou.myqcloud.com`, ""],
  ])
  const body = bodyOf(wanted)
  const plain: Asked = {
    ...wanted,
    method: methodOf[verb],
    target: `${path}/?inventory${id === undefined ? "" : `&id=${percentEncode(id)}`}`,
    asking: {
      headers: { host: host! },
      ...(body === undefined ? {} : { body }),
      ...(roll(2) === 0 ? { token: `${name}-token` } : { key: `AKIDkey${name}` }),
    },
    isWhole: true,
  }
  return roll(3) === 0 ? { ...one(roll, quirks)(roll, plain), isWhole: false } : plain
}

/** Says who asks in a way that is not to be believed. */
const forgeries: ReadonlyArray<(request: Request) => void> = [
  ({ headers }) => headers.delete("authorization"),
  ({ headers }) => headers.set("authorization", `${headers.get("authorization")}0`),
  ({ headers }) =>
    headers.set("authorization", headers.get("authorization")!.replace(/.$/u, (last) => last === "0" ? "1" : "0")),
  ({ headers }) => headers.set("authorization", headers.get("authorization")!.toUpperCase()),
  ({ headers }) => headers.set("authorization", "Bearer nobody"),
]

const names = ["ann", "bob", "cleo", "dan"]
const wireHeaders = new Set(["authorization", "content-type", "content-length", "content-md5"])

test("the proxy sends COS what its policy allows and nothing else, whatever the policy and the request", async () => {
  let reached = 0
  let expected = 0
  let written = 0
  let refused = 0
  for (let seed = 1; seed <= 150; seed++) {
    const roll = dice(seed * 7919)
    for (let warm = 0; warm < 5; warm++) roll(2)
    const principals: ReadonlyArray<PrincipalForm> = names.slice(0, 2 + roll(3)).map((name) => ({
      name,
      grants: Array.from({ length: 1 + roll(3) }, () => grantOf(roll)),
    }))
    const policy = {
      version: 1,
      buckets: buckets.map((name) => `${name}@ap-guangzhou`),
      limits: { requestsPerSecond: 10_000, burst: 100_000, runsPerDay: 100_000 },
      principals: principals.map(({ name, grants }) => ({
        name,
        tokens: [hashOf(`${name}-token`)],
        keys: [`AKIDkey${name}`],
        grants,
      })),
    }
    await Effect.runPromise(
      Effect.gen(function* () {
        const { app, upstream } = yield* openWorld({ policy })
        for (let round = 0; round < 15; round++) {
          const principal = one(roll, principals)
          const asked = askedOf(roll, principal)
          const request = requestOf(asked.method, asked.target, asked.asking)
          const isForged = roll(8) === 0
          if (isForged) one(roll, forgeries)(request)
          const before = upstream().length
          const response = yield* Effect.promise(async () => {
            const answer = await app.fetch(request)
            return { status: answer.status, text: await answer.text() }
          })
          const sent = upstream().slice(before)
          const what = `seed ${seed}, round ${round}: ${JSON.stringify([principal, asked, response], null, 1)}`

          const wanted = sent.map(readBack)
          const last = wanted.at(-1)
          for (const [at, { verb, bucket, id }] of wanted.entries()) {
            // The audit reads what a write is about to change
            const isRead = at < wanted.length - 1 && verb === "get" && id === last!.id && bucket === last!.bucket &&
              (last!.verb === "put" || last!.verb === "delete")
            assert.ok(isRead || (at === wanted.length - 1 && isAllowed(principal, wanted[at]!)), what)
          }
          for (const request of sent) {
            assert.deepEqual(request.headers.filter(([name]) => !wireHeaders.has(name.toLowerCase())), [], what)
            const { secretId, secretKey } = demoKey
            const now = Math.floor(Date.now() / 1000)
            const key = (id: string) => id === secretId ? { secretKey } : undefined
            assert.ok(Result.isSuccess(verify(request, { secretKeyOf: key, now, hashes })), what)
          }
          const isTold = asked.isWhole && !isForged && buckets.some((name) => name === asked.bucket) &&
            isAllowed(principal, asked)
          if (isTold) {
            expected++
            if (asked.destination !== undefined) written++
            const { verb, bucket, id, destination } = asked
            assert.deepEqual(last, {
              verb,
              bucket,
              ...(id === undefined ? {} : { id }),
              ...(destination === undefined ? {} : { destination }),
            }, what)
          } else if (sent.length === 0) {
            refused++
            assert.ok(response.status >= 400 && response.status < 500, what)
          }
          if (isForged) assert.deepEqual(sent, [], what)
          if (sent.length > 0) reached++
        }
      }).pipe(Effect.provide(layerHashes)),
    )
  }
  // Enough of each, or the above would say little
  const counts = { reached, expected, written, refused }
  assert.ok(expected > 200 && written > 30 && refused > 500 && reached > expected, JSON.stringify(counts))
})
