/** The signing proxy: opened with a policy and real keys, it is a Hono app, to serve or to mount at the root of another. */
export { type Policy, policyWarnings, readPolicy } from "../../core/policy/mod.ts"
export { Watch } from "../hono/watch.ts"
export type { App } from "../hono/wire.ts"
export type { FetchKeys } from "../policy/jwt.ts"
export { type Limiter, LimiterError } from "../policy/limiter.ts"
export { proxyLog } from "./log.ts"
export { type OpenOptions, openProxy } from "./open.ts"
export type { RealKeys } from "./upstream.ts"
