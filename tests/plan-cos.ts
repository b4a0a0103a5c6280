/** A COS of several buckets behind a socket, of which some refuse, and folders of rules files for it. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layer as layerHashes } from "../adapters/hashes/node.ts"
import { serveOf } from "../adapters/hono/transport.ts"
import { wire } from "../adapters/hono/wire.ts"
import { type BucketOptions, demoKey, layer as layerMemory } from "../adapters/memory/mod.ts"
import { Transport } from "../core/ports.ts"
import { listen } from "../http/listen.ts"
import { settingsFor } from "./cli.ts"

/** Settings without a bucket, and what was asked of the COS. */
export interface Running {
  readonly env: Record<string, string>
  /** Method and path of every request, in their order. */
  readonly asked: Array<string>
}

/** Of a bucket whose name begins with `denied` nobody may read anything. */
export const withCos = <A>(
  buckets: ReadonlyArray<BucketOptions>,
  body: (running: Running) => Promise<A>,
): Promise<A> =>
  Effect.gen(function* () {
    const memory = layerMemory({ buckets, keys: [demoKey] }).pipe(Layer.provide(layerHashes))
    const { send } = yield* Transport.pipe(Effect.provide(memory))
    const asked: Array<string> = []
    const app = yield* wire(serveOf({
      send: (request) =>
        Effect.suspend(() => {
          asked.push(`${request.method} ${request.target}`)
          return request.target.startsWith("/denied") ? Effect.succeed(denied) : send(request)
        }),
    }))
    const { origin } = yield* listen({ app })
    const { COS_BUCKET: _, COS_REGION: __, ...env } = settingsFor(origin)
    return yield* Effect.promise(() => body({ env, asked }))
  }).pipe(Effect.scoped, Effect.runPromise)

const denied = {
  status: 403,
  headers: [["content-type", "application/xml"]] as const,
  body: new TextEncoder().encode("<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>"),
}

/** Files in a folder of their own, which is gone afterwards. */
export const withFiles = async <A>(
  files: Readonly<Record<string, string>>,
  body: (at: (name: string) => string) => Promise<A>,
): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "rules-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    return await body((name) => join(folder, name))
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** A rules document; JSON is YAML, too. */
export const document = (
  buckets: ReadonlyArray<string>,
  rules: ReadonlyArray<Record<string, unknown>>,
  over: Record<string, unknown> = {},
): string =>
  JSON.stringify({
    ...(buckets.length === 0 ? {} : { buckets: buckets.map((name) => `${name}@ap-guangzhou`) }),
    defaults: {
      schedule: { frequency: "Weekly" },
      filter: { prefix: "logs/" },
      destination: { bucket: "inventorybucket-1250000000", prefix: "reports", format: "CSV" },
    },
    rules,
    ...over,
  })
