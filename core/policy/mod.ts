/** What a proxy lets whom do: the policy's model, its form, and the decision. */
export { bucketsOf, decide, type Decision, isListed, listsAll, type Part, type Request, requestOf } from "./decide.ts"
export {
  type Action,
  actionOfVerb,
  actions,
  type Claims,
  type DestinationPattern,
  type Grant,
  type Issuer,
  type Leniency,
  type Limits,
  type Metrics,
  type Policy,
  type Principal,
} from "./policy.ts"
export { actionOf, readPolicy } from "./read.ts"
