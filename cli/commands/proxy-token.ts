import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { tokenPrefix } from "../../core/redact.ts"
import { reporting } from "../failure.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { policyLines } from "../policy-lines.ts"
import { root } from "../root.ts"
import { refuseOthers } from "../serving.ts"

/** `proxy token new`: a bearer token, shown once, and its hash, which is all that a policy needs. */
const make = Command.make(
  "new",
  {
    form: resultFlag,
    principal: Flag.String("principal").pipe(
      Flag.withDescription("Whose it is, for the lines of the policy"),
      Flag.optional,
    ),
  },
  Effect.fnUntraced(function* ({ form, principal }) {
    yield* refuseOthers(yield* root, "a token is made from nothing", {}).pipe(reporting("make a token", form))
    const { sha256Hex } = yield* Effect.promise(() => import("../../adapters/policy/issuing.ts"))
    const { base64Url } = yield* Effect.promise(() => import("../../adapters/random.ts"))
    const token = tokenPrefix + base64Url(tokenBytes)
    const hash = `sha256:${sha256Hex(token)}`
    const name = Option.getOrUndefined(principal)
    if (form !== "table") {
      return yield* printDocument(form, { token, hash, ...(name === undefined ? {} : { principal: name }) })
    }
    yield* Console.log(token)
    yield* Console.error(`The token is shown this once. For the policy:\n\n${policyLines(name, "tokens", hash)}`)
  }),
).pipe(
  Command.withDescription("Print a bearer token once, and its hash for the policy"),
  Command.withExamples([{
    command: "cos-inventory proxy token new --principal ci",
    description: "The token goes to standard output, and what the policy needs to standard error",
  }]),
)

/** `proxy token`: what bearer tokens need before the proxy runs. */
export const token = Command.make("token").pipe(
  Command.withDescription("Bearer tokens of a proxy"),
  Command.withSubcommands([make]),
)

/** Too many to try: so one hash is enough, without salt or rounds. */
const tokenBytes = 32
