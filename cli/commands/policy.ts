import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseBucketRef, writeResource } from "../../core/bucket.ts"
import { ConfigError, type InvalidInput } from "../../core/errors.ts"
import { didYouMean } from "../../core/lint/nearest.ts"
import {
  type Action,
  actionOf,
  actionOfVerb,
  actions,
  bringsRule,
  explain,
  type Explanation,
  type Policy,
  type Principal,
  readDestination,
  type Request,
} from "../../core/policy/mod.ts"
import { redactValue } from "../../core/redact.ts"
import { exits } from "../exit.ts"
import { Failure, Refusal, reporting } from "../failure.ts"
import { printDocument, resultFlag } from "../output/form.ts"
import { root } from "../root.ts"
import { refuseOthers } from "../serving.ts"
import { World } from "../world.ts"

const verbs = Object.keys(actionOfVerb) as ReadonlyArray<keyof typeof actionOfVerb>

const policyFlag = Flag.String("policy").pipe(
  Flag.withDescription("File with the policy, in YAML or JSON; - for standard input (COS_PROXY_POLICY)"),
  Flag.optional,
)

/** `policy check <principal> <operation> <bucket> [<id>]`: whether a policy allows it, and what each grant says to it. */
const check = Command.make(
  "check",
  {
    principal: Argument.String("principal").pipe(Argument.withDescription("Name of the principal who asks")),
    operation: Argument.Literals("operation", [...verbs, ...actions]).pipe(
      Argument.withDescription(`${verbs.join(", ")}, or the name that the API has for it`),
    ),
    bucket: Argument.String("bucket").pipe(Argument.withDescription("<name>-<appid>")),
    id: Argument.String("id").pipe(
      Argument.withDescription("Id of the rule; of a LIST, whether it shows this one"),
      Argument.optional,
    ),
    destination: Flag.String("destination").pipe(
      Flag.withDescription("Of put and run, where reports are to go: <bucket>[@<region>][/<prefix>]"),
      Flag.optional,
    ),
    policy: policyFlag,
    form: resultFlag,
  },
  Effect.fnUntraced(function* (given) {
    const { principal: name, bucket, form } = given
    const { checked, explanation } = yield* Effect.gen(function* () {
      const { policy } = yield* judged(given.policy)
      const checked = yield* checkedOf(policy, given)
      return { checked, explanation: explain(policy, checked.principal, checked.request) }
    }).pipe(reporting(`check what ${name} may do with ${bucket}`, form))
    const { isAllowed } = explanation.decision
    if (form === "table") yield* Console.log(yield* tableOf(checked, explanation))
    else yield* printDocument(form, documentOf(checked, explanation))
    if (!isAllowed) return yield* new Failure({ code: exits.denied })
  }),
).pipe(
  Command.withDescription("Say whether a policy allows a request, and why"),
  Command.withExamples([
    {
      command: "cos-inventory policy check ci get examplebucket-1250000000 list1 --policy policy.yaml",
      description: "Whether ci may read list1",
    },
    {
      command:
        "cos-inventory policy check ci put examplebucket-1250000000 ci-1 --destination examplebucket-1250000000/ci/1 --policy policy.yaml",
      description: "Whether ci may write ci-1, with reports below ci/1",
    },
  ]),
)

/** `policy validate`: what the proxy would refuse to start with, and what it would warn of. */
const validate = Command.make(
  "validate",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("The policy, in YAML or JSON; - for standard input (COS_PROXY_POLICY)"),
      Argument.optional,
    ),
    form: resultFlag,
  },
  Effect.fnUntraced(function* ({ file, form }) {
    const { policy, warnings } = yield* judged(file).pipe(reporting("read the policy", form))
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

/** `policy`: what a proxy would say, without one. */
export const policy = Command.make("policy").pipe(
  Command.withDescription("Check the policy of a proxy, and explain what it decides"),
  Command.withSubcommands([check, validate]),
)

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`

/** The policy that a flag or an argument names, else the variable's. */
const judged = (given: Option.Option<string>) =>
  Effect.gen(function* () {
    yield* refuseOthers(yield* root, "a policy is read without one", {})
    const { env, stdin } = yield* World
    const { judgePolicy, policyVariable } = yield* Effect.promise(() => import("../../adapters/policy-file.ts"))
    const chosen = Option.getOrUndefined(given) ?? (env[policyVariable] || undefined)
    if (chosen === undefined) return yield* new ConfigError({ ...noPolicy, source: `--policy, ${policyVariable}` })
    return yield* judgePolicy(chosen, { stdin })
  })

const noPolicy = {
  problem: "There is no policy to look at",
  fix: "Give --policy <file>; `new policy` prints one to begin with",
} as const

interface Given {
  readonly principal: string
  readonly operation: string
  readonly bucket: string
  readonly id: Option.Option<string>
  readonly destination: Option.Option<string>
}

interface Checked {
  readonly principal: Principal
  /** Among the policy's principals. */
  readonly at: number
  readonly request: Request
}

const checkedOf = (policy: Policy, given: Given): Effect.Effect<Checked, Refusal | InvalidInput> =>
  Effect.gen(function* () {
    const names = policy.principals.map(({ name }) => name)
    const at = names.indexOf(given.principal)
    const principal = policy.principals[at]
    if (principal === undefined) {
      return yield* new Refusal({
        exit: exits.notFound,
        problem: `the policy has no principal "${given.principal}"${didYouMean(given.principal, names)}`,
        fix: names.length === 0 ? "Add a principal to the policy" : `Name one of: ${names.join(", ")}`,
      })
    }
    const action = actionOf(given.operation)
    const id = Option.getOrUndefined(given.id)
    const { bucket, region } = parseBucketRef(given.bucket)
    const own = policy.buckets.get(bucket)
    if (region !== undefined && own !== undefined && region !== own) {
      return yield* usage(`the policy has ${bucket} in ${own}, not in ${region}`, "Leave the region out")
    }
    if (id === undefined && action !== "ListBucketInventory") {
      return yield* usage(`${given.operation} is about one rule`, "Give its id behind the bucket")
    }
    const destination = yield* destinationOf(action, given, own)
    return {
      principal,
      at,
      request: {
        bucket,
        action,
        ...(id === undefined ? {} : { id }),
        ...(destination === undefined ? {} : { destination }),
      },
    }
  })

const usage = (problem: string, fix: string): Effect.Effect<never, Refusal> =>
  Effect.fail(new Refusal({ exit: exits.usage, problem, fix }))

/** Without a region, that of the bucket: COS takes no other. */
const destinationOf = (
  action: Action,
  { operation, destination }: Given,
  region: string | undefined,
): Effect.Effect<Request["destination"], Refusal> => {
  const isNeeded = bringsRule(action)
  if (Option.isNone(destination)) {
    return isNeeded
      ? usage(`${operation} brings a rule, whose reports go somewhere`, "Give --destination <bucket>/<prefix>")
      : Effect.succeed(undefined)
  }
  if (!isNeeded) return usage(`${operation} brings no rule`, "Leave --destination out")
  const { prefix, ...to } = readDestination(destination.value.replace(/^cos:\/\//u, ""))
  return Effect.succeed({
    bucket: writeResource(to.region ?? region ?? "", to.bucket),
    ...(prefix === undefined ? {} : { prefix }),
  })
}

/** `principals[1].grants[0]`, as findings call it. */
const pathOf = ({ at }: Checked, grant: number): string => `principals[${at}].grants[${grant}]`

const tableOf = (checked: Checked, explanation: Explanation): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { pairs, table } = yield* Effect.promise(() => import("../output/table.ts"))
    const { principal, request: { bucket, action, id, destination } } = checked
    const { grants } = explanation
    const head = yield* pairs([
      ["principal", principal.name],
      ["operation", action],
      ["bucket", bucket],
      ...id === undefined ? [] : [["id", id]] as const,
      ...destination === undefined
        ? []
        : [["destination", [destination.bucket, destination.prefix ?? ""].filter((part) => part !== "")]] as const,
      ["decision", decisionText(explanation, id)],
    ])
    if (grants.length === 0) return head
    const rows = grants.map((says, at) => [pathOf(checked, at), says.isAllowed ? "yes" : "no", says.why])
    return `${head}\n\n${yield* table(["GRANT", "ALLOWS", "WHY"], rows)}`
  })

const decisionText = ({ decision, why, isShown }: Explanation, id: string | undefined): string =>
  decision.isAllowed
    ? isShown === undefined ? "allowed" : `allowed, and ${isShown ? "shows" : "does not show"} "${id}"`
    : `denied: ${why ?? `no grant allows this ${decision.part}`}`

const documentOf = (checked: Checked, { decision, why, isShown, grants }: Explanation): Record<string, unknown> => {
  const { principal, request } = checked
  const { action, ...rest } = request
  return {
    allowed: decision.isAllowed,
    ...(decision.isAllowed ? { grant: pathOf(checked, decision.grant) } : { part: decision.part }),
    ...(why === undefined ? {} : { why }),
    ...(isShown === undefined ? {} : { shown: isShown }),
    request: redactValue({ principal: principal.name, operation: action, ...rest }),
    grants: redactValue(
      grants.map(({ isAllowed, ...says }, at) => ({ path: pathOf(checked, at), allowed: isAllowed, ...says })),
    ),
  }
}
