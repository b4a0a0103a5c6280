/** Bodies that go wrong on their way: they end too early, or pause. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { TransportError } from "../../../core/errors.ts"
import type { Body } from "../../../core/ports.ts"

/** Breaks after so many bytes. One that is not longer arrives whole. */
export const cut = (body: Body, bytes: number, host: string): Body => {
  const broken = Stream.fail(
    new TransportError({
      kind: "cut",
      sent: "maybe",
      host,
      detail: `a fault broke the connection after ${bytes} bytes`,
    }),
  )
  if (body instanceof Uint8Array) {
    return body.length <= bytes
      ? body
      : { length: body.length, stream: Stream.concat(Stream.succeed(body.subarray(0, bytes)), broken) }
  }
  return split(body, bytes, () => broken)
}

/** Pauses once, after so many bytes. */
export const stalled = (body: Body, bytes: number, millis: number): Body => {
  const whole = body instanceof Uint8Array ? { length: body.length, stream: Stream.succeed(body) } : body
  return split(whole, bytes, (rest) => Stream.concat(Stream.fromEffectDrain(Effect.sleep(millis)), rest))
}

type Streamed = Exclude<Body, Uint8Array>

/** What comes after so many bytes is put in the place of what would have come; nothing is where they are not reached. */
const split = (
  { stream, ...rest }: Streamed,
  bytes: number,
  after: (rest: Stream.Stream<Uint8Array>) => Streamed["stream"],
): Streamed => {
  const parted = Stream.suspend(() => {
    let left = bytes
    return Stream.flatMap(stream, (chunk): Streamed["stream"] => {
      if (left < 0 || chunk.length <= left) {
        left -= left < 0 ? 0 : chunk.length
        return Stream.succeed(chunk)
      }
      const [before, behind] = [chunk.subarray(0, left), chunk.subarray(left)]
      left = -1
      const rest = after(Stream.succeed(behind))
      return before.length === 0 ? rest : Stream.concat(Stream.succeed(before), rest)
    })
  })
  return { ...rest, stream: parted }
}
