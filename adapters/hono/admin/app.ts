/** The paths under `/_local/`: what a test looks at and changes in the local COS from outside. All of it is JSON. */
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Hono } from "hono"
import { InvalidInput } from "../../../core/errors.ts"
import type { Finding } from "../../../core/lint/finding.ts"
import { seenOf } from "../../record.ts"
import { leaving } from "../leaving.ts"
import { tellDefect, Watch } from "../watch.ts"
import { type Bindings, headersOf, hostIn, targetOf } from "../wire.ts"
import { type Denial, denialOf } from "./guard.ts"
import type { Admin } from "./port.ts"
import { type AdminContext, type AdminEnv, prefix, type Reply, routesOf, type Wrong } from "./routes.ts"

export type AdminApp = Hono<AdminEnv>

export interface AdminOptions {
  readonly admin: Admin
  /** Lets in whoever sends it as `Authorization: Bearer`. */
  readonly token?: string
}

/** Its effects run with the services of the fiber that makes it. A client that leaves ends what it asked for. */
export const adminApp = ({ admin, token }: AdminOptions): Effect.Effect<AdminApp> =>
  Effect.gen(function* () {
    const watch = yield* Watch
    const clock = yield* Clock.Clock
    const run = Effect.runPromiseExitWith(yield* Effect.context())
    const reply =
      (answer: (c: AdminContext) => Effect.Effect<Reply, InvalidInput | Wrong>) =>
      async (c: AdminContext): Promise<Response> => {
        const exit = await run(answer(c), { signal: c.var.left })
        if (Exit.isSuccess(exit)) return json(exit.value.status, exit.value.value)
        if (c.var.left.aborted) throw c.var.left.reason
        if (!exit.cause.reasons.some(Cause.isFailReason)) tellDefect(watch, exit.cause)
        const { status, value } = replyTo(exit.cause)
        return json(status, value)
      }
    // The path as it was sent: what the runtime makes of it may turn another path into one of these
    const app: AdminApp = new Hono({
      getPath: (request, options) => pathIn(targetOf(request, options?.env as Bindings)),
    })
    app.use(async (c, next): Promise<void> => {
      const at = clock.currentTimeMillisUnsafe()
      c.set("left", leftOf(c))
      await next()
      const outcome = c.var.left.aborted ? { broken: "left" } : { status: c.res.status }
      watch.onRequest({ at, ...seenIn(c), ...outcome, millis: clock.currentTimeMillisUnsafe() - at })
    })
    app.use((c, next): Promise<Response | void> => {
      const denial = deniedIn(c, token)
      return denial === undefined ? next() : Promise.resolve(json(denial.status, problem(denial.message)))
    })
    const routes = routesOf(admin)
    for (const [path, methods] of Object.entries(routes)) {
      for (const [method, answer] of Object.entries(methods)) app.on(method, prefix + path, reply(answer))
      const allowed = Object.keys(methods).join(", ")
      app.all(
        prefix + path,
        (c) => json(405, problem(`Cannot ${c.req.method} ${prefix}${path}; allowed: ${allowed}`), { Allow: allowed }),
      )
    }
    const paths = Object.entries(routes).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${prefix}${path}`)
    )
    app.notFound(() => json(404, problem(`There is no such admin path; there are ${paths.join(", ")}`)))
    app.onError((error, c) => {
      const { left } = c.var
      if (left.aborted && (c.env as Bindings | undefined)?.outgoing === undefined) throw error
      if (left.aborted) return json(503, problem("The client ended its side before the answer was there"))
      tellDefect(watch, Cause.die(error))
      return json(500, problem(broken))
    })
    return app
  })

/** A Request's own signal tells of it only until its body is read, where there is a socket. */
const leftOf = (c: AdminContext): AbortSignal => {
  const { incoming, outgoing } = (c.env as Bindings | undefined) ?? {}
  return incoming === undefined || outgoing === undefined ? c.req.raw.signal : leaving(incoming, outgoing)
}

const seenIn = (c: AdminContext) => {
  const env = c.env as Bindings | undefined
  const origin = `http://${hostIn(c.req.raw, env) ?? ""}`
  return seenOf({ method: c.req.method, origin, target: targetOf(c.req.raw, env), headers: [] })
}

const deniedIn = (c: AdminContext, token: string | undefined): Denial | undefined => {
  const env = c.env as Bindings | undefined
  const headers = headersOf(c.req.raw, env)
  const host = hostIn(c.req.raw, env) ?? ""
  return denialOf({ headers, host, ...(env?.incoming === undefined ? {} : { incoming: env.incoming }) }, token)
}

const replyTo = (cause: Cause.Cause<InvalidInput | Wrong>): Reply => {
  const error = cause.reasons.find(Cause.isFailReason)?.error
  if (error === undefined) return { status: 500, value: problem(broken) }
  if (error._tag === "Wrong") return { status: error.status, value: problem(error.message) }
  const findings = error.findings.slice(0, maxShown)
  const rest = error.findings.length - findings.length
  const { message } = new InvalidInput({ findings })
  return { status: 400, value: problem(rest === 0 ? message : `${message}\nand ${rest} more`, findings) }
}
/** Nobody mends more at once, and each is longer than what it is about. */
const maxShown = 100
const broken = "The local COS failed; this is a fault of its own"

const problem = (message: string, findings?: ReadonlyArray<Finding>) => ({
  error: { message, ...(findings === undefined ? {} : { findings }) },
})

const json = (status: number, value: unknown, headers: Record<string, string> = {}): Response =>
  new Response(`${JSON.stringify(value, null, 2)}\n`, {
    status,
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store", ...headers },
  })

const pathIn = (target: string): string => target.split("?", 1)[0]!
