import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { counted } from "../../core/counted.ts"
import { reporting } from "../failure.ts"
import { judgedPolicy } from "../judged-policy.ts"
import { printDocument, resultFlag } from "../output/form.ts"

/** `policy validate`: what the proxy would refuse to start with, and what it would warn of. */
export const validate = Command.make(
  "validate",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("The policy, in YAML or JSON; - for standard input (COS_PROXY_POLICY)"),
      Argument.optional,
    ),
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ file, form }) {
    const { policy, warnings } = yield* judgedPolicy(file).pipe(reporting("read the policy", form))
    const { principals, buckets } = policy
    if (form !== "table") {
      const { findingFields } = yield* Effect.promise(() => import("../output/findings.ts"))
      return yield* printDocument(form, {
        valid: true,
        principals: principals.map(({ name }) => name),
        buckets: [...buckets.keys()],
        findings: warnings.map(findingFields),
      })
    }
    const { findingText } = yield* Effect.promise(() => import("../output/problem.ts"))
    const head = `The policy is valid: ${counted(principals.length, "principal")}, ${counted(buckets.size, "bucket")}`
    yield* Console.log([head, ...warnings.map(findingText)].join("\n"))
  }),
).pipe(
  Command.withDescription("Check a policy, offline"),
  Command.withExamples([{
    command: "cos-inventory policy validate policy.yaml",
    description: "All problems and warnings, with line and column",
  }]),
)
