/** A bearer token on every request, for a proxy that holds the keys. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { ConfigError } from "../core/errors.ts"
import { type Send, Transport } from "../core/ports.ts"

/** Replaces any `Authorization` there is: a signature made here would mean nothing to a proxy that signs anew. */
export const layer = (token: Redacted.Redacted<string>): Layer.Layer<Transport, never, Transport> =>
  Layer.effect(Transport, Effect.map(Transport, (inner) => make(inner, token)))

export const make = (inner: Send, token: Redacted.Redacted<string>): Send => ({
  send: (request) => {
    const value = Redacted.value(token)
    if (!tokenPattern.test(value)) return Effect.fail(unusable(value))
    const others = request.headers.filter(([name]) => name.toLowerCase() !== "authorization")
    return inner.send({ ...request, headers: [...others, ["authorization", `Bearer ${value}`]] })
  },
})

/** `b64token` of RFC 6750, section 2.1. */
const tokenPattern = /^[\w\-.~+/]+=*$/

const unusable = (value: string): ConfigError =>
  new ConfigError({
    source: "proxy token",
    problem: value === ""
      ? "The proxy token is empty"
      : /\s/u.test(value)
      ? "The proxy token has white space in it"
      : "The proxy token has characters that a bearer token cannot have",
    fix: "Set it to the token alone, in one line and without `Bearer`",
  })
