/** What every test file leans on: Effect tests under virtual time, properties, and laws over implementations of a port. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Arbitrary from "effect/Arbitrary"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"

/** A test whose body is an Effect, under virtual time and in its own scope. */
export const effect = <A, E>(name: string, body: Effect.Effect<A, E, Scope.Scope>): void => {
  test(name, () => Effect.runPromise(Effect.scoped(body).pipe(Effect.provide(TestClock.layer()), Effect.asVoid)))
}

/** A property over values drawn from a schema; a failure prints the shrunk input and a replay token. */
export const prop = <S extends Schema.Constraint, E>(
  name: string,
  schema: S,
  property: (value: S["Type"]) => boolean | Effect.Effect<boolean, E>,
  options?: Arbitrary.CheckOptions,
): void => {
  test(name, async () => {
    const result = await Effect.runPromise(
      Arbitrary.checkEffect(Arbitrary.schema(schema), property, { runs: 200, seed: 1, ...options }),
    )
    const failure = Arbitrary.formatCheckFailure(result)
    if (failure !== undefined) assert.fail(failure)
  })
}

/** The same laws against any implementation of a port. */
export const laws = <I, E>(
  subject: string,
  layer: Layer.Layer<I, E>,
  suite: Readonly<Record<string, Effect.Effect<void, unknown, I>>>,
): void => {
  for (const [title, body] of Object.entries(suite)) effect(`${subject}: ${title}`, body.pipe(Effect.provide(layer)))
}
