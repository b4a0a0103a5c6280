/** The signing proxy. */
export { type OpenOptions, openProxy } from "./open.ts"
