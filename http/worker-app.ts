/** What the Worker answers: everything that it is told comes from bindings. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { hashes } from "../adapters/hashes/noble.ts"
import { Watch } from "../adapters/hono/watch.ts"
import type { App } from "../adapters/hono/wire.ts"
import { openProxy, proxyLog } from "../adapters/proxy/mod.ts"
import { noticeOf, notifyOf } from "./notice.ts"
import { type Bindings, readBindings, type WorkerSettings } from "./worker-settings.ts"

/** The class of the Durable Objects that count, where a namespace of them is bound. */
export { RateLimiterObject } from "../adapters/workers/mod.ts"

export default {
  fetch: (request: Request, bindings: Bindings, context?: Context): Promise<Response> => {
    const answer = answered(request, bindings)
    // Of a request whose client has left, workerd runs nothing any more, not even what writes its lines in the logs
    context?.waitUntil(answer.then(() => {}, () => {}))
    return answer
  },
}

/** What is used of the platform's own type; elsewhere what was begun runs to its end by itself. */
export interface Context {
  readonly waitUntil: (until: Promise<void>) => void
}

const answered = async (request: Request, bindings: Bindings): Promise<Response> => {
  const app = await (opened ??= openOnce(bindings))
  return app === undefined ? misconfigured(bindings) : app.fetch(request)
}

/** An isolate has one set of bindings as long as it lives; undefined where nothing can be opened with them. */
let opened: Promise<App | undefined> | undefined
const openOnce = (bindings: Bindings): Promise<App | undefined> => {
  const settings = readBindings(bindings)
  return Result.isFailure(settings) ? Promise.resolve(undefined) : Effect.runPromise(open(settings.success))
}

const notice = noticeOf(console.log, true)

const open = ({ policy, credentials: [first, ...others], secret, limiter }: WorkerSettings): Effect.Effect<App> =>
  openProxy({
    policy: () => policy,
    hashes,
    credentials: [Effect.succeed(first), ...others.map((other) => Effect.succeed(other))],
    audit: console.log,
    notice: notifyOf(notice),
    // A request of a Worker cannot wait for what another one does
    isShared: false,
    ...(secret === undefined ? {} : { secret }),
    ...(limiter === undefined ? {} : { limiter }),
  }).pipe(
    Effect.provideService(Watch, {
      onRequest: proxyLog({ write: console.log, form: "json" }),
      onDefect: notice.error,
    }),
  )

/** Every request is told so, and the log every time why: whoever begins to read it then must find out. */
const misconfigured = (bindings: Bindings): Response => {
  const settings = readBindings(bindings)
  if (Result.isFailure(settings)) settings.failure.forEach(({ message }) => notice.error(message))
  return Response.json(
    {
      type: "about:blank",
      title: "The proxy is not set up as it should be; its log says why.",
      status: 500,
      code: "InternalError",
    },
    { status: 500, headers: { "content-type": "application/problem+json", "x-content-type-options": "nosniff" } },
  )
}
