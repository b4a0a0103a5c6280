/** GET Service, which lists buckets (page 8291). */
import { writeTime } from "../../../core/time.ts"
import { writeService } from "../../../core/wire/service.ts"
import { bucketsPerPage } from "../assumptions.ts"
import type { Facts } from "../facts.ts"
import type { Operation } from "../operation.ts"
import type { Bucket } from "../../store/mod.ts"

/** Buckets have no tags here, so that `tagkey` and `tagvalue` are not taken. */
export const getService: Operation = {
  name: "GetService",
  method: "GET",
  at: "Service",
  needs: [],
  takes: ["marker", "max-keys", "region", "create-time", "range"],
  body: "none",
  source: "page 8291",
  perform: (facts) => ({ status: 200, body: listBuckets(facts) }),
}

const listBuckets = (facts: Facts): string => {
  const marker = facts.parameter("marker") ?? ""
  const isAsked = filterOf(facts)
  const all = facts.store.buckets().filter((bucket) => bucket.name > marker && isAsked(bucket))
  const most = facts.pageSize(bucketsPerPage)
  const asked = Number(facts.parameter("max-keys") ?? most)
  const size = Number.isInteger(asked) && asked >= 1 ? Math.min(asked, most) : most
  const page = all.slice(0, size)
  const isTruncated = all.length > page.length
  return writeService(page[0]?.owner ?? facts.settings.owner, {
    buckets: page.map(({ name, region, created }) => ({
      name,
      location: region,
      creationDate: writeTime(Math.floor(created / 1000)),
    })),
    isTruncated,
    ...(isTruncated ? { nextMarker: page.at(-1)!.name } : {}),
  })
}

type Filter = (bucket: Bucket) => boolean

const filterOf = (facts: Facts): Filter => {
  const place = facts.place()
  const regions = [place._tag === "Service" ? place.region : undefined, facts.parameter("region")]
    .filter((region) => region !== undefined && region !== "")
  const compare = ranges.get(facts.parameter("range") ?? "")
  const seconds = Number(facts.parameter("create-time"))
  return ({ region, created }) =>
    regions.every((asked) => asked === region) &&
    (compare === undefined || Number.isNaN(seconds) || compare(Math.floor(created / 1000), seconds))
}

/** Page 8291. Assumed: another range, or one without a time, filters nothing. */
const ranges: ReadonlyMap<string, (created: number, asked: number) => boolean> = new Map([
  ["lt", (created, asked) => created < asked],
  ["gt", (created, asked) => created > asked],
  ["lte", (created, asked) => created <= asked],
  ["gte", (created, asked) => created >= asked],
])
