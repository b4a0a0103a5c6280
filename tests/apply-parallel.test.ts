/** `apply --parallel` over buckets of unlike size. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import type { HttpResponse } from "../core/http.ts"
import type { Serve } from "../core/ports.ts"
import { withCos } from "./cli.ts"
import { withFiles } from "./folder.ts"
import { document } from "./rules-document.ts"

const region = "ap-guangzhou"
const large = "large-1250000000"
const small = ["one-1250000000", "two-1250000000", "three-1250000000"]
const most = 4

/** Writes to the large bucket wait until so many are under way, as all may be at once; and counts those of all. */
const gathering = () => {
  let underWay = 0
  let seen = 0
  const waiting: Array<() => void> = []
  const gathered = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve)
      if (waiting.length === most) waiting.splice(0).forEach((go) => go())
    })
  const around = ({ answer }: Serve): Serve => ({
    answer: (request) => {
      if (request.method !== "PUT") return answer(request)
      seen = Math.max(seen, ++underWay)
      const performed = Effect.ensuring(answer(request), Effect.sync(() => void underWay--))
      return request.target.startsWith(`/${large}`)
        ? Effect.raceFirst(
          Effect.andThen(Effect.promise(gathered), performed),
          // Where they never are so many, it fails here and not by the test's own time
          Effect.as(Effect.sleep("5 seconds"), alone),
        )
        : performed
    },
  })
  return { around, seen: () => seen }
}

const alone: HttpResponse = {
  status: 400,
  headers: [],
  body: new TextEncoder().encode("<Error><Code>InvalidArgument</Code><Message>Alone</Message></Error>"),
}

test("`apply` writes to one large bucket with all that --parallel allows when there are small ones beside it", async () => {
  const files = {
    "large.yaml": document([large], Array.from({ length: 2 * most }, (_, i) => ({ id: `daily-${i}` }))),
    "small.yaml": document(small, [{ id: "daily-0" }]),
  }
  const { around, seen } = gathering()
  await withFiles(
    files,
    (at) =>
      withCos({ buckets: [large, ...small].map((name) => ({ name, region })), around }, async ({ go }) => {
        const args = ["apply", at("large.yaml"), at("small.yaml"), "--yes", "--parallel", String(most)]
        const { code, err, out } = await go(args)
        assert.equal(code, 0, err)
        assert.match(out, /\n11 created, 0 updated, 0 deleted in 4 buckets$/u)
        assert.equal(seen(), most)
      }),
  )
})
