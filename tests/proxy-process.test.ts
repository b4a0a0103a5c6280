/** The proxy as a program: how it starts, what it reads again, how it stops. */
import { strict as assert } from "node:assert"
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { test } from "node:test"
import { exitOf, exits } from "../cli/exit.ts"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import { exits as programExits } from "../http/program.ts"
import { exchange } from "./door.ts"
import { bun, run } from "./process.ts"
import {
  bundledProxy,
  proxyEnv,
  proxySecret,
  type Server,
  serversOfFile,
  started,
  startHere,
  thisRuntime,
  virtualKeyOf,
} from "./proxy-servers.ts"
import { bearer, rulePath, suitePolicy } from "./proxy-suite.ts"
import { demoKey } from "../adapters/memory/mod.ts"
import { bucket, hashOf, policyForm } from "./proxy-world.ts"

const { folder, upstream, kept } = serversOfFile()

const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
const policy = async (change: object = {}): Promise<string> =>
  JSON.stringify({ ...suitePolicy(await upstream), ...change })

const read = async ({ origin }: Server, token = "reader-token"): Promise<number> => {
  const answer = await fetch(origin + rulePath("list1"), { headers: bearer(token) })
  await answer.body?.cancel()
  return answer.status
}

/** Whoever cannot begin says why and ends. */
const ending = (flags: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}, entry = ["http/main.ts"]) => {
  const [command = "", ...first] = thisRuntime
  return run(command, [...first, ...entry, ...flags], { env: { HOME: folder.path, ...env } })
}

test("http/main.ts names every wrong flag at once and ends with 5 when there are some", async () => {
  const { code, stdout, stderr } = await ending(["--port", "x", "--log", "loud", "--drain", "long"])
  assert.deepEqual([code, stdout], [5, ""])
  for (const flag of ["--port", "--log", "--drain", "--policy"]) assert.match(stderr, new RegExp(`^${flag}: `, "mu"))
})

test("http/main.ts ends with 64 when a flag is unknown, and with 0 when it is asked for its usage", async () => {
  const [unknown, help] = await Promise.all([ending(["--polcy", "x"]), ending(["--help"])])
  assert.equal(unknown.code, 64)
  assert.equal(help.code, 0)
  for (const flag of ["policy", "keys", "profile", "secret-file", "drain"]) {
    assert.match(help.stdout, new RegExp(`^ {2}--${flag} `, "mu"))
  }
})

test("http/main.ts ends with 4 when it has no key, and with 5 when its policy or its secret is wrong", async () => {
  const env = proxyEnv(JSON.parse(await policy()))
  const wrong = write("wrong.json", await policy({ version: 2, buckets: ["nowhere"] }))
  const [none, half, short, file] = await Promise.all([
    ending(["--port", "0"], { ...env, COS_SECRET_ID: "", COS_SECRET_KEY: "" }),
    ending(["--port", "0"], { ...env, COS_NEXT_SECRET_ID: "AKIDnext" }),
    ending(["--port", "0"], { ...env, COS_PROXY_SECRET: "too-short" }),
    ending(["--port", "0", "--policy", wrong], env),
  ])
  assert.deepEqual([none.code, none.stdout], [4, ""])
  assert.match(none.stderr, /no key of its own/u)
  assert.equal(half.code, 5)
  assert.match(half.stderr, /COS_NEXT_SECRET_KEY/u)
  assert.equal(short.code, 5)
  assert.doesNotMatch(short.stderr, /too-short/u)
  assert.equal(file.code, 5)
  assert.match(file.stderr, /version[^]*buckets\[0\]|buckets\[0\][^]*version/u)
})

test("http/main.ts says what is wrong with policy, keys and secret at once, and ends as for the first", async () => {
  const { code, stdout, stderr } = await ending(["--port", "0"], {
    COS_PROXY_POLICY: await policy({ version: 2 }),
    COS_SECRET_ID: "AKIDhalf",
    COS_PROXY_SECRET: "too-short",
  })
  assert.deepEqual([code, stdout], [5, ""])
  for (const wrong of [/version/u, /COS_SECRET_KEY/u, /COS_PROXY_SECRET/u]) assert.match(stderr, wrong)
})

test("http/main.ts lives on when it is told to read again and there is no file", async () => {
  const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy()))))
  for (let i = 0; i < 20; i++) {
    proxy.signal("SIGHUP")
    await proxy.saying(new RegExp(`(?:^.*There is nothing to read again.*\\n){${i + 1}}`, "mu"))
  }
  assert.equal(await read(proxy), 200)
})

test("http/main.ts refuses to be reached by other machines when its policy names nobody", async () => {
  const env = proxyEnv(JSON.parse(await policy({ principals: [] })))
  const remote = await ending(["--port", "0", "--host", "0.0.0.0"], env)
  assert.deepEqual([remote.code, remote.stdout], [5, ""])
  assert.match(remote.stderr, /names no principal/u)
  const local = await kept(startHere(env))
  await local.saying(/Nobody may do anything until the policy names a principal/u)
  assert.equal(await read(local), 403)
})

test("http/main.ts lets the policy count that is in its file when it is told to read it, and the old one when it is broken", async () => {
  const path = write("policy.yaml", await policy({ metrics: "open" }))
  const { COS_PROXY_POLICY: _, ...env } = proxyEnv({})
  const proxy = await kept(startHere(env, ["--policy", path]))
  assert.equal(await read(proxy), 200)
  const failures = async () => {
    const numbers = await (await fetch(`${proxy.origin}/metrics`)).text()
    return /^cos_proxy_reload_failures_total\{what="policy"\} (\d+)$/mu.exec(numbers)?.[1]
  }
  assert.equal(await failures(), "0")
  const [reader] = policyForm.principals
  write(
    "policy.yaml",
    await policy({ metrics: "open", principals: [{ ...reader, tokens: [hashOf("other-token")], keys: [] }] }),
  )
  proxy.signal("SIGHUP")
  await proxy.saying(/was read again: 1 principal and 1 bucket.*; went: writer; changed: reader"/u)
  assert.deepEqual([await read(proxy), await read(proxy, "other-token")], [403, 200])
  write("policy.yaml", `${await policy({ principals: [] })}\nversion: [`)
  proxy.signal("SIGHUP")
  await proxy.saying(/"level":"error".*The policy stays as it was/u)
  assert.equal(await read(proxy, "other-token"), 200)
  assert.equal(await failures(), "1")
  write("policy.yaml", await policy({ principals: [] }))
  proxy.signal("SIGHUP")
  await proxy.saying(/"level":"error".*was read again: 0 principals and 1 bucket/u)
  assert.equal(await read(proxy, "other-token"), 403)
})

test("http/main.ts takes its keys from a file that others may not read, and again when it changes", async () => {
  const env = { COS_PROXY_POLICY: await policy() }
  const keys = write("keys", "# retired\nAKIDold:old-secret-key\n", 0o644)
  const open = await ending(["--port", "0", "--keys", keys], env)
  assert.deepEqual([open.code, open.stdout], [5, ""])
  assert.match(open.stderr, /chmod 600/u)
  write("keys", "AKIDold:old-secret-key\nAKIDwith space:secret-too\n")
  const wrong = await ending(["--port", "0", "--keys", keys], env)
  assert.equal(wrong.code, 5)
  assert.match(wrong.stderr, /keys, line 2/u)
  assert.doesNotMatch(wrong.stderr, /secret-key|secret-too|AKID/u)

  write("keys", "AKIDold:old-secret-key\n", 0o640)
  const proxy = await kept(startHere(env, ["--keys", keys]))
  assert.notEqual(await read(proxy), 200)
  write("keys", `AKIDold:old-secret-key\n${demoKey.secretId}:${demoKey.secretKey}\n`)
  proxy.signal("SIGHUP")
  await proxy.saying(/The keys in .* were read again: two pairs/u)
  assert.equal(await read(proxy), 200)
  assert.doesNotMatch(proxy.said(), /old-secret-key/u)
})

test("http/main.ts asks a credentialProcess once for many requests", async () => {
  const answer = JSON.stringify({ secretId: demoKey.secretId, secretKey: demoKey.secretKey })
  const script = write("keys.sh", `#!/bin/sh\necho called >> "${folder.path}/calls"\necho '${answer}'\n`, 0o700)
  const path = join(folder.path, "config")
  await run("mkdir", ["-p", join(path, "cos-inventory")])
  writeFileSync(join(path, "cos-inventory/config.yaml"), `profiles: { proxy: { credentialProcess: ["${script}"] } }`, {
    mode: 0o600,
  })
  const env = { XDG_CONFIG_HOME: path, COS_PROXY_POLICY: await policy() }
  const proxy = await kept(startHere(env, ["--profile", "proxy"]))
  assert.deepEqual(await Promise.all([read(proxy), read(proxy), read(proxy)]), [200, 200, 200])
  assert.equal(readFileSync(join(folder.path, "calls"), "utf8"), "called\n")
})

test("http/main.ts reads the secret of virtual keys from a file, without the line break at its end", async () => {
  const { COS_PROXY_SECRET: _, ...env } = proxyEnv(JSON.parse(await policy()))
  const proxy = await kept(startHere(env, ["--secret-file", write("secret", `${proxySecret}\n`)]))
  // Node finds the SDK at the root of the project, where it runs
  const [block] = await proxy.saying(/\/\/ Node: npm install cos-nodejs-sdk-v5[^]*?\)\)\n/u)
  const { stdout, stderr } = await run("node", ["-e", block], {
    env: { COS_SECRET_KEY: virtualKeyOf("AKIDreader") },
  })
  assert.equal(stdout, "[ 'list1', 'list2', 'list3' ]\n", stderr)
})

test("http/main.ts prints settings that a shell runs as they stand, and no secret", async () => {
  const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy()))))
  const [found] = await proxy.saying(/# This command line[^]*? list\n/u)
  const block = found.replace("npx bun", bun)
  const { code, stdout, stderr } = await run("sh", ["-c", block], {
    env: { HOME: folder.path, COS_PROXY_TOKEN: "reader-token" },
  })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /list1[^]*list2[^]*list3/u)
  for (const secret of [proxySecret, demoKey.secretKey, virtualKeyOf("AKIDreader"), virtualKeyOf("AKIDwriter")]) {
    assert.ok(!proxy.said().includes(secret))
  }
})

test("http/main.ts says that it is not ready, still answers, and ends with 143 when it is told to stop", async () => {
  const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy())), ["--drain", "1"]))
  assert.equal((await fetch(`${proxy.origin}/readyz`)).status, 200)
  proxy.signal("SIGTERM")
  await proxy.saying(/Stopping: \/readyz says so/u)
  const ready = await fetch(`${proxy.origin}/readyz`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), /draining/u)
  assert.equal(await read(proxy), 200)
  assert.equal(await proxy.ended, 143)
})

test("http/main.ts lets a request end that is under way when it is told to stop, and takes no other", async () => {
  let arrived = () => {}
  let release = () => {}
  const hasArrived = new Promise<void>((resolve) => arrived = resolve)
  const isReleased = new Promise<void>((resolve) => release = resolve)
  const slow = createServer(async (_, response) => {
    arrived()
    await isReleased
    const body = "<Error><Code>NoSuchBucket</Code><Message>None</Message></Error>"
    response.writeHead(404, { "content-type": "application/xml" }).end(body)
  })
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve))
  try {
    const endpoint = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`
    const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy({ endpoint })))))
    const answer = fetch(proxy.origin + rulePath("list1"), { headers: bearer("reader-token") })
    await hasArrived
    proxy.signal("SIGTERM")
    await proxy.saying(/Stopping/u)
    await assert.rejects(async () => {
      for (;;) await (await fetch(`${proxy.origin}/healthz`, { headers: { connection: "close" } })).text()
    })
    release()
    const { status, headers } = await answer
    assert.deepEqual([status, headers.get("content-type")], [404, "application/xml"])
    assert.equal(await proxy.ended, 143)
  } finally {
    slow.close()
  }
})

test("http/main.ts waits for requests under way no longer than the policy says that counts when it is told to stop", async () => {
  let arrived = () => {}
  const hasArrived = new Promise<void>((resolve) => arrived = resolve)
  const silent = createServer(() => arrived())
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve))
  try {
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const path = write("patient.json", await policy({ endpoint, timeoutSeconds: 300 }))
    const { COS_PROXY_POLICY: _, ...env } = proxyEnv({})
    const proxy = await kept(startHere(env, ["--policy", path]))
    const answer = fetch(proxy.origin + rulePath("list1"), { headers: bearer("reader-token") })
    const ended = Promise.allSettled([answer])
    await hasArrived
    write("patient.json", await policy({ endpoint, timeoutSeconds: 1 }))
    proxy.signal("SIGHUP")
    await proxy.saying(/was read again/u)
    proxy.signal("SIGTERM")
    assert.equal(await proxy.ended, 143)
    await ended
  } finally {
    silent.closeAllConnections()
    silent.close()
  }
})

test("http/main.ts ends with 130 when it is interrupted", async () => {
  const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy()))))
  proxy.signal("SIGINT")
  assert.equal(await proxy.ended, 130)
})

test("the command proxy serves as http/main.ts does, and ends with 143 when it is told to stop", async () => {
  const path = write("cli-policy.json", await policy())
  const { COS_PROXY_POLICY: _, ...env } = proxyEnv({})
  const proxy = await kept(started({
    command: [...thisRuntime, "cli/main.ts", "proxy", "--policy", path, "--port", "0", "--log", "text"],
    env,
    ready: /Proxy ready at (\S+) with 2 principals and 1 bucket/u,
  }))
  assert.equal(await read(proxy), 200)
  await proxy.saying(new RegExp(`reader GetBucketInventory ${bucket} list1 allowed 200`, "u"))
  proxy.signal("SIGTERM")
  assert.equal(await proxy.ended, 143)
})

test("the command proxy ends with 4 without keys and with 5 without a policy", async () => {
  const entry = ["cli/main.ts", "proxy"]
  const [keyless, none] = await Promise.all([
    ending(["--port", "0"], { COS_PROXY_POLICY: await policy() }, entry),
    ending(["--port", "0"], {}, entry),
  ])
  assert.equal(keyless.code, 4, keyless.stderr)
  assert.equal(none.code, 5)
  assert.match(none.stderr, /There is no policy/u)
})

for (const [name, command] of [["this runtime", [...thisRuntime, "http/main.ts"]], ["Node", ["node"]]] as const) {
  test(`the proxy goes on without its log when standard error takes nothing, on ${name}`, async () => {
    if (name === "Node") await bundledProxy(folder.path)
    const program = name === "Node" ? [...command, join(folder.path, "proxy.js")] : command
    const proxy = await kept(started({
      command: ["sh", "-c", 'exec "$@" 2>/dev/full', "sh", ...program, "--port", "0"],
      env: proxyEnv(JSON.parse(await policy({ metrics: "open" }))),
      ready: /Proxy ready at (\S+) with/u,
    }))
    for (let i = 0; i < 5; i++) assert.equal(await read(proxy), 200)
    const removed = await fetch(`${proxy.origin}/v1/buckets/${bucket}/inventories/ci-none`, {
      method: "DELETE",
      headers: bearer("writer-token"),
    })
    assert.equal(removed.status, 204, await removed.text())
    const isCounted = async () =>
      /^cos_proxy_audit_failures_total\S* 1$/mu.test(await (await fetch(`${proxy.origin}/metrics`)).text())
    // A line is known for lost some time after the answer
    let looks = 1
    while (!await isCounted()) assert.ok(looks++ < 200)
    assert.equal(await read(proxy), 200)
  })
}

test("the proxy answers, and ends when it is told to, while nobody reads its standard error", async () => {
  const proxy = await kept(started({
    // Its own end to read from, which keeps the pipe whole and takes nothing
    command: ["sh", "-c", 'mkfifo "$0"; exec 3<>"$0"; exec "$@" 2>"$0"', join(folder.path, "unread"), ...thisRuntime]
      .concat("http/main.ts", "--port", "0"),
    env: proxyEnv(JSON.parse(await policy())),
    ready: /Proxy ready at (\S+) with/u,
  }))
  // More lines than a pipe holds
  for (let i = 0; i < 400; i++) await (await fetch(`${proxy.origin}/v1/buckets`)).arrayBuffer()
  assert.equal(await read(proxy), 200)
  proxy.signal("SIGTERM")
  assert.equal(await proxy.ended, 143)
})

test("the proxy warns and names the principals when their virtual keys have no secret to follow from", async () => {
  const { COS_PROXY_SECRET: _, ...env } = proxyEnv(JSON.parse(await policy()))
  const proxy = await kept(startHere(env))
  const [line] = await proxy.saying(/^\{.*virtual key.*\}$/mu)
  const { level, message } = JSON.parse(line)
  assert.equal(level, "warn")
  assert.match(message, /COS_PROXY_SECRET.*: those of reader, writer$/u)
})

test("the proxy gives what is no HTTP a request id, in its answer and in its log", async () => {
  const proxy = await kept(startHere(proxyEnv(JSON.parse(await policy()))))
  const answer = await exchange(Number(new URL(proxy.origin).port), "GARBAGE\r\n\r\n")
  const id = /^x-request-id: (.*)\r$/mu.exec(answer.head)?.[1] ?? ""
  assert.match(id, /^[0-9a-f-]{36}$/u)
  const [line] = await proxy.saying(/^\{.*"code":"InvalidRequest".*\}$/mu)
  assert.equal(JSON.parse(line).requestId, id)
})

test("the command proxy says once what to do when its port is in use", async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve))
  const { port } = taken.address() as AddressInfo
  const { code, stderr } = await ending(["--port", String(port)], proxyEnv(JSON.parse(await policy())), [
    "cli/main.ts",
    "proxy",
  ])
  taken.close()
  assert.equal(code, 5)
  assert.equal(stderr.match(/choose|--port/giu)?.length, 2, stderr)
})

test("the programs that serve end with the codes of the command line", () => {
  assert.deepEqual(programExits, {
    Defect: exits.failure,
    UsageError: exits.usage,
    ConfigError: exitOf(new ConfigError({ source: "", problem: "", fix: "" })),
    NoCredentials: exitOf(new ConfigError({ source: "", problem: "", fix: "", missingCredentials: true })),
    InvalidInput: exitOf(new InvalidInput({ findings: [] })),
    ListenError: exits.invalid,
    SIGINT: exits.interrupted,
    SIGTERM: exits.terminated,
  })
})
