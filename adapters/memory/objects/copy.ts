/** PUT Object - Copy (page 10881). */
import { writeTime } from "../../../core/time.ts"
import { container, declaration, leaf } from "../../../core/wire/xml/mod.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import { type Copied, isRefusal, type Operation } from "../operation.ts"
import * as Assumed from "./assumptions.ts"
import {
  attributeHeaders,
  type Attributes,
  attributesOf,
  changesStorage,
  encryptionHeaders,
  refuseAttributes,
} from "./attributes.ts"
import { quoted } from "./etag.ts"
import { refuseWriting } from "./headers.ts"
import { isVersioned, newVersionHeaders } from "./identity.ts"
import { maxBodyBytes } from "./limits.ts"
import { refuseName } from "./name.ts"
import { forbidOverwrite, refuseOverwriting } from "./overwriting.ts"
import { newVersion, storedOf } from "./put.ts"
import { copySource, type Source, sourceHeaders, sourceOf } from "./source.ts"

export const putObjectCopy: Operation = {
  name: "PutObjectCopy",
  method: "PUT",
  at: "Object",
  needs: [],
  takes: ["x-cos-traffic-limit"],
  needsHeader: copySource,
  body: "none",
  source: "page 10881",
  refuse: (facts) =>
    refuseName(facts.key()) ?? refuseWriting(facts, copyHeaders) ?? refuseDirective(facts) ?? refuseAttributes(facts) ??
      refuseOverwriting(facts),
  copies: (facts) => {
    const source = sourceOf(facts)
    return isRefusal(source) ? source : refuseCopy(facts, source) ?? wholeOf(source)
  },
  perform: (facts) => {
    const stored = storedOf(facts)
    const source = sourceOf(facts)
    if (isRefusal(source)) return source
    if (source.version.crc64 !== stored.crc64 || source.version.size !== stored.size) return Assumed.sourceChanged
    const version = newVersion(facts, attributesFrom(source, facts), stored)
    return {
      status: 200,
      headers: [
        ["x-cos-hash-crc64ecma", version.crc64],
        ...sourceVersionHeaders(source),
        ...newVersionHeaders(facts.bucket(), version),
        ...encryptionHeaders(version),
      ],
      body: declaration + container(
        "CopyObjectResult",
        leaf("ETag", quoted(version.etag)) + leaf("CRC64", version.crc64) +
          leaf("LastModified", writeTime(Math.floor(version.lastModified / 1000))) +
          leaf("VersionId", isVersioned(facts.bucket()) ? version.versionId : undefined),
      ),
      changes: [{ _tag: "VersionPut", bucket: facts.bucket().name, version }],
    }
  },
}

const directive = "x-cos-metadata-directive"

const copyHeaders: ReadonlySet<string> = new Set([...attributeHeaders, ...sourceHeaders, directive, forbidOverwrite])

const directiveOf = (facts: Facts): string => (facts.header(directive) || "Copy").toLowerCase()

const refuseDirective = (facts: Facts): RefusalWithText | undefined =>
  directiveOf(facts) === "copy" || directiveOf(facts) === "replaced" ? undefined : Assumed.badDirective

const refuseCopy = (facts: Facts, { bucket, version, isNamed }: Source): RefusalWithText | undefined => {
  if (version.size > maxBodyBytes) return Assumed.tooLarge
  const isItself = bucket.name === facts.bucket().name && version.key === facts.key() && !isNamed
  return isItself && directiveOf(facts) === "copy" && !changesStorage(facts) ? Assumed.ontoItself : undefined
}

const wholeOf = ({ version: { segments, size } }: Source): Copied => ({ segments, start: 0, end: size })

/** Class and encryption are the request's own, whatever the directive says: standard and none, unless named. */
const attributesFrom = ({ version }: Source, facts: Facts): Attributes => {
  const own = attributesOf(facts)
  if (directiveOf(facts) === "replaced") return own
  const keepsTags = Assumed.tagsAreCopied && facts.header("x-cos-tagging") === undefined
  return { ...own, headers: version.headers, tags: keepsTags ? version.tags : own.tags }
}

/** Assumed: named as S3 does, where the source's bucket has had versioning. */
export const sourceVersionHeaders = ({ bucket, version }: Source) =>
  bucket.versioning === undefined ? [] : [["x-cos-copy-source-version-id", version.versionId] as const]
