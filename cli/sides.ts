/** What `diff` holds against each other: files, or a bucket. */
import * as Result from "effect/Result"
import { fileName } from "../adapters/files.ts"
import { InvalidInput } from "../core/errors.ts"
import { type BucketRef, parseBucketRef } from "../core/bucket.ts"
import { checkBucketRef } from "../core/endpoint.ts"

export type Side = FilesSide | BucketSide

export interface FilesSide {
  readonly kind: "files"
  /** Of a file or a folder; `-` for standard input. */
  readonly path: string
}

export interface BucketSide extends BucketRef {
  readonly kind: "bucket"
}

const scheme = "cos://"

/** `cos://<name>-<appid>[@<region>]` is a bucket; anything else names files. */
export const readSide = (text: string): Result.Result<Side, InvalidInput> => {
  if (!text.startsWith(scheme)) return Result.succeed({ kind: "files", path: text })
  const name = text.slice(scheme.length).replace(/\/$/u, "")
  const findings = checkBucketRef(name).map((finding) => ({ ...finding, path: text }))
  return findings.length > 0
    ? Result.fail(new InvalidInput({ findings }))
    : Result.succeed({ kind: "bucket", ...parseBucketRef(name) })
}

export const sideText = (side: Side): string =>
  side.kind === "files"
    ? fileName(side.path)
    : `${scheme}${side.bucket}${side.region === undefined ? "" : `@${side.region}`}`
