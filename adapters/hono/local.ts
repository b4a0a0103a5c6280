/** The local COS as an app: COS itself, and its admin paths where they cannot be meant as objects. */
import * as Effect from "effect/Effect"
import type { Serve } from "../../core/ports.ts"
import { adminApp, type AdminOptions, prefix } from "./admin/mod.ts"
import { type Bindings, hostIn, targetOf, wire } from "./wire.ts"

export interface LocalAppOptions extends AdminOptions {
  readonly serve: Serve
  /** Whether a Host names a bucket: there every path is an object's. */
  readonly isBucketHost: (host: string) => boolean
}

export interface LocalApp {
  readonly fetch: (request: Request, env?: Bindings) => Response | Promise<Response>
}

export const localApp = ({ serve, isBucketHost, ...options }: LocalAppOptions): Effect.Effect<LocalApp> =>
  Effect.gen(function* () {
    const cos = yield* wire(serve)
    const admin = yield* adminApp(options)
    const isAdmin = (request: Request, env: Bindings | undefined): boolean => {
      if (!`${targetOf(request, env).split("?", 1)[0]}/`.startsWith(prefix)) return false
      const host = hostIn(request, env)
      return host !== undefined && !isBucketHost(host)
    }
    return { fetch: (request, env) => (isAdmin(request, env) ? admin : cos).fetch(request, env) }
  })
