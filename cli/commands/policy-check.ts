import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { parseBucketRef, writeResource } from "../../core/bucket.ts"
import type { InvalidInput } from "../../core/errors.ts"
import { didYouMean } from "../../core/lint/nearest.ts"
import {
  type Action,
  actionOf,
  actionOfVerb,
  actions,
  bringsRule,
  explain,
  type Explanation,
  type GrantSays,
  openDestinations,
  type Policy,
  type Principal,
  readDestination,
  type Request,
} from "../../core/policy/mod.ts"
import { redactValue } from "../../core/redact.ts"
import { exits } from "../exit.ts"
import { Failure, Refusal, reporting } from "../failure.ts"
import { judgedPolicy } from "../judged-policy.ts"
import { printDocument, resultFlag } from "../output/form.ts"

const verbs = Object.keys(actionOfVerb) as ReadonlyArray<keyof typeof actionOfVerb>

const policyFlag = Flag.String("policy").pipe(
  Flag.withDescription("File with the policy, in YAML or JSON; - for standard input (COS_PROXY_POLICY)"),
  Flag.optional,
)

/** `policy check <principal> <operation> <bucket> [<id>]`: whether a policy allows it, and what each grant says to it. */
export const check = Command.make(
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
      Flag.withDescription(
        "Of put and run, where reports are to go: <bucket>[@<region>][/<prefix>]; without it, where they may go",
      ),
      Flag.optional,
    ),
    policy: policyFlag,
    form: resultFlag,
  },
  Effect.fnUntraced(function* (given) {
    const { principal: name, bucket, form } = given
    const { checked, explanation, destinations } = yield* Effect.gen(function* () {
      const { policy } = yield* judgedPolicy(given.policy)
      const checked = yield* checkedOf(policy, given)
      const { principal, request } = checked
      return {
        checked,
        explanation: explain(policy, principal, request),
        destinations: openDestinations(policy, principal, request),
      }
    }).pipe(reporting(`check what ${name} may do with ${bucket}`, form))
    const answer = { ...explanation, destinations }
    if (form === "table") yield* Console.log(yield* tableOf(checked, answer))
    else yield* printDocument(form, documentOf(checked, answer))
    if (!isAllowed(checked, answer)) return yield* new Failure({ code: exits.denied })
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
  if (Option.isNone(destination)) return Effect.succeed(undefined)
  if (!bringsRule(action)) return usage(`${operation} brings no rule`, "Leave --destination out")
  const { prefix, ...to } = readDestination(destination.value.replace(/^cos:\/\//u, ""))
  return Effect.succeed({
    bucket: writeResource(to.region ?? region ?? "", to.bucket),
    ...(prefix === undefined ? {} : { prefix }),
  })
}

interface Answer extends Explanation {
  /** Where reports may go, of a request that says nothing of it and may go somewhere. */
  readonly destinations: ReadonlyArray<string>
}

const isGranted = ({ decision, destinations }: Answer): boolean => decision.isAllowed || destinations.length > 0

/** What the grants allow, and no number of tries would get. */
const isBeyondLimit = ({ principal, request }: Checked, answer: Answer): boolean =>
  isGranted(answer) && request.action === "PostBucketInventory" && principal.limits.runsPerDay === 0

const isAllowed = (checked: Checked, answer: Answer): boolean => isGranted(answer) && !isBeyondLimit(checked, answer)

/** `principals[1].grants[0]`, as findings call it. */
const pathOf = ({ at }: Checked, grant: number): string => `principals[${at}].grants[${grant}]`

const tableOf = (checked: Checked, answer: Answer): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { pairs, table } = yield* Effect.promise(() => import("../output/table.ts"))
    const { principal, request: { bucket, action, id, destination } } = checked
    const decision = isBeyondLimit(checked, answer)
      ? "denied: runsPerDay is 0 in the limits of the principal"
      : decisionText(answer, id, destination === undefined)
    const { grants, destinations } = answer
    const head = yield* pairs([
      ["principal", principal.name],
      ["operation", action],
      ["bucket", bucket],
      ...id === undefined ? [] : [["id", id]] as const,
      ...destination === undefined
        ? []
        : [["destination", [destination.bucket, destination.prefix ?? ""].filter((part) => part !== "")]] as const,
      ["decision", decision],
    ])
    if (grants.length === 0) return head
    const word = (says: GrantSays) =>
      says.isAllowed ? "yes" : says.part === "destination" && destinations.length > 0 ? "some" : "no"
    const rows = grants.map((says, at) => [pathOf(checked, at), word(says), says.why])
    return `${head}\n\n${yield* table(["GRANT", "ALLOWS", "WHY"], rows)}`
  })

const decisionText = ({ decision, why, isShown, destinations }: Answer, id: string | undefined, isOpen: boolean) =>
  destinations.length > 0
    ? `allowed to: ${destinations.join(", ")}`
    : decision.isAllowed
    ? isShown === undefined ? "allowed" : `allowed, and ${isShown ? "shows" : "does not show"} "${id}"`
    : `denied: ${why ?? `no grant allows ${isOpen && decision.part === "destination" ? "a" : "this"} ${decision.part}`}`

const documentOf = (checked: Checked, answer: Answer): Record<string, unknown> => {
  const { principal, request } = checked
  const { decision, why, isShown, grants, destinations } = answer
  const { action, ...rest } = request
  return {
    allowed: isAllowed(checked, answer),
    ...(isBeyondLimit(checked, answer) ? { limit: "runsPerDay" } : {}),
    ...(destinations.length > 0
      ? { destinations }
      : decision.isAllowed
      ? { grant: pathOf(checked, decision.grant) }
      : { part: decision.part }),
    ...(why === undefined ? {} : { why }),
    ...(isShown === undefined ? {} : { shown: isShown }),
    request: redactValue({ principal: principal.name, operation: action, ...rest }),
    grants: redactValue(
      grants.map(({ isAllowed, ...says }, at) => ({ path: pathOf(checked, at), allowed: isAllowed, ...says })),
    ),
  }
}
