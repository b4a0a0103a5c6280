import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { ConfigError } from "../../core/errors.ts"
import { type Headers, type HttpRequest, noBody } from "../../core/http.ts"
import { Credentials } from "../../core/ports.ts"
import { mask, printable, withoutUser } from "../../core/redact.ts"
import {
  type KeyTime,
  keyTimeAt,
  presign,
  readKeyTime,
  type Stages,
  stages,
  tokenName,
  withoutToken,
} from "../../core/signing/mod.ts"
import { credentialsOf } from "../connection.ts"
import { reporting } from "../failure.ts"
import { switchFlag } from "../flags.ts"
import { root } from "../root.ts"
import { resolve } from "../settings.ts"

/** `sign <METHOD> <url>`: an Authorization value, for a request that something else sends. */
export const sign = Command.make(
  "sign",
  {
    method: Argument.String("method").pipe(Argument.withDescription("HTTP method, such as GET")),
    url: Argument.String("url").pipe(Argument.withDescription("The URL, percent-encoded as it will be sent")),
    headers: Flag.String("header").pipe(
      Flag.withAlias("H"),
      Flag.withDescription("A header to sign beside the host, 'Name: value' (repeatable)"),
      Flag.atLeast(0),
    ),
    keyTime: Flag.String("key-time").pipe(
      Flag.withDescription("'start;end' in epoch seconds; 15 minutes from now unless told"),
      Flag.optional,
    ),
    explain: switchFlag("explain", "Show every stage on standard error"),
    presign: switchFlag("presign", "Print the URL with the signature in its query"),
  },
  Effect.fnUntraced(function* (given) {
    const flags = yield* root
    yield* Effect.gen(function* () {
      const request = yield* requestOf(given)
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      const keyTime = yield* keyTimeOf(given.keyTime, now)
      const credentials = flags.demo ? yield* demoCredentials : yield* credentialsOf(yield* resolve(flags))
      const credential = yield* Effect.flatten(Effect.provide(Credentials, credentials))
      const { hashes } = yield* Effect.promise(() => import("../../adapters/hashes/node.ts"))
      const signer = {
        secretId: credential.secretId,
        secretKey: Redacted.value(credential.secretKey),
        keyTime,
        hashes,
        headers: ["host", ...request.headers.map(([name]) => name)],
      }
      const token = credential.sessionToken === undefined ? undefined : Redacted.value(credential.sessionToken)
      const options = token === undefined ? {} : { sessionToken: token }
      const presigned = given.presign ? presign(request, signer, options) : undefined
      if (given.explain) yield* Console.error(explained(stages(request, signer)))
      if (presigned !== undefined) return yield* Console.log(presigned.origin + presigned.target)
      if (token !== undefined) {
        yield* Console.error(`Note: these are temporary keys, so send their token as ${tokenName} too`)
      }
      yield* Console.log(stages(request, signer).authorization)
    }).pipe(reporting(`sign ${given.method} ${shownUrl(given.url)}`))
  }),
).pipe(
  Command.withDescription("Print an Authorization value, or a presigned URL"),
  Command.withExamples([
    {
      command:
        "cos-inventory sign GET 'https://examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/?inventory&id=list1'",
      description: "Sign a GET of rule list1",
    },
  ]),
)

/** Host and path: a query may hold a signature, and what stands before an @ a password. */
const shownUrl = (url: string): string => withoutUser(url).replace(/[?#].*$/su, "")

const demoCredentials = Effect.map(
  Effect.promise(() =>
    Promise.all([import("../../adapters/memory/mod.ts"), import("../../adapters/credentials/mod.ts")])
  ),
  ([{ demoKey }, { credential, layerFixed }]) => layerFixed(credential(demoKey.secretId, demoKey.secretKey)),
)

const wrong = (source: string, problem: string, fix: string) => Effect.fail(new ConfigError({ source, problem, fix }))

const methods = ["GET", "PUT", "POST", "DELETE", "HEAD", "OPTIONS"]

/** The URL is taken apart as text: a URL parser would rewrite what is signed. */
const requestOf = (given: {
  readonly method: string
  readonly url: string
  readonly headers: ReadonlyArray<string>
}): Effect.Effect<HttpRequest, ConfigError> =>
  Effect.gen(function* () {
    if (!methods.includes(given.method.toUpperCase())) {
      return yield* wrong("<method>", `"${given.method}" is no method of COS`, `Write one of ${methods.join(", ")}`)
    }
    const parts = /^(https?:\/\/(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?)(\/[^#\s]*|\?[^#\s]*)?$/iu.exec(
      given.url,
    )
    if (parts === null) {
      return yield* wrong(
        "<url>",
        "The URL cannot be signed",
        "Write http(s)://host[:port]/path?query, percent-encoded, without # and without a user",
      )
    }
    const rest = parts[2] ?? "/"
    return {
      method: given.method.toUpperCase(),
      origin: parts[1]!.toLowerCase().replace(/^(https:\/\/.*):443$|^(http:\/\/.*):80$/u, "$1$2"),
      target: rest.startsWith("?") ? `/${rest}` : rest,
      headers: yield* headersOf(given.headers),
      body: noBody,
    }
  })

const headersOf = (given: ReadonlyArray<string>): Effect.Effect<Headers, ConfigError> =>
  Effect.forEach(given, (text) => {
    const match = /^([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*$/u.exec(text)
    if (match !== null && !unsigned.has(match[1]!.toLowerCase())) return Effect.succeed([match[1]!, match[2]!] as const)
    return match === null
      ? wrong(
        "--header",
        "A header is not of the form 'Name: value'",
        "Quote it: --header 'Content-Type: application/xml'",
      )
      : wrong(
        "--header",
        `${match[1]} is not a header that can be given here`,
        "Leave it out: the host comes from the URL, and neither Date nor Authorization is signed",
      )
  })

const unsigned: ReadonlySet<string> = new Set(["host", "authorization", "date"])

const keyTimeOf = (given: Option.Option<string>, now: number): Effect.Effect<KeyTime, ConfigError> => {
  if (Option.isNone(given)) return Effect.succeed(keyTimeAt(now))
  const keyTime = readKeyTime(given.value)
  return keyTime === undefined
    ? wrong("--key-time", `"${given.value}" is not a key time`, "Write 'start;end' in epoch seconds, start first")
    : Effect.succeed(keyTime)
}

/** Every stage but the signing key, which could sign anything else in its time. */
const explained = ({ signKey: _, ...rest }: Stages): string =>
  Object.entries({ signKey: mask, ...rest }).map(([name, value]) =>
    `${name}:\n${indented(printable(withoutToken(value)))}`
  ).join("\n")

const indented = (text: string): string => text.split("\n").map((line) => `  ${line}`.trimEnd()).join("\n")
