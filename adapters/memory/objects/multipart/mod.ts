/** Objects that are uploaded in parts. */
import type { Operation } from "../../operation.ts"
import { complete } from "./complete.ts"
import { listParts } from "./list.ts"
import { uploadPart, uploadPartCopy } from "./part.ts"
import { abort, initiate } from "./upload.ts"

export const multipartOperations: ReadonlyArray<Operation> = [
  initiate,
  uploadPart,
  uploadPartCopy,
  complete,
  abort,
  listParts,
]
