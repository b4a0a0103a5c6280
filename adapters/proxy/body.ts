/** The body of a request at a door: whole and within its size, or refused in COS's words. */
import * as Effect from "effect/Effect"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { HttpRequest } from "../../core/http.ts"
import type { Body, Hashes } from "../../core/ports.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import { checkContentMd5 } from "../../core/wire/operations.ts"
import { incompleteBody, tooLarge } from "../answer.ts"
import { gathered } from "../gathered.ts"
import { requestTimeout } from "../hono/refusal.ts"
import { Refused } from "../policy/call.ts"
import { Underway } from "../policy/underway.ts"
import { refusalOf } from "../refusals.ts"

/**
 * What fails here is the caller's side of the connection, and nothing of COS's. A signature covers a body by its MD5.
 *
 * Until this is asked for nothing of the body is awaited, and no room is kept for it.
 */
export const wholeBody = (request: HttpRequest<Body>, hashes: Hashes): Effect.Effect<Uint8Array, Refused> =>
  Effect.flatMap(Underway, (underway) =>
    Effect.andThen(
      roomFor(request.body, underway),
      Effect.tap(whole(request, hashes), () =>
        Effect.sync(() => {
          if (underway !== undefined) underway.isHere = true
        })),
    ))

/** What is not announced may be as much as is taken; what is announced to be more is refused unread. */
const roomFor = (body: Body, underway: Underway | undefined): Effect.Effect<void, Refused> => {
  if (body instanceof Uint8Array || underway?.makeRoom === undefined) return Effect.void
  const { length = maxDocumentBytes } = body
  return length > maxDocumentBytes ? Effect.void : underway.makeRoom(length)
}

const whole = (request: HttpRequest<Body>, hashes: Hashes): Effect.Effect<Uint8Array, Refused> =>
  gathered(request.body, maxDocumentBytes).pipe(
    Effect.mapError(({ kind, detail }) => refused(kind === "timeout" ? requestTimeout : incompleteBody, detail)),
    Effect.flatMap((body) => {
      if (body === undefined) return Effect.fail(refused(tooLarge, `the body has more than ${maxDocumentBytes} bytes`))
      const md5 = checkContentMd5({ ...request, body }, hashes)
      if (md5 === "malformed") return Effect.fail(refused(refusalOf("InvalidDigest"), "Content-MD5 is malformed"))
      if (md5 === "wrong") return Effect.fail(refused(refusalOf("BadDigest"), "the body is not that of Content-MD5"))
      return Effect.succeed(body)
    }),
  )

const refused = (refusal: Refusal, why: string): Refused => new Refused({ outcome: "invalid", refusal, why })
