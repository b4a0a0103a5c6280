/** What a proxy lets whom do: the policy's model, its form, and the decision. */
export {
  bringsRule,
  bucketIn,
  bucketsOf,
  decide,
  type Decision,
  isListed,
  listedGlobs,
  listsAll,
  type Part,
  type Request,
  requestOf,
} from "./decide.ts"
export { type Destination, readDestination } from "./destination.ts"
export { explain, type Explanation, type GrantSays, openDestinations } from "./explain.ts"
export {
  type Action,
  actionOfVerb,
  actions,
  type Claims,
  defaultTimeoutSeconds,
  type DestinationPattern,
  type Grant,
  type Issuer,
  type Leniency,
  type Limits,
  maxTimeoutSeconds,
  type Metrics,
  type Policy,
  type Principal,
} from "./policy.ts"
export { actionOf, readPolicy } from "./read.ts"
export { policyWarnings } from "./warnings.ts"
