/** The paths under `/_local/`: what a test looks at and changes in the local COS from outside. All of it is JSON. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { Hono } from "hono"
import type { InvalidInput } from "../../../core/errors.ts"
import type { Finding } from "../../../core/lint/finding.ts"
import { type App, type Bindings, headersOf, hostIn, targetOf } from "../wire.ts"
import { type Denial, denialOf } from "./guard.ts"
import type { Admin } from "./port.ts"
import { type AdminContext, prefix, type Reply, routesOf, type Wrong } from "./routes.ts"

export interface AdminOptions {
  readonly admin: Admin
  /** Lets in whoever sends it as `Authorization: Bearer`. */
  readonly token?: string
}

/** Its effects run with the services of the fiber that makes it. */
export const adminApp = ({ admin, token }: AdminOptions): Effect.Effect<App> =>
  Effect.map(Effect.context(), (services) => {
    const run = Effect.runPromiseExitWith(services)
    const reply =
      (answer: (c: AdminContext) => Effect.Effect<Reply, InvalidInput | Wrong>) =>
      async (c: AdminContext): Promise<Response> => {
        const exit = await run(answer(c), { signal: c.req.raw.signal })
        const { status, value } = Exit.isSuccess(exit) ? exit.value : replyTo(exit.cause)
        return json(status, value)
      }
    // The path as it was sent: what the runtime makes of it may turn another path into one of these
    const app: App = new Hono({ getPath: (request, options) => pathIn(targetOf(request, options?.env as Bindings)) })
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
    const paths = Object.keys(routes).map((path) => prefix + path).join(", ")
    app.notFound(() => json(404, problem(`There is no such admin path; there are ${paths}`)))
    app.onError(() => json(500, problem(broken)))
    return app
  })

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
  return { status: 400, value: problem(error.message, error.findings) }
}
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
