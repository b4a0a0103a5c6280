/** What a bucket wants signed that lets nothing through unsigned. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Headers } from "../core/http.ts"
import { bucket, local, localHost, refused, temporaryKey, type World } from "./local-attacks-world.ts"

const world = local()

const strict = async (): Promise<World> => {
  const cos = await world()
  const { status } = await cos.ask({
    method: "PATCH",
    target: `/_local/buckets/${bucket}`,
    host: localHost,
    body: JSON.stringify({ strictSignature: true }),
    signature: "none",
  }).catch(() => ({ status: 200 }))
  assert.equal(status, 200)
  assert.ok(cos.cos.store.bucket(bucket)!.strictSignature)
  return cos
}

const others = ["host", "content-length", "content-type"]
const own: ReadonlyArray<Headers> = [
  [["x-cos-meta-a", "1"]],
  [["x-cos-acl", "private"]],
  [["X-COS-Storage-Class", "STANDARD_IA"]],
]
for (const headers of own) {
  test(`a strict bucket refuses a request when it leaves ${headers[0]![0]} unsigned`, async () => {
    const { ask } = await strict()
    const put = {
      method: "PUT",
      target: "/a",
      headers: [["Content-Length", "0"], ...headers] as const,
      framing: "none",
    }
    const names = [...others, headers[0]![0]]
    refused(await ask({ ...put, framing: "none", signature: { signed: { headers: others } } }), "AccessDenied")
    const reply = await ask({ ...put, framing: "none", signature: { signed: { headers: names } } })
    assert.equal(reply.status, 200, reply.text)
  })
}

test("a strict bucket refuses a request without a body when it leaves a header of COS's own unsigned", async () => {
  const { ask } = await strict()
  const headers: Headers = [["x-cos-traffic-limit", "1000000"]]
  refused(await ask({ target: "/", headers, signature: { signed: { headers: ["host"] } } }), "AccessDenied")
  assert.equal((await ask({ target: "/", headers })).status, 200)
})

test("a strict bucket takes a session token that is not signed", async () => {
  const { ask } = await strict()
  const reply = await ask({ target: "/", signature: { key: temporaryKey, signed: { headers: ["host"] } } })
  assert.equal(reply.status, 200, reply.text)
})
