/** What is said of a state, of its resources, and of their attributes. */
import { type Finding, shown } from "../lint/finding.ts"
import { resourceType } from "./resource.ts"

/** One resource while it is read. */
export interface State {
  readonly address: string
  readonly findings: Array<Finding>
}

const provider = "terraform-provider-tencentcloud, resource_tc_cos_bucket_inventory.go"

export const odd = (state: State, path: string, value: unknown, allowed: string): Finding => ({
  code: "terraform-attribute",
  severity: "error",
  path,
  message: "The rule is left out: an attribute of it has the wrong form",
  found: shown(value),
  allowed,
  fix: "Refresh the state, or correct the rules document by hand",
  source: provider,
  file: state.address,
})

export const lacks = (state: State, path: string, allowed: string, found: string | undefined): Finding => ({
  code: "terraform-incomplete",
  severity: "error",
  path,
  message: "The rule is left out: the state lacks what a rule must have",
  ...(found === undefined ? {} : { found }),
  allowed,
  fix: "Refresh the state, or write the rule by hand",
  source: provider,
  file: state.address,
})

export const note = (
  state: State,
  path: string,
  message: string,
  found: string | undefined,
  allowed: string,
): Finding => ({
  code: "terraform-odd",
  severity: "warning",
  path,
  message,
  ...(found === undefined ? {} : { found: shown(found) }),
  allowed,
  fix: "Look at it in Terraform",
  source: provider,
  file: state.address,
})

export const noPrefix = (state: State): Finding => ({
  code: "terraform-prefix",
  severity: "warning",
  path: "filter.prefix",
  message:
    "The state has no prefix, so the rule lists the whole bucket; the provider may have lost it when it read the rule",
  allowed: "no prefix, if the rule has none in COS",
  fix: "Run plan on the rules document: it shows what COS has before anything is changed",
  source: "Go SDK, bucket_inventory.go: the prefix is read in one of the two places where COS sends it",
  file: state.address,
})

export const twice = (address: string, id: string): Finding => ({
  code: "terraform-twice",
  severity: "error",
  path: "name",
  message: "The state has two resources for one rule, and the first is taken",
  found: id,
  allowed: "each rule once",
  fix: "Remove one of them from the state with `terraform state rm`",
  source: "page 30625: a PUT replaces the rule of the same id",
  file: address,
})

export const twoRegions = (bucket: string, regions: ReadonlyArray<string | undefined>): Finding => ({
  code: "terraform-regions",
  severity: "warning",
  path: "destination",
  message: "Rules of one bucket have destinations in two regions, so that its own region is not known",
  found: shown(`${bucket}: ${regions.join(", ")}`),
  allowed: "destinations in the region of the bucket",
  fix: "Correct the destinations in the rules document, and name the bucket with its region",
  source: "page 30625: source and destination are in the same region",
})

export const replaced = (address: string): Finding => ({
  code: "terraform-deposed",
  severity: "warning",
  path: "",
  message: "The resource waits to be destroyed, and is left out",
  allowed: "resources that stand",
  fix: "Run `terraform apply`, which ends the replacement",
  source: "Terraform: deposed objects",
  file: address,
})

export const noResource: Finding = {
  code: "terraform-none",
  severity: "error",
  path: "",
  message: `The state holds no ${resourceType}`,
  allowed: `managed resources of the type ${resourceType}`,
  fix: "Give the state that has them",
  source: provider,
}

export const notAState = (message: string, fix: string): Finding => ({
  code: "terraform-state",
  severity: "error",
  path: "",
  message,
  allowed: "the output of `terraform show -json`, or a state file of version 4",
  fix,
  source: "Terraform: JSON output format 1.x, state file version 4",
})
