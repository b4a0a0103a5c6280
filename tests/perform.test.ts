/** What a caller is told of what COS answered to the proxy. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { hashes } from "../adapters/hashes/node.ts"
import * as Perform from "../adapters/policy/perform.ts"
import { writeErrorDocument } from "../core/wire/error-document.ts"
import { answer, callOf, get, policyOf, run } from "./limit-world.ts"

const policy = policyOf(["ann"])
const busy = writeErrorDocument({ code: "SlowDown", message: "Slow down." })

const told = (operation: typeof run, repeated: boolean): Promise<string> => {
  const send = () => Effect.succeed(answer(503, busy, { headers: [["retry-after", "7"]], repeated }))
  return Effect.runPromise(
    Effect.match(Perform.make({ send }, hashes).perform(callOf(policy, operation)), {
      onSuccess: ({ status, headers }) => `${status} ${headers.find(([name]) => name === "retry-after")?.[1]}`,
      onFailure: (error) => error._tag === "TransportError" ? `${error.sent} sent` : error._tag,
    }),
  )
}

test("`perform` tells whoever asked to slow down when COS is busy and nothing was tried before", async () => {
  for (const operation of [get("list1"), run]) assert.equal(await told(operation, false), "503 7")
})

test("`perform` leaves a write in doubt when COS is busy for a repeat of it, and a read to be asked again", async () => {
  assert.equal(await told(run, true), "maybe sent")
  assert.equal(await told({ _tag: "DeleteBucketInventory", id: "list1" }, true), "maybe sent")
  assert.equal(await told(get("list1"), true), "503 7")
})
