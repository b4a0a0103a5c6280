/** Keys from the environment, and which of several sources is used. */
import { strict as assert } from "node:assert"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { choose, credential, fromEnvironment, layerFixed, type Profile } from "../adapters/credentials/mod.ts"
import { type Credential, Credentials } from "../core/ports.ts"
import { effect, prop } from "./harness.ts"

const plain = (found: Credential | undefined) =>
  found === undefined ? undefined : [
    found.secretId,
    Redacted.value(found.secretKey),
    ...(found.sessionToken === undefined ? [] : [Redacted.value(found.sessionToken)]),
  ]

const cos = { COS_SECRET_ID: "id1", COS_SECRET_KEY: "key1" }
const tencent = { TENCENTCLOUD_SECRET_ID: "id2", TENCENTCLOUD_SECRET_KEY: "key2" }

for (
  const [name, env, expected] of [
    ["nothing is set", {}, undefined],
    ["only other variables are set", { COS_REGION: "ap-guangzhou", PATH: "/bin" }, undefined],
    ["the COS pair is set", cos, ["id1", "key1"]],
    ["the COS pair and its token are set", { ...cos, COS_SESSION_TOKEN: "t1" }, ["id1", "key1", "t1"]],
    ["the Tencent Cloud pair is set", tencent, ["id2", "key2"]],
    ["the Tencent Cloud pair and its token are set", { ...tencent, TENCENTCLOUD_SECURITY_TOKEN: "t2" }, [
      "id2",
      "key2",
      "t2",
    ]],
    ["both pairs are set", { ...tencent, ...cos }, ["id1", "key1"]],
    ["both pairs and only the second's token are set", { ...cos, ...tencent, TENCENTCLOUD_SECURITY_TOKEN: "t2" }, [
      "id1",
      "key1",
    ]],
    ["the first set is empty", { COS_SECRET_ID: "", COS_SECRET_KEY: "", COS_SESSION_TOKEN: "", ...tencent }, [
      "id2",
      "key2",
    ]],
    ["the token is empty", { ...cos, COS_SESSION_TOKEN: "" }, ["id1", "key1"]],
    ["everything is empty", { COS_SECRET_ID: "", TENCENTCLOUD_SECRET_KEY: "" }, undefined],
  ] as ReadonlyArray<readonly [string, Record<string, string>, ReadonlyArray<string> | undefined]>
) {
  effect(
    `fromEnvironment takes one whole set when ${name}`,
    Effect.map(fromEnvironment(env), (found) => assert.deepEqual(plain(found), expected)),
  )
}

for (
  const [name, env, set, missing] of [
    ["the key is missing", { COS_SECRET_ID: "hunter2" }, "COS_SECRET_ID", "COS_SECRET_KEY"],
    ["the id is missing", { COS_SECRET_KEY: "hunter2" }, "COS_SECRET_KEY", "COS_SECRET_ID"],
    ["the key is empty", { COS_SECRET_ID: "hunter2", COS_SECRET_KEY: "" }, "COS_SECRET_ID", "COS_SECRET_KEY"],
    ["only a token is set", { COS_SESSION_TOKEN: "hunter2" }, "COS_SESSION_TOKEN", "COS_SECRET_ID and COS_SECRET_KEY"],
    [
      "half a set stands before a whole one",
      { COS_SECRET_ID: "hunter2", ...tencent },
      "COS_SECRET_ID",
      "COS_SECRET_KEY",
    ],
    [
      "a token of one set stands before a whole other",
      { COS_SESSION_TOKEN: "hunter2", ...tencent },
      "COS_SESSION_TOKEN",
      "COS_SECRET_ID and COS_SECRET_KEY",
    ],
    [
      "the second set is half",
      { TENCENTCLOUD_SECRET_KEY: "hunter2" },
      "TENCENTCLOUD_SECRET_KEY",
      "TENCENTCLOUD_SECRET_ID",
    ],
  ] as ReadonlyArray<readonly [string, Record<string, string>, string, string]>
) {
  effect(
    `fromEnvironment names what is missing when ${name}`,
    Effect.map(Effect.flip(fromEnvironment(env)), (error) => {
      assert.equal(error.problem, `Half a credential: ${set} is set, but not ${missing}`)
      assert.equal(error.source, "environment")
      assert.doesNotMatch(error.message + inspect(error, { depth: 9 }), /hunter2/u)
    }),
  )
}

for (
  const [name, value, problem] of [
    ["a line break", "hunter2\n", "white space"],
    ["a blank before it", " hunter2", "white space"],
    ["a blank within it", "hun ter2", "white space"],
    ["quotation marks", '"hunter2"', "quotation marks"],
    ["a typographic hyphen", "hunter2–", "printable ASCII"],
    ["a control character", "hunter2\u{0}", "printable ASCII"],
  ] as const
) {
  for (const variable of ["COS_SECRET_ID", "COS_SECRET_KEY", "COS_SESSION_TOKEN"]) {
    effect(
      `fromEnvironment refuses ${variable} without showing it when it has ${name}`,
      Effect.map(
        Effect.flip(fromEnvironment({ ...cos, COS_SESSION_TOKEN: "t", [variable]: value })),
        (error) => {
          assert.ok(error.problem.startsWith(`${variable} has `) && error.problem.includes(problem), error.problem)
          assert.doesNotMatch(error.message + inspect(error, { depth: 9 }), /hunter2|hun ter2/u)
        },
      ),
    )
  }
}

prop(
  "fromEnvironment never mixes two sources, whatever is set",
  Schema.Array(Schema.Literals([
    "COS_SECRET_ID",
    "COS_SECRET_KEY",
    "COS_SESSION_TOKEN",
    "TENCENTCLOUD_SECRET_ID",
    "TENCENTCLOUD_SECRET_KEY",
    "TENCENTCLOUD_SECURITY_TOKEN",
  ])),
  (set) => {
    const env = Object.fromEntries(set.map((name) => [name, name.split("_")[0]!]))
    return fromEnvironment(env).pipe(
      Effect.map((found) => found === undefined ? set.length === 0 : new Set(plain(found)).size === 1),
      Effect.catch((error) => Effect.succeed(/^Half a credential/u.test(error.problem))),
    )
  },
)

effect(
  "a credential shows neither key nor token when it is printed",
  Effect.sync(() => {
    const given = credential("id", "hunter2", "hunter3")
    assert.doesNotMatch(inspect(given, { depth: 9 }) + JSON.stringify(given) + String(given.secretKey), /hunter/u)
    assert.deepEqual(plain(given), ["id", "hunter2", "hunter3"])
    assert.ok(!("sessionToken" in credential("id", "key")))
  }),
)

const from = (env: Record<string, string>, profile?: Partial<Profile>) =>
  Effect.gen(function* () {
    const found = yield* choose(env, profile === undefined ? undefined : { name: "p", file: "f", ...profile })
    if (found === undefined) return undefined
    return plain(yield* Credentials.use((get) => get).pipe(Effect.provide(found)))
  })
const printing = (id: string) => ["printf", "%s", JSON.stringify({ secretId: id, secretKey: "key3" })]

effect(
  "choose takes the environment, then the profile's keys, then its process",
  Effect.gen(function* () {
    const given = credential("id2", "key2")
    assert.deepEqual(yield* from(cos, { credential: given }), ["id1", "key1"])
    assert.deepEqual(yield* from({}, { credential: given }), ["id2", "key2"])
    assert.deepEqual(yield* from({}, { credentialProcess: printing("id3") }), ["id3", "key3"])
    assert.deepEqual(yield* from(cos, { credentialProcess: ["false"] }), ["id1", "key1"])
    assert.equal(yield* from({}, { region: "ap-guangzhou" }), undefined)
    assert.equal(yield* from({}), undefined)
  }),
)

effect(
  "choose fails when the environment has half a credential, though the profile has a whole one",
  Effect.gen(function* () {
    const error = yield* Effect.flip(from({ COS_SECRET_ID: "id" }, { credential: credential("id2", "key2") }))
    assert.match(error.message, /COS_SECRET_KEY/u)
  }),
)

effect(
  "choose names the profile when its process fails",
  Effect.gen(function* () {
    const error = yield* Effect.flip(from({}, { credentialProcess: ["false"] }))
    assert.equal(error.source, 'f, profile "p"')
  }),
)

effect(
  "layerFixed gives the credential that it was given",
  Effect.gen(function* () {
    const given = credential("id", "key")
    assert.equal(yield* Credentials.use((get) => get).pipe(Effect.provide(layerFixed(given))), given)
  }),
)
