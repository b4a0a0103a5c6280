/**
 * The bridge to Terraform and back: rules as resources of Tencent Cloud's provider, and rules out of its states.
 *
 * It is text in and text out, so it stands in core; Terraform itself is never run.
 */
export { isSayable, stringText } from "./hcl.ts"
export { fileComment, makeNames, type Names, providerOf, resourceText, resourceType, unsayable } from "./resource.ts"
export { readState, type StateBucket, type StateRules } from "./state.ts"
