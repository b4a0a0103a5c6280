/** The proxy end to end, in process: its own door on one side, a COS in memory on the other. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { createHash } from "node:crypto"
import { proxied } from "./proxy-world.ts"

test("a reader gets a rule by token and is denied its deletion in COS's own words", () =>
  proxied({}, async ({ ask }) => {
    const read = await ask("GET", "/examplebucket-1250000000/?inventory&id=list1", { token: "reader-token" })
    assert.equal(read.status, 200)
    assert.match(read.text, /<Id>list1<\/Id>/u)
    const denied = await ask("DELETE", "/examplebucket-1250000000/?inventory&id=list1", { token: "reader-token" })
    assert.equal(denied.status, 403)
    assert.match(denied.text, /<Code>AccessDenied<\/Code><Message>Access Denied\.<\/Message>/u)
  }))

test("nobody is let in when the token is no principal's", () =>
  proxied({}, async ({ ask, upstream }) => {
    const hash = createHash("sha256").update("reader-token").digest("hex")
    for (const token of ["other", hash, `sha256:${hash}`]) {
      const answer = await ask("GET", "/examplebucket-1250000000/?inventory&id=list1", { token })
      assert.equal(answer.status, 403)
    }
    assert.equal((await ask("GET", "/examplebucket-1250000000/?inventory&id=list1", {})).status, 403)
    assert.deepEqual(upstream(), [])
  }))
