/** Operations on objects, their versions, tags and parts. */
import type { Operation } from "../operation.ts"
import { putObjectCopy } from "./copy.ts"
import { deleteObject } from "./delete.ts"
import { multipartOperations } from "./multipart/mod.ts"
import { putObject } from "./put.ts"
import { getObject, headObject } from "./reading.ts"
import { taggingOperations } from "./tagging.ts"

export { defaultType } from "./assumptions.ts"
export { refuseMeta } from "./attributes.ts"
export { type Deletion, deletionOf } from "./deletion.ts"
export { keyText } from "./key-text.ts"
export { standardClass, storageClasses } from "./limits.ts"
export { refuseLength } from "./name.ts"
export { refuseTags } from "./tags.ts"

export const objectOperations: ReadonlyArray<Operation> = [
  putObject,
  putObjectCopy,
  getObject,
  headObject,
  deleteObject,
  ...taggingOperations,
  ...multipartOperations,
]
