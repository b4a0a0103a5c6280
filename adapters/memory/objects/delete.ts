/** DELETE Object (page 7743). */
import type { Headers } from "../../../core/http.ts"
import type { Operation } from "../operation.ts"
import { type Deletion, deletionOf } from "./deletion.ts"
import { refuseWriting } from "./headers.ts"
import { refuseVersionId, versionIdOf } from "./lookup.ts"
import { refuseLength } from "./name.ts"

export const deleteObject: Operation = {
  name: "DeleteObject",
  method: "DELETE",
  at: "Object",
  needs: [],
  takes: ["versionId"],
  body: "none",
  source: "page 7743",
  refuse: (facts) => refuseLength(facts.key()) ?? refuseVersionId(facts) ?? refuseWriting(facts),
  perform: (facts) => {
    const deletion = deletionOf(facts.bucket(), facts.key(), versionIdOf(facts), facts)
    return { status: 204, headers: headersOf(deletion), changes: deletion.changes }
  },
}

const headersOf = ({ deleted, marker }: Deletion): Headers => {
  const versionId = deleted?.versionId ?? marker?.versionId
  const isMarker = marker !== undefined || deleted?.isDeleteMarker === true
  return [
    ...(isMarker ? [["x-cos-delete-marker", "true"] as const] : []),
    ...(versionId === undefined ? [] : [["x-cos-version-id", versionId] as const]),
  ]
}
