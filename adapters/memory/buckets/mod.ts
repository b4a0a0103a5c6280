/** Operations on buckets: what there is, what is in them, versioning and CORS. */
import type { Operation } from "../operation.ts"
import { existence } from "./bucket.ts"
import { cors } from "./cors.ts"
import { crossOrigin } from "./cross-origin.ts"
import { deleteMultipleObjects } from "./multiple-deletion.ts"
import { getBucket } from "./objects.ts"
import { getService } from "./service.ts"
import { listMultipartUploads } from "./uploads.ts"
import { versioning } from "./versioning.ts"
import { getBucketObjectVersions } from "./versions.ts"

export { corsHeaders, preflightName } from "./cross-origin.ts"

export const bucketOperations: ReadonlyArray<Operation> = [
  getService,
  ...existence,
  getBucket,
  getBucketObjectVersions,
  listMultipartUploads,
  deleteMultipleObjects,
  ...versioning,
  ...cors,
  ...crossOrigin,
]
