/**
 * The proxy on Deno Deploy, or anywhere with `deno serve http/deploy/deno-deploy.ts`: the Worker, with its settings in the
 * environment. COS_PROXY_POLICY holds the policy itself, in JSON.
 */
import process from "node:process"
import worker from "../worker.ts"

const settings = { ...process.env }

export default { fetch: (request: Request): Promise<Response> => worker.fetch(request, settings) }
