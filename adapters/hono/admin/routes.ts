/** The table of the admin paths. */
import * as Effect from "effect/Effect"
import type { Context } from "hono"
import type { InvalidInput } from "../../../core/errors.ts"
import { maxDocumentBytes } from "../../../core/limits.ts"
import type { Body } from "../../../core/ports.ts"
import { gathered } from "../../gathered.ts"
import type { Recorded, Run } from "../../memory/mod.ts"
import { arrivalOf, forget } from "../arrival.ts"
import { abandon, fetchedBody } from "../fetched.ts"
import type { Bindings } from "../wire.ts"
import { momentOf } from "./moment.ts"
import type { Admin, AdminClock } from "./port.ts"

export const prefix = "/_local/"

/** The greatest document it reads, but for a snapshot, which holds bodies too. */
const maxAdminBytes = maxDocumentBytes
const maxSnapshotDocumentBytes = 256 * 1024 * 1024

export interface AdminEnv {
  readonly Bindings: Bindings
  readonly Variables: {
    /** Aborted when nobody waits for the answer any more. */
    readonly left: AbortSignal
  }
}
export type AdminContext = Context<AdminEnv>

export interface Reply {
  readonly status: number
  readonly value: unknown
}
const ok = (value: unknown, status = 200): Reply => ({ status, value })

/** The request asks for what cannot be. */
export interface Wrong {
  readonly _tag: "Wrong"
  readonly status: number
  readonly message: string
}
const wrong = (status: number, message: string): Wrong => ({ _tag: "Wrong", status, message })

/** By path below the prefix, then by method. */
export type Routes = Readonly<
  Record<string, Readonly<Record<string, (c: AdminContext) => Effect.Effect<Reply, InvalidInput | Wrong>>>>
>

export const routesOf = (admin: Admin): Routes => {
  const state = Effect.map(admin.state, (found) => ok({ ...found, clock: clockText(found.clock) }))
  const withDocument = (change: (document: unknown) => Effect.Effect<void, InvalidInput>) => (c: AdminContext) =>
    Effect.andThen(Effect.flatMap(documentIn(c, maxSnapshotDocumentBytes), change), state)
  const faults = () => ok({ faults: admin.faults.list() })
  const requests = () => ok({ requests: admin.requests.list().map(recordedText) })
  return {
    health: { GET: () => Effect.sync(() => ok(admin.health())) },
    state: { GET: () => state },
    reset: { POST: () => Effect.andThen(admin.reset, state) },
    seed: { POST: withDocument(admin.seed) },
    snapshot: { GET: () => Effect.map(admin.snapshot, (document) => ok(document)) },
    restore: { POST: withDocument(admin.restore) },
    clock: {
      GET: () => Effect.map(admin.clock, (clock) => ok(clockText(clock))),
      POST: (c) => Effect.flatMap(documentIn(c), (document) => moved(admin, document)),
    },
    runs: { GET: () => Effect.map(admin.runs, (runs) => ok({ runs: runs.map(runText) })) },
    faults: {
      GET: () => Effect.sync(faults),
      POST: (c) => Effect.map(Effect.flatMap(documentIn(c), admin.faults.add), (fault) => ok(fault, 201)),
      DELETE: () => Effect.sync(() => (admin.faults.clear(), faults())),
    },
    "faults/:id": {
      DELETE: (c) =>
        Effect.suspend(() => {
          const id = c.req.param("id") ?? ""
          return admin.faults.remove(id) ? Effect.succeed(faults()) : Effect.fail(noFault(id))
        }),
    },
    requests: {
      GET: () => Effect.sync(requests),
      DELETE: () => Effect.sync(() => (admin.requests.clear(), requests())),
    },
    "buckets/:name": {
      PATCH: (c) => {
        const name = c.req.param("name") ?? ""
        return Effect.flatMap(
          Effect.flatMap(documentIn(c), (patch) => admin.bucket(name, patch)),
          (bucket) => bucket === undefined ? Effect.fail(noBucket(name)) : Effect.succeed(ok(bucket)),
        )
      },
    },
  }
}

const noFault = (id: string): Wrong =>
  wrong(404, `Cannot remove the fault: there is none with the id "${id}"; GET faults lists them`)
const noBucket = (name: string): Wrong => wrong(404, `Cannot change the bucket: there is none named "${name}"`)

/** Answers when all that fell due has run. */
const moved = (admin: Admin, document: unknown): Effect.Effect<Reply, Wrong> =>
  Effect.gen(function* () {
    const { now } = yield* admin.clock
    const to = momentOf(document, now)
    if (typeof to === "string") return yield* Effect.fail(wrong(400, to))
    const runs = yield* admin.advance(to)
    return ok({ ...clockText(yield* admin.clock), runs: runs.map(runText) })
  })

const documentIn = (c: AdminContext, maxBytes = maxAdminBytes): Effect.Effect<unknown, Wrong> =>
  Effect.gen(function* () {
    const { incoming, outgoing } = (c.env as Bindings | undefined) ?? {}
    const body: Effect.Effect<Body, unknown> = incoming === undefined || outgoing === undefined
      ? fetchedBody(c.req.raw)
      : arrivalOf(incoming, outgoing)
    const bytes = yield* body.pipe(
      Effect.flatMap((body) => gathered(body, maxBytes)),
      Effect.mapError(() => wrong(400, "The body ended early or stood still")),
      Effect.ensuring(Effect.sync(() => incoming === undefined ? abandon(c.req.raw) : forget(incoming))),
    )
    if (bytes === undefined) return yield* Effect.fail(wrong(413, `The body has more than ${maxBytes} bytes`))
    return yield* Effect.try({
      try: (): unknown => JSON.parse(utf8.decode(bytes)),
      catch: () => wrong(400, "The body is not JSON; send one JSON document in UTF-8"),
    })
  })
const utf8 = new TextDecoder("utf-8", { fatal: true })

const iso = (millis: number): string => new Date(millis).toISOString()
const clockText = ({ now, still }: AdminClock) => ({ now: iso(now), still })
/** The rule as it stood is for a restart, and long. */
const runText = ({ xml: _, ...run }: Run) => ({
  ...run,
  due: iso(run.due),
  ...(run.destination === undefined || run.wrote.length < 2
    ? {}
    : { manifest: `cos://${run.destination}/${run.wrote.at(-2)}` }),
})
const recordedText = (recorded: Recorded) => ({ ...recorded, at: iso(recorded.at) })
