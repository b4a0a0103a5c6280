/** The signing proxy. */
export { proxyLog } from "./log.ts"
export { type OpenOptions, openProxy } from "./open.ts"
