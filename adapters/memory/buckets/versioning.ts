/** Turning versioning on and off (pages 19889 and 19888). */
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import { versioningStatus } from "./assumptions.ts"
import { bucketAttributes } from "../../store/mod.ts"
import { readDocument, textsIn } from "../document.ts"

const shared = { at: "Bucket", needs: ["versioning"], takes: [] } as const

export const versioning: ReadonlyArray<Operation> = [
  {
    ...shared,
    name: "PutBucketVersioning",
    method: "PUT",
    body: "document",
    source: "page 19889",
    perform: (facts) => put(facts),
  },
  {
    ...shared,
    name: "GetBucketVersioning",
    method: "GET",
    body: "none",
    source: "page 19888",
    perform: (facts) => ({
      status: 200,
      body: declaration +
        (container(root, leaf("Status", facts.bucket().versioning)) || `<${root}/>`),
    }),
  },
]

const root = "VersioningConfiguration"

const put = (facts: Facts): Done | RefusalWithText => {
  if (facts.document.byteLength === 0) return versioningStatus
  const document = readDocument(facts, root)
  if (isRefusal(document)) return document
  const [status, another] = textsIn(document, "Status")
  if (another !== undefined || (status !== "Enabled" && status !== "Suspended")) return versioningStatus
  const bucket = { ...bucketAttributes(facts.bucket()), versioning: status } as const
  return { status: 200, changes: [{ _tag: "BucketPut", bucket }] }
}
