/** What a change of a bucket replaces. */
import type { Bucket, BucketAttributes } from "../../store/mod.ts"

export const attributesOf = ({ rules: _, jobs: __, ...attributes }: Bucket): BucketAttributes => attributes
