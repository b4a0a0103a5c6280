/** What an accepted request does: the state after it, and its answer. */
import * as Result from "effect/Result"
import { oneTimeIdSeconds } from "../../core/limits.ts"
import { writeTime } from "../../core/time.ts"
import { writeService } from "../../core/wire/service.ts"
import { container, declaration, leaf } from "../../core/wire/xml/mod.ts"
import { bucketsPerPage, emptyListStatus, missingDeleteStatus } from "./assumptions.ts"
import type { Facts } from "./facts.ts"
import { writePage } from "./page.ts"
import { type Bucket, type State, withoutRule, withRule } from "./state.ts"

export interface Done {
  readonly status: number
  readonly xml?: string
  /** The bucket as it is now, where the request changed it. */
  readonly bucket?: Bucket
}

/** Only for requests that passed every check. */
export const perform = (facts: Facts): Done => {
  const place = facts.place()
  if (place._tag === "Service") return { status: 200, xml: listBuckets(facts, place.region) }
  if (place._tag === "Nowhere") throw new Error("A request for no bucket passed the checks")
  return performOn(place.bucket, facts)
}

const performOn = (bucket: Bucket, facts: Facts): Done => {
  const asked = facts.asked()
  switch (asked._tag) {
    case "GetBucketInventory":
      return { status: 200, xml: declaration + bucket.rules.get(asked.id)!.xml }
    case "ListBucketInventory": {
      const status = bucket.rules.size === 0 ? emptyListStatus : 200
      return { status, xml: writePage(bucket, asked.continuationToken, facts.settings.hashes) }
    }
    case "PutBucketInventory":
      return { status: 200, bucket: withRule(bucket, Result.getOrThrow(facts.configuration())) }
    case "DeleteBucketInventory":
      return bucket.rules.has(asked.id)
        ? { status: 204, bucket: withoutRule(bucket, asked.id) }
        : { status: missingDeleteStatus }
    case "PostBucketInventory":
      return startJob(bucket, asked.id, facts)
    default:
      throw new Error(`A request for ${asked._tag} passed the checks`)
  }
}

/** Ids that may be used again are forgotten on the way. */
const startJob = (bucket: Bucket, id: string, { now, settings }: Facts): Done => {
  const recent = [...bucket.jobs].filter(([, started]) => now - started < oneTimeIdSeconds * 1000)
  const jobId = settings.hashes.md5Base64(new TextEncoder().encode(`${bucket.name}\n${id}\n${now}`))
  return {
    status: 200,
    // Page 46869 prints it without a declaration and in this form
    xml: container("PostInventoryResult", leaf("JobId", jobId)),
    bucket: { ...bucket, jobs: new Map([...recent, [id, now]]) },
  }
}

const listBuckets = ({ parameter, state }: Facts, region: string | undefined): string => {
  const marker = parameter("marker") ?? ""
  const all = ownedBuckets(state, region).filter(({ name }) => name > marker)
  const asked = Number(parameter("max-keys") ?? bucketsPerPage)
  const size = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, bucketsPerPage) : bucketsPerPage
  const page = all.slice(0, size)
  const isTruncated = all.length > page.length
  return writeService(page[0]?.owner ?? "", {
    buckets: page.map(({ name, region, created }) => ({
      name,
      location: region,
      creationDate: writeTime(created),
    })),
    isTruncated,
    ...(isTruncated ? { nextMarker: page.at(-1)!.name } : {}),
  })
}

const ownedBuckets = (state: State, region: string | undefined): ReadonlyArray<Bucket> =>
  [...state.buckets.values()]
    .filter((bucket) => region === undefined || bucket.region === region)
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
