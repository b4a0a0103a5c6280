/** What Cloudflare Workers offer to count requests over all of their isolates. */
export { limiterOfBinding, type RateLimitBinding } from "./binding.ts"
export { type ObjectNamespace, type ObjectState, RateLimiterObject } from "./object.ts"
export { limiterOfObject } from "./object-limiter.ts"
