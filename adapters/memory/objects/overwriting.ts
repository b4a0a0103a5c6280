/** `x-cos-forbid-overwrite`. */
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import * as Assumed from "./assumptions.ts"

export const forbidOverwrite = "x-cos-forbid-overwrite"

/** `asked` is what an earlier request of the same upload asked for. */
export const refuseOverwriting = (facts: Facts, asked = "false"): RefusalWithText | undefined => {
  const flag = (facts.header(forbidOverwrite) || "false").toLowerCase()
  if (flag !== "true" && flag !== "false") return Assumed.badFlag(forbidOverwrite)
  const { name, versioning } = facts.bucket()
  const isForbidden = (flag === "true" || asked === "true") && versioning === undefined
  return isForbidden && facts.store.versions(name, facts.key()).length > 0 ? Assumed.wouldOverwrite : undefined
}
