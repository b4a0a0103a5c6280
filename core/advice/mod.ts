/** Advice: everything that lint knows beyond the errors of one rule, of rules beside each other, and of many buckets. */
export { advise } from "./advise.ts"
export { fleetRows, repeatedIds, targetRows } from "./beside/mod.ts"
export { codes } from "./codes.ts"
export { type Chosen, type Placed, type Places, placesOf } from "./places.ts"
export { adviceRows } from "./rule/mod.ts"
export { standInBucket, standInRegion } from "./stand-in.ts"
export { lintTargets, type Moment } from "./targets.ts"
