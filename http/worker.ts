/**
 * The proxy on Cloudflare Workers. Whatever makes an Error while it is loaded, as Effect does to see what a stack trace
 * looks like here, has V8 parse all of the function anew that loads it, for its line numbers. The bundler puts what is
 * imported so into functions of its own; else that function would be the whole Worker, read twice at every cold start.
 */
const worker = await import("./worker-app.ts")

export default worker.default

/** The class of the Durable Objects that count, where a namespace of them is bound. */
export const RateLimiterObject = worker.RateLimiterObject
