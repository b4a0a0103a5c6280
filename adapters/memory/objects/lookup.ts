/** The version that a request is about. */
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { refuseLength } from "./name.ts"

/** The newest, or the one that `versionId` names; never a delete marker. */
export const versionOf = (facts: Facts): Version | RefusalWithText => {
  const refusal = refuseLength(facts.key()) ?? refuseVersionId(facts)
  if (refusal !== undefined) return refusal
  const versions = facts.store.versions(facts.bucket().name, facts.key())
  const id = versionIdOf(facts)
  const version = id === undefined ? versions[0] : versions.find(({ versionId }) => versionId === id)
  if (version === undefined) return id === undefined ? Assumed.noSuchKey : Assumed.noSuchVersion
  return version.isDeleteMarker
    ? { ...Assumed.noSuchKey, headers: [["x-cos-delete-marker", "true"], ["x-cos-version-id", version.versionId]] }
    : version
}

/** The pages on tags print it with a capital in their samples (35709 to 35711). */
export const versionIdOf = (facts: Facts): string | undefined =>
  facts.parameter("versionId") ?? facts.parameter("VersionId")

export const refuseVersionId = (facts: Facts): RefusalWithText | undefined => {
  const id = versionIdOf(facts)
  if (id === "") return Assumed.emptyVersionId
  return id === undefined || /^[\x21-\x7e]+$/u.test(id) ? undefined : Assumed.badVersionId
}
