/** The five operations on inventory rules. What they are refused for is `checks.ts`, in the order of looking. */
import * as Result from "effect/Result"
import { oneTimeIdSeconds, rulesPerPage } from "../../../core/limits.ts"
import type { InventoryConfiguration } from "../../../core/rule.ts"
import { writeTime } from "../../../core/time.ts"
import { localClock } from "../../../core/wire/answers.ts"
import { writeConfiguration } from "../../../core/wire/configuration.ts"
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import { emptyListStatus, missingDeleteStatus } from "../assumptions.ts"
import type { Facts } from "../facts.ts"
import { beginRun } from "../reports/mod.ts"
import type { Done, Operation } from "../operation.ts"
import type { Bucket, Change, Reader } from "../../store/mod.ts"
import { writePage } from "./page.ts"

export { readToken } from "./page.ts"

/** Of a GET, an empty id means LIST (observed: coscli cmd/bucket_inventory.go). The PHP SDK puts a capital Id. */
const shared = { at: "Bucket", takes: ["id", "Id", "continuation-token"] } as const

export const inventoryOperations: ReadonlyArray<Operation> = [
  {
    ...shared,
    name: "PutBucketInventory",
    method: "PUT",
    needs: ["inventory"],
    body: "document",
    source: "page 30625",
    perform: (facts) => {
      const [{ name }, rule] = [facts.bucket(), Result.getOrThrow(facts.configuration())]
      return { status: 200, changes: [rulePut(facts.store, name, rule, facts.now)] }
    },
  },
  {
    ...shared,
    name: "GetBucketInventory",
    method: "GET",
    needs: ["inventory", "id="],
    body: "none",
    source: "page 30623",
    perform: (facts) => ({ status: 200, body: declaration + facts.bucket().rules.get(facts.id())!.xml }),
  },
  {
    ...shared,
    name: "ListBucketInventory",
    method: "GET",
    needs: ["inventory"],
    body: "none",
    source: "page 30627",
    perform: (facts) => {
      const token = facts.parameter("continuation-token") ?? ""
      const { name, rules } = facts.bucket()
      return {
        status: rules.size === 0 ? emptyListStatus : 200,
        body: writePage(
          { name, rules, size: facts.pageSize(rulesPerPage) },
          token === "" ? undefined : token,
          facts.settings.hashes,
        ),
      }
    },
  },
  {
    ...shared,
    name: "DeleteBucketInventory",
    method: "DELETE",
    needs: ["inventory"],
    body: "none",
    source: "page 30626",
    perform: (facts) => {
      const [{ name, rules }, id] = [facts.bucket(), facts.id()]
      return rules.has(id)
        ? { status: 204, changes: [{ _tag: "RuleDeleted", bucket: name, id }] }
        : { status: missingDeleteStatus }
    },
  },
  {
    ...shared,
    name: "PostBucketInventory",
    method: "POST",
    needs: ["inventory"],
    body: "document",
    source: "page 46869",
    perform: (facts) => startJob(facts.bucket(), facts.id(), facts),
  },
]

/** Creates a rule, or replaces the one of the same id in its place. */
export const rulePut = (store: Reader, bucket: string, rule: InventoryConfiguration, now: number): Change => ({
  _tag: "RulePut",
  bucket,
  rule: {
    id: rule.id,
    sequence: store.bucket(bucket)?.rules.get(rule.id)?.sequence ?? store.nextSequence(),
    xml: inOnePiece(writeConfiguration(rule)),
    since: now,
  },
})

/**
 * Text that was put together stays in its fifty pieces until somebody looks into it, and takes four times the memory.
 * The look must count, or a compiler leaves it out.
 */
const inOnePiece = (text: string): string => text.charCodeAt(0) >= 0 ? text : ""

/** Ids that may be used again are forgotten on the way. */
const startJob = ({ name, jobs }: Bucket, id: string, facts: Facts): Done => {
  const { now, settings, store } = facts
  const old = [...jobs].filter(([, started]) => now - started >= oneTimeIdSeconds * 1000)
  const job = settings.hashes.md5Base64(new TextEncoder().encode(`${name}\n${id}\n${now}`))
  const run = beginRun(
    store,
    { bucket: name, rule: id, job, xml: writeConfiguration(Result.getOrThrow(facts.job())) },
    now,
  )
  return {
    status: 200,
    // Page 46869 prints it without a declaration and in this form
    body: container("PostInventoryResult", leaf("JobId", job)),
    ...(Math.abs(now - facts.real) < 1000 ? {} : { headers: [[localClock, writeTime(Math.floor(now / 1000))]] }),
    changes: [
      ...old.map(([old]): Change => ({ _tag: "JobDeleted", bucket: name, id: old })),
      { _tag: "JobPut", bucket: name, id, started: now },
      { _tag: "RunPut", run },
    ],
    job: run,
  }
}
