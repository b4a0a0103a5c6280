/** DELETE Multiple Objects (page 8289). */
import { type Key, keyOfText } from "../../../core/key.ts"
import { childrenNamed, container, declaration, type Element, leaf, textOf } from "../../../core/wire/xml/mod.ts"
import { denied, malformed, maxLongDocumentBytes } from "../assumptions.ts"
import type { RefusalWithText } from "../checks.ts"
import { readDocument, textsIn } from "../document.ts"
import type { Facts } from "../facts.ts"
import { type Deletion, deletionOf, refuseLength } from "../objects/mod.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import { md5Missing, tooManyKeys } from "./assumptions.ts"
import { plainKeys } from "./key-text.ts"

export const deleteMultipleObjects: Operation = {
  name: "DeleteMultipleObjects",
  method: "POST",
  at: "Bucket",
  needs: ["delete"],
  takes: [],
  body: "document",
  maxDocumentBytes: maxLongDocumentBytes,
  source: "page 8289",
  perform: (facts) => deleteAll(facts),
}

/** Page 8289. */
const maxKeys = 1000

const deleteAll = (facts: Facts): Done | RefusalWithText => {
  if (facts.header("content-md5") === undefined) return md5Missing
  const document = readDocument(facts, "Delete")
  if (isRefusal(document)) return document
  const elements = childrenNamed(document, "Object")
  if (elements.length > maxKeys) return tooManyKeys
  const named = elements.map(namedIn)
  if (named.length === 0 || named.includes(undefined)) return malformed("an Object must have one Key")
  const isQuiet = textsIn(document, "Quiet").some((text) => text.toLowerCase() === "true")
  const outcomes = named.map((one) => outcomeOf(facts, one!))
  return {
    status: 200,
    changes: outcomes.flatMap(({ changes }) => changes),
    body: declaration +
      (container(root, outcomes.map(({ xml, isDone }) => isQuiet && isDone ? "" : xml).join("")) || `<${root}/>`),
  }
}

const root = "DeleteResult"

interface Named {
  readonly key: Key
  readonly versionId?: string
}

const namedIn = (element: Element): Named | undefined => {
  const [key, another] = childrenNamed(element, "Key").map(textOf)
  const [versionId = ""] = textsIn(element, "VersionId")
  if (key === undefined || another !== undefined) return undefined
  return { key: keyOfText(key), ...(versionId === "" ? {} : { versionId }) }
}

interface Outcome extends Pick<Deletion, "changes"> {
  readonly isDone: boolean
  readonly xml: string
}

/**
 * Page 8289: for each object the permission of DELETE Object is looked at, and an empty key is nothing to complain of.
 * That a key too long for DELETE Object is too long here is assumed.
 */
const outcomeOf = (facts: Facts, { key, versionId }: Named): Outcome => {
  const bucket = facts.bucket()
  const name = plainKeys.leaf("Key", key)
  const refusal = bucket.denied.includes("DeleteObject") ? denied : refuseLength(key)
  if (refusal !== undefined) {
    const { code, message } = refusal
    return {
      isDone: false,
      changes: [],
      xml: container("Error", name + leaf("VersionId", versionId) + leaf("Code", code) + leaf("Message", message)),
    }
  }
  const deletion: Deletion = key === "" ? { changes: [] } : deletionOf(bucket, key, versionId, facts)
  return { isDone: true, changes: deletion.changes, xml: container("Deleted", name + deletedXml(deletion)) }
}

/** Page 8289: a delete marker that was made or deleted is named as such, and a version that is gone by its id. */
const deletedXml = ({ deleted, marker }: Deletion): string => {
  const made = deleted?.isDeleteMarker === true ? deleted : marker
  return (made === undefined ? "" : leaf("DeleteMarker", true) + leaf("DeleteMarkerVersionId", made.versionId)) +
    leaf("VersionId", deleted?.versionId)
}
