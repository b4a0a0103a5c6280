/** What a policy decides, held against a model of its own. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  bucketsOf,
  decide,
  explain,
  isListed,
  listsAll,
  type Policy,
  readPolicy,
  type Request,
} from "../core/policy/mod.ts"
import { prop } from "./harness.ts"
import { isAllowedByModel, PolicyCase, readCase } from "./policy-world.ts"

prop(
  "`decide` allows what the model allows, and nothing else, when policies and requests are generated",
  PolicyCase,
  (of) => {
    const { policy, principal, request } = readCase(of, of.grants)
    return decide(policy, principal, request).isAllowed === isAllowedByModel(of, of.grants)
  },
  { runs: 4000 },
)

prop(
  "`decide` never denies what was allowed when a grant is added, nor allows what was denied when one goes",
  PolicyCase,
  (of) => {
    const less = readCase(of, of.grants)
    const isAllowed = decide(less.policy, less.principal, less.request).isAllowed
    return of.grants.concat(of.extra).every((_, at, all) => {
      const rotated = [...all.slice(at), ...all.slice(0, at)]
      const more = readCase(of, rotated)
      const without = readCase(of, rotated.slice(1))
      const isMore = decide(more.policy, more.principal, more.request).isAllowed
      return (!isAllowed || isMore) && (isMore || !decide(without.policy, without.principal, without.request).isAllowed)
    })
  },
  { runs: 1000 },
)

prop("`decide` names a grant that allows the request by itself when it allows one", PolicyCase, (of) => {
  const { policy, principal, request } = readCase(of, of.grants)
  const decision = decide(policy, principal, request)
  return !decision.isAllowed || isAllowedByModel(of, [of.grants[decision.grant]!])
}, { runs: 1000 })

prop(
  "`explain` decides as `decide` does, and says of each grant what it says alone, when cases are generated",
  PolicyCase,
  (of) => {
    const { policy, principal, request } = readCase(of, of.grants)
    const { decision, grants, why } = explain(policy, principal, request)
    const isKnown = policy.buckets.has(request.bucket)
    assert.deepEqual(decision, decide(policy, principal, request))
    assert.equal(why !== undefined, !isKnown || of.grants.length === 0)
    if (!isKnown) return grants.length === 0
    assert.equal(grants.length, of.grants.length)
    assert.equal(grants.some(({ isAllowed }) => isAllowed), decision.isAllowed)
    return grants.every(({ isAllowed, part, why }, at) =>
      isAllowed === isAllowedByModel(of, [of.grants[at]!]) && isAllowed === (part === undefined) && why !== ""
    )
  },
  { runs: 2000 },
)

prop("`isListed` shows a rule exactly when a grant that lists the bucket names its id", PolicyCase, (of) => {
  const { policy, principal } = readCase(of, of.grants)
  const { bucket, id } = of.request
  if (id === "" || !policy.buckets.has(bucket)) return true
  const lists = of.grants.filter((grant) =>
    isAllowedByModel({ ...of, request: { ...of.request, operation: "list" } }, [grant])
  )
  const asGet = { ...of, request: { ...of.request, operation: "get" as const } }
  const isShown = isAllowedByModel(asGet, lists.map((grant) => ({ ...grant, operations: ["get"] as const })))
  return isListed(principal, bucket, id) === isShown && (!listsAll(principal, bucket) || isShown)
}, { runs: 2000 })

prop("`bucketsOf` names every bucket of which something is allowed", PolicyCase, (of) => {
  const { policy, principal, request } = readCase(of, of.grants)
  return !decide(policy, principal, request).isAllowed || bucketsOf(policy, principal).includes(request.bucket)
}, { runs: 1000 })

test("The generated cases allow every operation, and deny by every part, when they are counted", async () => {
  const cases = await Effect.runPromise(Arbitrary.sampleEffect(Arbitrary.schema(PolicyCase), { count: 4000, seed: 1 }))
  const seen = new Set(cases.map((of) => {
    const { policy, principal, request } = readCase(of, of.grants)
    const decision = decide(policy, principal, request)
    return decision.isAllowed ? request.action : decision.part
  }))
  assert.deepEqual([...seen].toSorted(), [
    "DeleteBucketInventory",
    "GetBucketInventory",
    "ListBucketInventory",
    "PostBucketInventory",
    "PutBucketInventory",
    "bucket",
    "destination",
    "id",
    "operation",
  ])
})

const policyOf = (grant: object, buckets = ["a-1250000000@ap-guangzhou"]): Policy =>
  Result.getOrThrow(readPolicy({ version: 1, buckets, principals: [{ name: "one", grants: [grant] }] }))

const isAllowed = (policy: Policy, request: Request): boolean =>
  decide(policy, policy.principals[0]!, request).isAllowed

const put = (destination: string, prefix?: string): Request => ({
  bucket: "a-1250000000",
  action: "PutBucketInventory",
  id: "x",
  destination: { bucket: `qcs::cos:ap-guangzhou::${destination}`, ...(prefix === undefined ? {} : { prefix }) },
})

test("A grant reads and lists, and writes nothing, when it names no operation", () => {
  const policy = policyOf({ buckets: ["*"], destinations: ["*"] })
  const of = (action: Request["action"]) => isAllowed(policy, { ...put("a-1250000000"), action })
  assert.deepEqual(
    ([
      "GetBucketInventory",
      "ListBucketInventory",
      "PutBucketInventory",
      "PostBucketInventory",
      "DeleteBucketInventory",
    ] as const)
      .map(of),
    [true, true, false, false, false],
  )
})

test("A bucket of a stranger is no destination when a pattern would match its name and does not spell its APPID", () => {
  for (const pattern of ["*", "reports-*", "*-*", "reports-125000000?", "reports-*0001"]) {
    const policy = policyOf({ buckets: ["*"], operations: ["put"], destinations: [pattern] })
    assert.equal(isAllowed(policy, put("reports-1250000001")), false, pattern)
    // Ours ends in it
    assert.equal(isAllowed(policy, put("reports-250000000")), false, pattern)
  }
  const policy = policyOf({ buckets: ["*"], operations: ["put"], destinations: ["reports-*"] })
  assert.equal(isAllowed(policy, put("reports-1250000000")), true)
  // The account is what stands behind the last hyphen
  assert.equal(isAllowed(policy, put("reports-1250000000-1250000001")), false)
  const spelled = policyOf({ buckets: ["*"], operations: ["put"], destinations: ["reports-*-1250000001"] })
  assert.equal(isAllowed(spelled, put("reports-x-1250000001")), true)
})

test("A prefix with a step lies within no pattern that names a prefix when it matches in letters", () => {
  const policy = policyOf({ buckets: ["*"], operations: ["put"], destinations: ["a-1250000000/ci/*"] })
  for (const prefix of ["ci/../x", "ci/..", "ci/.", "ci/./x", "ci/x/../..", "ci/..\\x", "ci/x\\..\\y"]) {
    assert.equal(isAllowed(policy, put("a-1250000000", prefix)), false, prefix)
  }
  for (const prefix of ["ci/", "ci/x", "ci/..x", "ci/x.", "ci/.x/y"]) {
    assert.equal(isAllowed(policy, put("a-1250000000", prefix)), true, prefix)
  }
  for (const prefix of [undefined, "", "ci", "cix/", "/ci/x", "CI/x"]) {
    assert.equal(isAllowed(policy, put("a-1250000000", prefix)), false, String(prefix))
  }
})

test("An empty id is denied when every id is granted, since COS would answer it with the whole list", () => {
  const policy = policyOf({ buckets: ["*"], operations: ["get", "delete"] })
  for (const action of ["GetBucketInventory", "DeleteBucketInventory"] as const) {
    assert.equal(isAllowed(policy, { bucket: "a-1250000000", action, id: "" }), false)
    assert.equal(isAllowed(policy, { bucket: "a-1250000000", action }), false)
  }
})

test("A pattern covers no bucket that the policy does not have when it is *", () => {
  const policy = policyOf({ buckets: ["*"] })
  assert.equal(isAllowed(policy, { bucket: "b-1250000000", action: "ListBucketInventory" }), false)
  assert.deepEqual(bucketsOf(policy, policy.principals[0]!), ["a-1250000000"])
})
