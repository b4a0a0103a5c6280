/** What is deployed to the edge without Cloudflare, started as its file says. */
import { strict as assert } from "node:assert"
import { copyFileSync, mkdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { test } from "node:test"
import { root, run } from "./process.ts"
import {
  bundledProxy,
  bundledWorker,
  proxyEnv,
  type Server,
  serversOfFile,
  started,
  type Starting,
} from "./proxy-servers.ts"
import { bearer, rulePath, suitePolicy } from "./proxy-suite.ts"

const { folder, upstream, kept } = serversOfFile()

const ready = (starting: Starting): Promise<Server> => kept(started(starting))

const deno = "Deno" in globalThis ? [process.execPath] : ["npm", "run", "--silent", "deno", "--"]
const serveDeno = (env: Readonly<Record<string, string>>) =>
  ready({
    command: [...deno, "serve", "--no-check", "-A", "--host", "127.0.0.1", "--port", "0", "http/deploy/deno-deploy.ts"],
    env: { NO_COLOR: "1", ...env },
    ready: /Listening on (http:\S+:\d+)\/?$/mu,
  })

const status = async ({ origin }: Server, path: string, token: string): Promise<number> => {
  const answer = await fetch(origin + path, { headers: bearer(token) })
  await answer.body?.cancel()
  return answer.status
}

/** Allowed, denied, unknown, and open to all. */
const statuses = async (server: Server) => [
  await status(server, rulePath("list1"), "reader-token"),
  await status(server, rulePath("list1"), "writer-token"),
  await status(server, "/v1/buckets", "nobody"),
  await status(server, "/healthz", "nobody"),
]

test("deno-deploy.ts serves the proxy with its settings in the environment", async () => {
  const server = await serveDeno(proxyEnv(suitePolicy(await upstream)))
  assert.deepEqual(await statuses(server), [200, 403, 401, 200])
})

test("deno-deploy.ts answers with 500 and logs what is wrong with the environment", async () => {
  const server = await serveDeno({ COS_PROXY_POLICY: '{"version":2}' })
  assert.equal(await status(server, "/healthz", "nobody"), 500)
  for (const problem of [/version/u, /COS_SECRET_ID/u]) await server.saying(problem)
})

test("workerd.capnp serves the built Worker from where it lies, with its settings in the environment", async () => {
  // The same places as in the project, so that nothing but the port is another
  mkdirSync(join(folder.path, "http/deploy"), { recursive: true })
  copyFileSync(join(root, "http/deploy/workerd.capnp"), join(folder.path, "http/deploy/workerd.capnp"))
  await bundledWorker(join(folder.path, "dist"))
  const [, line = ""] = /&& npm run workerd -- (serve \S+)$/mu.exec(
    readFileSync(join(root, "http/deploy/workerd.capnp"), "utf8"),
  ) ?? []
  const [verb = "", config = ""] = line.split(" ")
  const server = await ready({
    command: ["npm", "run", "--silent", "workerd", "--", verb, join(folder.path, config)].concat(
      "--socket-addr=http=127.0.0.1:0",
      "--control-fd=1",
    ),
    env: proxyEnv(suitePolicy(await upstream)),
    ready: /"event":"listen".*"port":(\d+)/u,
  })
  assert.deepEqual(await statuses(server), [200, 403, 401, 200])
})

test("workerd.capnp is what the other tests of the Worker run, but for its port and the place of the Worker", () => {
  const text = (path: string) => readFileSync(join(root, path), "utf8").replace(/^#.*\n/gmu, "")
  assert.equal(
    text("http/deploy/workerd.capnp").replace("../../dist/worker.js", "worker.js").replace(
      "127.0.0.1:8080",
      "127.0.0.1:0",
    ),
    text("tests/workerd/proxy.capnp"),
  )
})

test("the task of deno.json runs with the permissions that it names, and no others", async () => {
  const bundle = join(folder.path, "bin")
  await bundledProxy(bundle)
  const { tasks } = JSON.parse(readFileSync(join(root, "http/deploy/deno.json"), "utf8"))
  const [, ...words] = String(tasks.proxy).replace("dist/bin/proxy.js", join(bundle, "proxy.js")).split(" ")
  const env = { COS_SECRET_ID: "AKIDany", COS_SECRET_KEY: "any" }
  const command = [...deno, ...words.toSpliced(1, 0, "--no-prompt"), "--port", "0"]
  const server = await ready({ command, env, ready: /Proxy ready at (\S+) with/u })
  assert.equal(await status(server, "/healthz", "nobody"), 200)
  const [program = "", ...args] = command.map((word) => word.endsWith("policy.example.yaml") ? "package.json" : word)
  assert.equal((await run(program, args, { env })).code, 5)
})
