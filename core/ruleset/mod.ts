/** Rules documents: what is wanted of which buckets. */
export { expanded } from "./destination.ts"
export { bareRuleSet, checkBucketRef, isRuleSet, parseBucketRef, readRuleSet } from "./document.ts"
export type { Entry, Managed, RuleSet, Selector } from "./ruleset.ts"
export { type BucketRef, type Target, targetsOf, type Wanted } from "./target.ts"
export { escaped, variableNames, type Variables, variablesOf } from "./variables.ts"
