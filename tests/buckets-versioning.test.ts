/** Turning versioning on and off. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { hashes } from "../adapters/hashes/node.ts"
import { bucket, refused, world } from "./objects-world.ts"

const configuration = (inside: string): string => `<VersioningConfiguration>${inside}</VersioningConfiguration>`

test("GetBucketVersioning answers without a status until versioning is first turned on", async () => {
  const { ask } = world()
  const statuses: Array<string> = []
  const read = async () => {
    const { text, header } = await ask("GET", "/?versioning")
    assert.equal(header("content-type"), "application/xml")
    statuses.push(text.slice(text.indexOf("?>") + 2))
  }
  await read()
  for (const status of ["Enabled", "Suspended", "Enabled"]) {
    const body = configuration(`<Status>${status}</Status>`)
    const headers = [["Content-MD5", hashes.md5Base64(new TextEncoder().encode(body))]] as const
    const put = await ask("PUT", "/?versioning", headers, body)
    assert.deepEqual([put.status, put.text], [200, ""])
    await read()
  }
  assert.deepEqual(statuses, [
    "<VersioningConfiguration/>",
    ...["Enabled", "Suspended", "Enabled"].map((status) => configuration(`<Status>${status}</Status>`)),
  ])
})

test("PutBucketVersioning leaves what else the bucket is", async () => {
  const { ask, store } = world({ buckets: [{ ...bucket, denied: ["GetObject"], strictSignature: true }] })
  const { versioning: _, ...before } = store.bucket(bucket.name)!
  await ask("PUT", "/?versioning", [], configuration("<Status>Enabled</Status>"))
  assert.deepEqual(store.bucket(bucket.name), { ...before, versioning: "Enabled" })
})

const refusals: Readonly<Record<string, readonly [body: string, code: string]>> = {
  "no body": ["", "InvalidArgument"],
  "no status": [configuration(""), "InvalidArgument"],
  "another status": [configuration("<Status>Disabled</Status>"), "InvalidArgument"],
  "two statuses": [configuration("<Status>Enabled</Status><Status>Enabled</Status>"), "InvalidArgument"],
  "another document": ["<Tagging/>", "MalformedXML"],
  "what is not XML": ["Enabled", "MalformedXML"],
}
for (const [what, [body, code]] of Object.entries(refusals)) {
  test(`PutBucketVersioning refuses ${what} and changes nothing`, async () => {
    const { ask, store } = world()
    refused(await ask("PUT", "/?versioning", [], body), code)
    assert.equal(store.bucket(bucket.name)!.versioning, undefined)
  })
}
