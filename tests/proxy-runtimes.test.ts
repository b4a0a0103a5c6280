/** One suite over every runtime that the proxy is deployed on; "here" is the one that runs the tests. */
import { after, test } from "node:test"
import {
  madeFolder,
  proxyEnv,
  type Server,
  startHere,
  startNode,
  startUpstream,
  startWorkerd,
} from "./proxy-servers.ts"
import { checks, suitePolicy } from "./proxy-suite.ts"

const folder = madeFolder()
const upstream = startUpstream()

const starts: Readonly<Record<string, () => Promise<Server>>> = {
  "from its source here": async () => startHere(proxyEnv(suitePolicy(await upstream))),
  "as a bundle on Node": async () => startNode(proxyEnv(suitePolicy(await upstream)), folder.path),
  "as a Worker in workerd": async () => startWorkerd(proxyEnv(suitePolicy(await upstream)), folder.path),
}

const servers: Array<Promise<Server>> = []
after(async () => {
  for (const server of await Promise.allSettled(servers)) {
    if (server.status === "fulfilled") await server.value.stop()
  }
  await (await upstream).stop()
  folder.remove()
})

for (const [where, start] of Object.entries(starts)) {
  let server: Promise<Server> | undefined
  const running = () => {
    if (server === undefined) servers.push(server = start())
    return server
  }
  for (const { name, check } of checks) {
    test(`the proxy ${name} when it runs ${where}`, async () => check(await running(), await upstream))
  }
}
