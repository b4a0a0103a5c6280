/** `policy check`, `policy validate` and `new policy`, as people and programs see them. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { judgePolicy } from "../adapters/policy-file.ts"
import { exits } from "../cli/exit.ts"
import { invoke } from "./cli.ts"
import { withFiles } from "./folder.ts"

const bucket = "examplebucket-1250000000"
const policy = `version: 1
buckets: [${bucket}@ap-guangzhou]
principals:
  - name: reader
    keys: [AKIDreader]
    grants: [{ buckets: ["*"], ids: ["list*"] }]
  - name: ci
    tokens: ["sha256:${"0".repeat(64)}"]
    grants:
      - { buckets: ["*"] }
      - { buckets: ["example*"], operations: [put, run], ids: ["ci-*"], destinations: ["*/ci/*"] }
    limits: { runsPerDay: 1 }
`

/** Without a file: the policy is in the environment. */
const check = (...args: ReadonlyArray<string>) =>
  invoke(["policy", "check", ...args], { env: { COS_PROXY_POLICY: policy } })

test("`policy check` says which grant allows a request, and why the others do not", async () => {
  const { code, out, err } = await check("ci", "put", bucket, "ci-1", "--destination", `${bucket}/ci/1`)
  assert.equal(err, "")
  assert.equal(code, exits.done)
  assert.equal(
    out,
    `principal    ci
operation    PutBucketInventory
bucket       examplebucket-1250000000
id           ci-1
destination  qcs::cos:ap-guangzhou::examplebucket-1250000000
             ci/1
decision     allowed

GRANT                    ALLOWS  WHY
principals[1].grants[0]  no      PutBucketInventory is none of: GetBucketInventory, ListBucketInventory
principals[1].grants[1]  yes     the destination is within */ci/*`,
  )
})

test("`policy check` ends with 4 and names the part of each grant that fails when a request is denied", async () => {
  const { code, out, err } = await check("ci", "run", bucket, "ci-1", "--destination", "evil-1250000001/ci/1")
  assert.equal(err, "")
  assert.equal(code, exits.denied)
  assert.equal(
    out,
    `principal    ci
operation    PostBucketInventory
bucket       examplebucket-1250000000
id           ci-1
destination  qcs::cos:ap-guangzhou::evil-1250000001
             ci/1
decision     denied: no grant allows this destination

GRANT                    ALLOWS  WHY
principals[1].grants[0]  no      PostBucketInventory is none of: GetBucketInventory, ListBucketInventory
principals[1].grants[1]  no      destination evil-1250000001@ap-guangzhou/ci/1 is within none of: */ci/*; a pattern that does not spell the APPID covers the accounts of the policy's buckets alone`,
  )
})

test("`policy check` says where reports may go when it is asked about a rule without a destination", async () => {
  const open = await check("ci", "put", bucket, "ci-1")
  assert.equal(open.code, exits.done, open.err)
  assert.equal(
    open.out,
    `principal  ci
operation  PutBucketInventory
bucket     examplebucket-1250000000
id         ci-1
decision   allowed to: */ci/*

GRANT                    ALLOWS  WHY
principals[1].grants[0]  no      PutBucketInventory is none of: GetBucketInventory, ListBucketInventory
principals[1].grants[1]  some    it allows destinations within: */ci/*`,
  )
  const json = JSON.parse((await check("ci", "run", bucket, "ci-1", "-o", "json")).out)
  assert.deepEqual([json.allowed, json.destinations, json.part], [true, ["*/ci/*"], undefined])
})

test("`policy check` denies a rule without a destination when its bucket, operation or id is denied, or all destinations are", async () => {
  const nowhere = policy.replace(', destinations: ["*/ci/*"]', "")
  const cases = [
    [["reader", "put", bucket, "list1"], policy, "no grant allows this operation"],
    [["ci", "put", bucket, "x"], policy, "no grant allows this id"],
    [["ci", "put", "elsewhere-1250000000", "ci-1"], policy, 'the policy has no bucket "elsewhere-1250000000"'],
    [["ci", "put", bucket, "ci-1"], nowhere, "no grant allows a destination"],
  ] as const
  for (const [args, text, why] of cases) {
    const { code, out, err } = await invoke(["policy", "check", ...args], { env: { COS_PROXY_POLICY: text } })
    assert.equal(code, exits.denied, err)
    assert.ok(out.includes(`denied: ${why}`), out)
  }
})

test("`policy check` prints one document when JSON or YAML is asked for, allowed or not", async () => {
  const json = await check("reader", "DeleteBucketInventory", bucket, "list1", "-o", "json")
  assert.equal(json.code, exits.denied)
  assert.equal(json.err, "")
  assert.deepEqual(JSON.parse(json.out), {
    version: 1,
    allowed: false,
    part: "operation",
    request: { principal: "reader", operation: "DeleteBucketInventory", bucket, id: "list1" },
    grants: [{
      path: "principals[0].grants[0]",
      allowed: false,
      part: "operation",
      why: "DeleteBucketInventory is none of: GetBucketInventory, ListBucketInventory",
    }],
  })
  const yaml = await check("reader", "list", bucket, "other", "-o", "yaml")
  assert.equal(yaml.code, exits.done)
  assert.equal(
    yaml.out,
    `version: 1
allowed: true
grant: principals[0].grants[0]
shown: false
request:
  principal: reader
  operation: ListBucketInventory
  bucket: examplebucket-1250000000
  id: other
grants:
  - path: principals[0].grants[0]
    allowed: true
    why: 'it leaves "other" out, which matches none of: list*'`,
  )
})

test("`policy check` denies a one-time job by the limit when it is granted and runsPerDay is 0", async () => {
  const none = policy.replace("runsPerDay: 1", "runsPerDay: 0")
  const asked = (form: string, ...more: ReadonlyArray<string>) =>
    invoke(["policy", "check", "ci", "run", bucket, "ci-1", ...more, "-o", form], { env: { COS_PROXY_POLICY: none } })
  for (const more of [[], ["--destination", `${bucket}/ci/1`]]) {
    const { code, out, err } = await asked("table", ...more)
    assert.equal(code, exits.denied, err)
    assert.match(out, /^decision +denied: runsPerDay is 0 in the limits of the principal$/mu)
    const json = await asked("json", ...more)
    assert.equal(json.code, exits.denied)
    const { allowed, limit } = JSON.parse(json.out)
    assert.deepEqual([allowed, limit], [false, "runsPerDay"])
  }
  const elsewhere = await asked("json", "--destination", "evil-1250000001/ci/1")
  assert.deepEqual([JSON.parse(elsewhere.out).part, JSON.parse(elsewhere.out).limit], ["destination", undefined])
})

test("`policy check` answers for a bucket that the policy does not have", async () => {
  const { code, out } = await check("reader", "list", "examplebuckat-1250000000")
  assert.equal(code, exits.denied)
  assert.match(
    out,
    /^decision {3}denied: the policy has no bucket "examplebuckat-1250000000" \(did you mean "examplebucket-1250000000"\?\)$/mu,
  )
})

test("`policy check` refuses what is no question, each with its code and what to do", async () => {
  const cases: ReadonlyArray<readonly [args: ReadonlyArray<string>, code: number, said: RegExp]> = [
    [
      ["cii", "get", bucket, "x"],
      exits.notFound,
      /no principal "cii" \(did you mean "ci"\?\)\n.*Name one of: reader, ci/u,
    ],
    [["ci", "get", bucket], exits.usage, /Give its id behind the bucket/u],
    [["ci", "get", bucket, "ci-1", "--destination", bucket], exits.usage, /Leave --destination out/u],
    [["ci", "get", `${bucket}@eu-frankfurt`, "ci-1"], exits.usage, /has examplebucket-1250000000 in ap-guangzhou/u],
    [["ci", "rub", bucket, "ci-1"], exits.usage, /Invalid value/u],
    [["ci", "get"], exits.usage, /bucket/u],
    [["ci", "get", bucket, "x", "--bucket", bucket], exits.usage, /--bucket/u],
    [["ci", "get", bucket, "x", "--policy", "/nowhere/policy.yaml"], exits.invalid, /there is no such file/u],
  ]
  for (const [args, code, said] of cases) {
    const outcome = await check(...args)
    assert.equal(outcome.code, code, `${args.join(" ")}: ${outcome.err}`)
    assert.match(outcome.err, said)
    assert.equal(outcome.out, "")
  }
  const none = await invoke(["policy", "check", "ci", "list", bucket])
  assert.equal(none.code, exits.invalid)
  assert.match(none.err, /There is no policy|there is no policy/u)
})

test("`policy check` reads the file that --policy names rather than the variable, and - as the standard input", async () => {
  await withFiles({ "other.yaml": policy.replace("name: reader", "name: other") }, async (at) => {
    assert.equal((await check("other", "list", bucket, "--policy", at("other.yaml"))).code, exits.done)
    assert.equal((await check("other", "list", bucket)).code, exits.notFound)
  })
  const { code } = await invoke(["policy", "check", "reader", "list", bucket, "--policy", "-"], { stdin: policy })
  assert.equal(code, exits.done)
})

test("`policy validate` prints warnings with their places, and ends with 0", async () => {
  await withFiles({ "p.yaml": policy.replace('["example*"]', '["exampel*"]') }, async (at) => {
    const { code, out, err } = await invoke(["policy", "validate", at("p.yaml")])
    assert.equal(err, "")
    assert.equal(code, exits.done)
    assert.equal(
      out.replaceAll(at("p.yaml"), "p.yaml"),
      `The policy is valid: 2 principals, 1 bucket
  warning: p.yaml:11:21 principals[1].grants[1].buckets[0]: No bucket of the policy matches [bucket-unmatched]
    found:   exampel*
    allowed: examplebucket-1250000000
    fix:     Correct it, or add the bucket to those of the policy
    source:  the README's policy`,
    )
    const json = await invoke(["policy", "validate", at("p.yaml"), "-o", "json"])
    const { valid, principals, findings } = JSON.parse(json.out)
    assert.deepEqual([valid, principals, findings.length], [true, ["reader", "ci"], 1])
    assert.equal(findings[0].code, "bucket-unmatched")
  })
})

test("`policy validate` ends with 5 and shows no token when one stands in the place of its hash", async () => {
  const wrong = policy.replace(/sha256:0+/u, "hunter2-0123456789").replace("name: reader", "name: a b")
  for (const form of ["table", "json"]) {
    const { code, out, err } = await invoke(["policy", "validate", "-", "-o", form], { stdin: wrong })
    assert.equal(code, exits.invalid)
    assert.equal(out, "")
    assert.ok(!err.includes("hunter2"), err)
    assert.match(err, /This looks like a token: put its hash here/u)
    assert.match(err, /through sha256sum, without/u)
    assert.doesNotMatch(err, /\*\*\*\*/u)
    assert.match(err, /a name of letters, digits/u)
    if (form === "json") assert.equal(JSON.parse(err).error.findings.length, 2)
  }
})

test("`new policy` prints a policy that is valid as it stands, for the bucket of the settings", async () => {
  const { code, out, err } = await invoke(["new", "policy"], {
    env: { COS_BUCKET: "logs-1250000009", COS_REGION: "eu-frankfurt" },
  })
  assert.equal(err, "")
  assert.equal(code, exits.done)
  await withFiles({ "policy.yaml": out }, async (at) => {
    const { policy: read, warnings } = await Effect.runPromise(judgePolicy(at("policy.yaml")))
    assert.deepEqual([...read.buckets], [["logs-1250000009", "eu-frankfurt"]])
    assert.deepEqual(warnings, [])
    assert.match(out, /^# metrics: /mu)
    const uncommented = out.replace(/^# (?=metrics: )/mu, "").replace("sha256:<hash>", `sha256:${"1".repeat(64)}`)
    assert.deepEqual((await Effect.runPromise(judgePolicy(uncommented))).policy.metrics, {
      _tag: "Tokens",
      tokens: ["1".repeat(64)],
    })
    const [reader, writer] = read.principals
    assert.deepEqual(reader!.grants.map(({ operations }) => operations), [[
      "GetBucketInventory",
      "ListBucketInventory",
    ]])
    assert.equal(reader!.tokens.length, 1)
    assert.equal(writer!.keys.length, 1)
    const may = (...args: ReadonlyArray<string>) =>
      invoke(["policy", "check", ...args, "--policy", at("policy.yaml")]).then(({ code }) => code)
    const own = ["logs-1250000009", "ci-1", "--destination", "logs-1250000009/ci/1"]
    assert.equal(await may("writer", "put", ...own), exits.done)
    assert.equal(await may("reader", "put", ...own), exits.denied)
    assert.equal(await may("writer", "put", "logs-1250000009", "x", ...own.slice(2)), exits.denied)
  })
})
