/** Tags of an object: PUT (page 35709), GET (35710) and DELETE (35711). */
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import type { Tag, Version } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"
import { refuseDigestForm } from "./digest.ts"
import { readDocument } from "../document.ts"
import { refuseReading, refuseWriting } from "./headers.ts"
import { versionOf } from "./lookup.ts"
import { refuseTags, tagsOfDocument, writeTags } from "./tags.ts"

const shared = { at: "Object", needs: ["tagging"], takes: ["versionId", "VersionId"] } as const

export const taggingOperations: ReadonlyArray<Operation> = [
  {
    ...shared,
    name: "PutObjectTagging",
    method: "PUT",
    body: "document",
    source: "page 35709",
    refuse: (facts) => refuseWriting(facts) ?? refuseDigestForm(facts),
    perform: (facts) => {
      const root = readDocument(facts, "Tagging")
      if (isRefusal(root)) return root
      const tags = tagsOfDocument(root)
      if (isRefusal(tags)) return tags
      const version = versionOf(facts)
      if (isRefusal(version)) return version
      return refuseTags(tags) ?? retagged(facts, version, tags, 200)
    },
  },
  {
    ...shared,
    name: "GetObjectTagging",
    method: "GET",
    body: "none",
    source: "page 35710",
    refuse: refuseReading,
    perform: (facts) => {
      const version = versionOf(facts)
      if (isRefusal(version)) return version
      return { status: version.tags.length === 0 ? Assumed.untaggedStatus : 200, body: writeTags(version.tags) }
    },
  },
  {
    ...shared,
    name: "DeleteObjectTagging",
    method: "DELETE",
    body: "none",
    source: "page 35711",
    refuse: (facts) => refuseWriting(facts),
    perform: (facts) => {
      const version = versionOf(facts)
      return isRefusal(version) ? version : retagged(facts, version, [], 204)
    },
  },
]

/** The version keeps its place among the others, its time and its bytes. */
const retagged = (facts: Facts, version: Version, tags: ReadonlyArray<Tag>, status: number): Done => ({
  status,
  changes: [{ _tag: "VersionPut", bucket: facts.bucket().name, version: { ...version, tags } }],
})
