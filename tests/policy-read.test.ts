/** What is said of a policy that is wrong: everything at once, in its place, and no secret. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { judgePolicy, policyVariable } from "../adapters/policy-file.ts"
import { readYaml, writeYaml } from "../adapters/yaml/mod.ts"
import { InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/mod.ts"
import { policyWarnings, readPolicy } from "../core/policy/mod.ts"
import { redactText } from "../core/redact.ts"

const hash = (digit: string) => `sha256:${digit.repeat(64)}`
const emptyHash = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

/** Everything that a policy can say. */
const whole = {
  version: 1,
  endpoint: "https://{bucket}.cos.{region}.example.com",
  buckets: ["a-1250000000@ap-guangzhou", "b-1250000000@eu-frankfurt"],
  principals: [
    {
      name: "reader",
      tokens: [hash("1")],
      keys: ["AKIDreader"],
      grants: [{ buckets: ["*"], operations: ["get", "ListBucketInventory"], ids: ["ci-*"] }],
    },
    {
      name: "writer@team",
      jwt: { issuer: "https://issuer.example.com", claims: { sub: "repo:team/*", name: "Ann ?. Lee" } },
      grants: [{ buckets: ["a-*"], operations: ["put", "run"], destinations: ["a-1250000000@ap-guangzhou/ci/*"] }],
      limits: { requestsPerSecond: 1, burst: 2, concurrency: 3, runsPerDay: 4 },
    },
  ],
  issuers: [{
    issuer: "https://issuer.example.com",
    audience: ["proxy"],
    jwks: "https://issuer.example.com/keys",
    algorithms: ["ES256"],
    header: "Cf-Access-Jwt-Assertion",
    denied: ["lost"],
  }],
  accept: ["unknown-elements"],
  limits: { runsPerDay: 1 },
  timeoutSeconds: 20,
  metrics: { tokens: [hash("2")] },
} as const

const findingsOf = (value: unknown): ReadonlyArray<Finding> => {
  const read = readPolicy(value)
  return Result.isFailure(read) ? read.failure.findings : []
}

const findingsIn = (text: string): Promise<ReadonlyArray<Finding>> =>
  Effect.runPromise(
    Effect.flip(judgePolicy(`${text}\n`)).pipe(
      Effect.map((error) => error instanceof InvalidInput ? error.findings : assert.fail(error.message)),
    ),
  )

test("`readPolicy` reads all that a policy can say when nothing is wrong", () => {
  const policy = Result.getOrThrow(readPolicy(whole))
  assert.deepEqual([...policy.buckets], [["a-1250000000", "ap-guangzhou"], ["b-1250000000", "eu-frankfurt"]])
  assert.deepEqual(policy.principals[0]!.tokens, ["1".repeat(64)])
  assert.deepEqual(policy.principals[0]!.limits, { requestsPerSecond: 10, burst: 20, concurrency: 8, runsPerDay: 1 })
  assert.deepEqual(policy.principals[1]!.grants, [{
    buckets: ["a-*"],
    operations: ["PutBucketInventory", "PostBucketInventory"],
    ids: ["*"],
    destinations: [{ bucket: "a-1250000000", region: "ap-guangzhou", prefix: "ci/*" }],
  }])
  assert.deepEqual(policyWarnings(policy), [])
})

/** Ten faults of the form and of the meaning, none of which hides another. */
const faulty = {
  version: 2,
  endpoint: "ftp://cos.example.com",
  buckets: ["a-1250000000", "b-1250000000@ap-guangzhou", "b-1250000000@eu-frankfurt"],
  principals: [
    { name: "one", tokens: [hash("1"), emptyHash], grant: [], grants: [{ buckets: ["*"], operations: ["gett"] }] },
    { name: "one", tokens: ["cosinv_plain"], jwt: { issuer: "https://x.example.com", claims: {} }, grants: [] },
  ],
  timeoutSeconds: 0,
}

const faults = [
  "version wrong-type",
  "endpoint endpoint-form",
  "buckets[0] region-missing",
  "buckets[2] bucket-repeated",
  "principals[0].tokens[1] token-empty",
  "principals[0].grant unknown-key",
  "principals[0].grants[0].operations[0] operation-unknown",
  "principals[1].name name-repeated",
  "principals[1].tokens[0] token-form",
  "principals[1].jwt.issuer issuer-unknown",
  "principals[1].jwt.claims claims-empty",
  "timeoutSeconds wrong-type",
]

test("Every problem of a policy is told at once, in its order and at its place, when it is YAML or JSON", async () => {
  for (const [name, text] of [["p.yaml", writeYaml(faulty)], ["p.json", JSON.stringify(faulty, null, 2)]] as const) {
    const findings = await findingsIn(text)
    assert.deepEqual(findings.map(({ path, code }) => `${path} ${code}`), faults, name)
    const lines = text.split("\n")
    for (const { path, position, file, fix, allowed } of findings) {
      assert.equal(file, policyVariable)
      const last = /([A-Za-z]+)(?:\[\d+\])?$/u.exec(path)![1]!
      const at = lines[position!.line - 1]!.slice(position!.column - 1)
      assert.ok(/\]$/u.test(path) ? /^["\w]/u.test(at) : at.replace(/^"/u, "").startsWith(last), `${path}: ${at}`)
      assert.ok(fix !== "" && allowed !== "")
    }
  }
})

const fixesOf = (value: unknown) => findingsOf(value).map(({ path, fix }) => `${path}: ${fix}`)

test("A slip is answered with what was meant when it is near to something known", () => {
  assert.deepEqual(
    fixesOf({
      version: 1,
      bucket: [],
      buckets: ["qcs::cos:ap-guangzhou::a-1250000000", "logs@ap-guangzhou", "a-1250000000@guangzhou"],
      principals: [{
        name: "one",
        token: [],
        grants: [{
          buckets: "*",
          operations: ["lst", "*"],
          destinations: ["cos://a-1250000000/ci/*", "qcs::cos:ap-guangzhou::a-1250000000"],
        }],
        jwt: { issuer: "https://x.example.com/", claims: { sub: "*" } },
      }],
      issuers: [{ issuer: "https://x.example.com", audience: ["a"], jwks: "https://x.example.com/keys" }],
      accept: ["unsigned-part"],
    }).toSorted(),
    [
      'accept[0]: Did you mean "unsigned-parts"?',
      'bucket: Did you mean "buckets"?',
      "buckets[0]: Write a-1250000000@ap-guangzhou",
      "buckets[1]: Write logs-<appid>, with the owner's APPID",
      "buckets[2]: Correct the region",
      'principals[0].grants[0].buckets: Write it as a list, such as ["*"]',
      "principals[0].grants[0].destinations[0]: Write a-1250000000/ci/*",
      "principals[0].grants[0].destinations[1]: Write a-1250000000@ap-guangzhou",
      'principals[0].grants[0].operations[0]: Did you mean "list"?',
      "principals[0].grants[0].operations[1]: Name each operation: there are no patterns here",
      'principals[0].jwt.issuer: Did you mean "https://x.example.com"?',
      'principals[0].token: Did you mean "tokens"?',
    ],
  )
})

test("Nothing that is said of a policy is lost when it is redacted as a whole", () => {
  const tokens = [secret, "a".repeat(64), `sha256:${"A".repeat(64)}`, "sha256:1", emptyHash, hash("1"), hash("1")]
  let said = 0
  for (
    const value of [
      faulty,
      { ...whole, principals: [{ name: "one", tokens, keys: ["?", "AKID"], grants: [] }], metrics: { tokens } },
      ...[secret, 1, null, [], {}, [1], [{}], [[]]].flatMap((by) => [...replaced(whole, by)].map(([, value]) => value)),
    ]
  ) {
    const read = readPolicy(value)
    if (Result.isSuccess(read)) continue
    said++
    assert.equal(redactText(read.failure.message), read.failure.message)
    for (const { message, fix, allowed } of read.failure.findings) {
      for (const text of [message, fix, allowed]) assert.equal(redactText(text), text)
    }
  }
  assert.ok(said > 100, String(said))
})

test("Whatever is wrong or missing is answered with an example that would be right there", () => {
  const saidOf = (value: unknown) => findingsOf(value).map(({ path, allowed, fix }) => `${path} | ${allowed} | ${fix}`)
  const one = { name: "one", tokens: [hash("1")], grants: [{ buckets: ["*"] }] }
  const grant = { buckets: ["*"], ids: ["list 1"], operations: ["x"] }
  assert.deepEqual(saidOf({ version: 1, principals: [one, { name: "two" }], metrics: "tokens" }), [
    "buckets | [examplebucket-1250000000@ap-guangzhou] | Add buckets: [examplebucket-1250000000@ap-guangzhou]",
    'principals[1].grants | [{ buckets: ["*"] }] | Add grants: [{ buckets: ["*"] }]',
    "metrics | open, or { tokens: [sha256:…] } | Write it in this form, such as open",
  ])
  assert.deepEqual(saidOf({ ...whole, principals: [whole.principals[1], { ...one, grants: [grant], limits: 3 }] }), [
    "principals[1].grants[0].operations[0] | get, list, put, delete, run; or GetBucketInventory, ListBucketInventory, PutBucketInventory, DeleteBucketInventory, PostBucketInventory | Name one of these, such as list",
    'principals[1].grants[0].ids[0] | A-Z a-z 0-9 - _ ., with * and ? | Write it in this form, such as "ci-*"',
    "principals[1].limits | an object | Write it in this form, such as { runsPerDay: 5 }",
  ])
  const [, id] = findingsOf({ ...whole, principals: [whole.principals[1], { ...one, grants: [grant] }] })
  assert.deepEqual([id!.message, id!.found], ['No id holds " "', "list 1"])
})

test("Every example has the form that it stands for", () => {
  const examples = [...replaced(whole, Symbol("none of any form"))].flatMap(([path, value]) =>
    findingsOf(value).filter((finding) => finding.path.replace(/\[(\d+)\]/gu, ".$1") === path).flatMap(({ fix }) => {
      const [, example] = /, such as (.*)$/su.exec(fix) ?? []
      return example === undefined || example.includes("…") ? [] : [[path, example] as const]
    })
  )
  assert.ok(examples.length > 20, String(examples.length))
  for (const [path, example] of examples) {
    const value = Result.getOrThrow(readYaml(example))[0]!.value
    const put = [...replaced(whole, value)].find(([at]) => at === path)![1]
    const wrong = findingsOf(put).filter(({ code }) => /^(?:wrong-type|required|unknown-key|.*-form)$/u.test(code))
    assert.deepEqual(wrong, [], `${path}: ${example}`)
  }
})

test("What stands twice is refused where two principals could be meant by it", () => {
  const policy = {
    ...whole,
    principals: [...whole.principals, { name: "reader", tokens: [hash("1")], keys: ["AKIDreader"], grants: [] }],
    issuers: [...whole.issuers, ...whole.issuers],
  }
  assert.deepEqual(findingsOf(policy).map(({ code, path }) => `${path} ${code}`), [
    "principals[2].name name-repeated",
    "principals[2].tokens[0] token-repeated",
    "principals[2].keys[0] key-repeated",
    "issuers[1].issuer issuer-repeated",
  ])
})

const secret = "hunter2-0123456789"

/** The form with one of its parts replaced, at every place there is. */
const replaced = function* (
  value: unknown,
  by: unknown,
  path: ReadonlyArray<string> = [],
): Iterable<readonly [path: string, value: unknown]> {
  yield [path.join("."), by]
  if (typeof value !== "object" || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    for (const [at, changed] of replaced(inner, by, [...path, key])) {
      yield [at, Array.isArray(value) ? value.with(Number(key), changed) : { ...value, [key]: changed }]
    }
  }
}

test("No finding holds what was put where a token, a key or a JWT belongs, or around such a place", async () => {
  let refused = 0
  for (
    const by of [
      secret,
      [secret],
      { value: secret },
      [[secret]],
      [{ tokens: secret }],
      { tokens: [secret] },
      ` ${secret}`,
    ]
  ) {
    for (const [path, value] of replaced(whole, by)) {
      // An object is repeated nowhere, since what it was meant for is not known
      const isObject = typeof by === "object" && !Array.isArray(by)
      if (!isObject && !/^(?:principals(?:\.\d+(?:\.(?:tokens|keys|jwt)\b.*)?)?|metrics\b.*)?$/u.test(path)) continue
      const read = readPolicy(value)
      // A secret that has the form of a secret id is one, as far as anybody can tell
      if (Result.isSuccess(read)) continue
      refused++
      assert.ok(!`${read.failure.message}${JSON.stringify(read.failure)}`.includes("hunter2"), path)
      for (const text of [JSON.stringify(value), typeof value === "object" ? writeYaml(value) : ""]) {
        const error = await Effect.runPromise(Effect.flip(judgePolicy(`${text}\n`)))
        assert.ok(!`${error.message}${JSON.stringify(error)}`.includes("hunter2"), `${path} in ${text}`)
      }
    }
  }
  assert.ok(refused > 50, String(refused))
})

test("A policy whose JSON repeats a key is refused, since two readers may take two values for it", async () => {
  const text = JSON.stringify(whole).replace('"timeoutSeconds":20', '"timeoutSeconds":20,"buckets":[]')
  const [finding, ...others] = await findingsIn(text)
  assert.equal(others.length, 0)
  assert.match(finding!.message, /twice|repeat/iu)
  assert.equal(finding!.position?.line, 1)
})

test("A policy is read from a variable as JSON and as YAML, and from nothing with a clear word", async () => {
  for (const text of [JSON.stringify(whole), writeYaml(whole), `\n${JSON.stringify(whole, null, 2)}`]) {
    const { policy, warnings } = await Effect.runPromise(judgePolicy(text))
    assert.equal(policy.principals.length, 2)
    assert.deepEqual(warnings, [])
  }
  const error = await Effect.runPromise(Effect.flip(judgePolicy("\n \n# nothing\n\n")))
  assert.match(error.message, /The policy holds nothing/u)
})

const warned = (value: object): ReadonlyArray<string> =>
  policyWarnings(Result.getOrThrow(readPolicy({ ...whole, ...value }))).map(({ path, code, severity }) => {
    assert.equal(severity, "warning")
    return `${path} ${code}`
  })

const granting = (...grants: ReadonlyArray<object>) => ({
  principals: [whole.principals[1], { name: "one", keys: ["AKIDoneone"], grants }],
})

test("`policyWarnings` names what allows less than it seems to, at its place", () => {
  assert.deepEqual(warned({ buckets: [], principals: [], issuers: [] }), ["buckets empty"])
  assert.deepEqual(warned({ principals: [whole.principals[0]] }), ["issuers[0] issuer-unused"])
  assert.deepEqual(warned({ principals: [whole.principals[1], { name: "one", grants: [] }] }), [
    "principals[1] principal-unreachable",
    "principals[1].grants empty",
  ])
  assert.deepEqual(warned(granting({ buckets: [], operations: [], ids: [] })), [
    "principals[1].grants[0].buckets empty",
    "principals[1].grants[0].operations empty",
    "principals[1].grants[0].ids empty",
  ])
  assert.deepEqual(
    warned({ ...granting({ buckets: ["*"], operations: ["run"], destinations: ["*"] }), limits: { runsPerDay: 0 } }),
    ["principals[1].grants[0].operations runs-none"],
  )
  assert.deepEqual(
    warned(granting(
      { buckets: ["c-*", "a-1250000000@ap-guangzhou"] },
      { buckets: ["*"], operations: ["put"] },
      { buckets: ["*"], destinations: ["*"] },
    )),
    [
      "principals[1].grants[0].buckets[0] bucket-unmatched",
      "principals[1].grants[0].buckets[1] bucket-unmatched",
      "principals[1].grants[1].operations destinations-none",
      "principals[1].grants[2].destinations destinations-unused",
    ],
  )
  assert.deepEqual(
    warned(granting({ buckets: ["*"], ids: ["ci-*", "^ci$", "ci/*", "a.b_c-?"] })),
    ["principals[1].grants[0].ids[1] ids-impossible", "principals[1].grants[0].ids[2] ids-impossible"],
  )
  const destinations = [
    "*",
    "*/ci/*",
    "other-1250000009/*",
    "reports/*",
    "reports*",
    "reports-*-12500000?9",
    "*@guangzhou",
    "*@ap-nanjing",
    "*@ap-*",
    "a-1250000000/ci/",
    "a-*-",
  ]
  assert.deepEqual(
    warned(granting({ buckets: ["a-*"], operations: ["put"], destinations })),
    [
      "3 destination-impossible",
      "5 destination-impossible",
      "6 destination-impossible",
      "7 destination-region",
      "9 destination-exact",
      "10 destination-impossible",
    ].map((said) => said.replace(/^\d+/u, "principals[1].grants[0].destinations[$&]")),
  )
})

test("A destination that is nearly a bucket of the policy's is warned of, with the bucket that may be meant", () => {
  const near = (destination: string) =>
    policyWarnings(Result.getOrThrow(readPolicy({
      ...whole,
      buckets: ["reports-1250000000@ap-guangzhou", "logs-1250000000@ap-guangzhou"],
      principals: [
        whole.principals[1],
        {
          name: "one",
          keys: ["AKIDoneone"],
          grants: [{ buckets: ["*"], operations: ["put"], destinations: [destination] }],
        },
      ],
    }))).flatMap(({ code, allowed, path }) => /^principals\[1\]/u.test(path) ? [`${code} ${allowed}`] : [])
  assert.deepEqual(near("report-1250000000/ci/*"), ["destination-near reports-1250000000"])
  assert.deepEqual(near("reports-1250000001"), ["destination-near reports-1250000000"])
  for (
    const one of ["reports-1250000000/ci/*", "data-1250000000", "archive-1250000001", "report*", "reports-2007654321"]
  ) {
    assert.deepEqual(near(one), [], one)
  }
})

test("An endpoint in clear is warned of unless it is on loopback", () => {
  for (
    const endpoint of ["http://cos.example.com", "http://localhost.example.com", "http://127.0.0.1.example.com:80"]
  ) {
    assert.deepEqual(warned({ endpoint }), ["endpoint endpoint-plain"], endpoint)
  }
  for (
    const endpoint of ["http://127.0.0.1:9000", "http://localhost/", "http://{bucket}.localhost:1", "http://[::1]:80"]
  ) {
    assert.deepEqual(warned({ endpoint }), [], endpoint)
  }
})

test("Warnings have their lines when a policy is read from a text", async () => {
  const text = writeYaml({ ...whole, endpoint: "http://cos.example.com" })
  const { warnings } = await Effect.runPromise(judgePolicy(text))
  assert.equal(warnings.length, 1)
  assert.equal(text.split("\n")[warnings[0]!.position!.line - 1], "endpoint: http://cos.example.com")
  assert.equal(Result.getOrThrow(readYaml(text)).length, 1)
})
