/** Where keys come from. */
export { type Environment, fromEnvironment, nextVariables, variables } from "./environment.ts"
export { credential, layerFixed } from "./fixed.ts"
export { type Command, fromProcess } from "./process.ts"
export { checkProfiles, type Profile, profilePath, readProfile } from "./profile.ts"
export { layerRefreshing, make as makeRefreshing, type Temporary } from "./refreshing.ts"
export { choose } from "./source.ts"
