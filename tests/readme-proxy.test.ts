/** The README's proxy is set up, used and watched as the README says. */
import { strict as assert } from "node:assert"
import { rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { judgePolicy } from "../adapters/policy-file.ts"
import { policyForm } from "../core/policy/form.ts"
import { proxyFlags } from "../http/proxy-flags.ts"
import { invoke } from "./cli.ts"
import { root } from "./process.ts"
import { blocks, readme, shell } from "./readme.ts"

const setUp = blocks("sh").find((block) => block.includes("proxy token new"))!
const used = blocks("sh").find((block) => block.includes("as_reader"))!
const [writer = ""] = blocks("js")

test("The README's proxy serves the reader, the writer and the official SDK, and denies the rest, when its commands are run", async () => {
  const script = `npx bun cli/main.ts local --seed demo --port 0 > local.out 2>/dev/null & local=$!
trap 'kill $local $proxy' EXIT
until grep -q ready local.out; do sleep 0.05; done
cos=$(grep -o 'http://[0-9.:]*' local.out | head -1)
${setUp.replaceAll("http://127.0.0.1:9000", "$cos").trimEnd()} --port 0 > proxy.out 2> proxy.err & proxy=$!
until grep -q ready proxy.out; do sleep 0.05; done
url=$(grep -o 'http://[0-9.:]*' proxy.out | head -1)
${used.replaceAll("http://127.0.0.1:8080", "$url")}
echo
sed "s#127.0.0.1:8080#\${url#http://}#" "$WRITER" > writer.cjs
(set -a; . ./writer.env; node writer.cjs)
echo; cat proxy.err`
  const file = join(tmpdir(), `writer-${process.pid}.js`)
  await writeFile(file, writer)
  try {
    const { code, stdout, stderr } = await shell(script, { WRITER: file, NODE_PATH: join(root, "node_modules") })
    assert.equal(code, 0, stdout.slice(-3000) + stderr)
    for (
      const said of [
        /^3 rules in examplebucket-1250000000 \(ap-guangzhou\)$/mu,
        /^Created rule "ci-a"/mu,
        /^1 rule in examplebucket-1250000000 \(ap-guangzhou\)$/mu,
        /"configuration":\{"id":"list1"/u,
        /^cos_proxy_requests_total\{.*operation="PutBucketInventory".*\} 1$/mu,
        /^ci-a\n/mu,
        /"kind":"audit".*"principal":"writer",.*"operation":"PutBucketInventory".*"outcome":"done"/u,
      ]
    ) assert.match(stdout, said)
    assert.deepEqual(stdout.match(/^denied: exit \d+$/gmu), ["denied: exit 4", "denied: exit 4"])
    assert.equal(stdout.match(/^AccessDenied$/gmu)?.length, 2, stdout)
  } finally {
    await rm(file)
  }
})

test("The README's policy for Cloudflare Access is a policy when it has a version and buckets", async () => {
  const shown = blocks("yaml").find((block) => block.includes("Cf-Access-Jwt-Assertion"))!
  const whole = `version: 1\nbuckets: [examplebucket-1250000000@ap-guangzhou]\n${shown}`
  assert.equal((await Effect.runPromise(judgePolicy(whole))).policy.issuers.length, 1)
})

test("The README's table of the policy has every key of its form when they are compared", () => {
  for (const key of Object.keys(policyForm.members)) {
    assert.ok(key === "version" || new RegExp(`^\\| \`${key}[\`[]`, "mu").test(readme), key)
  }
})

test("The README's proxy commands have flags that there are when they are compared", async () => {
  const { out } = await invoke(["proxy", "--help"])
  for (const { name } of proxyFlags) assert.ok(out.includes(`--${name}`), name)
  for (const name of ["policy", "keys", "secret-file", "drain"]) assert.ok(readme.includes(`--${name}`), name)
})
