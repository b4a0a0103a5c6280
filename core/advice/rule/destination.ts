/** Advice about where reports go, and what they do there. */
import { parseBucket, parseResource } from "../../bucket.ts"
import { appidDigits } from "../../limits.ts"
import { reportLocation } from "../../location.ts"
import type { Draft } from "../../rule.ts"
import type { AdviceContext, Row } from "../../lint/mod.ts"

export const destinationAdvice: ReadonlyArray<Row<AdviceContext>> = [
  {
    code: "destination-prefix-slash",
    severity: "warning",
    message: "The destination prefix ends in a separator",
    why: "COS appends one itself, so that reports may come to lie below a folder without a name",
    source: "page 30625: COS appends / to the prefix",
    *check({ destination }, { short }) {
      const prefix = destination?.prefix
      if (prefix === undefined || !prefix.endsWith("/")) return
      const path = short === undefined ? "destination.prefix" : "destination.bucket"
      const shorter = prefix.slice(0, -1)
      // Of / and a// nobody knows what is meant
      const isCertain = shorter !== "" && !shorter.endsWith("/")
      yield {
        path,
        found: short ?? prefix,
        allowed: "a prefix without a separator at its end",
        fix: isCertain ? `Write ${short?.slice(0, -1) ?? shorter}` : "Name a folder, or remove it",
        ...(isCertain && short === undefined ? { edit: { path, value: shorter } } : {}),
      }
    },
  },
  {
    code: "report-lists-itself",
    severity: "warning",
    message: "The rule lists its own reports",
    why: "Every report lies among the objects that the next one lists, and is paid for again",
    source: "page 30625: the destination may be the source; page 30622: the path of reports",
    *check(draft, { kind, bucket, now }) {
      const isSilent = kind === "job" || draft.isEnabled === false || bucket === undefined
      const own = isSilent ? undefined : ownReports(draft, bucket)
      if (own === undefined || !reaches(draft.filter, own, now)) return
      yield {
        // The filter is the rule's own where the destination is that of all
        path: "filter",
        found: `reports in ${own}`,
        allowed: "another bucket, or a prefix that the filter leaves out",
        fix: "Choose another destination bucket, or filter by a prefix that the reports do not have",
      }
    },
  },
  {
    code: "account-id-appid",
    severity: "warning",
    message: "The account id looks like an APPID",
    why: "COS wants the UIN of the owner, which is another number",
    source: "page 30625: the owner's UIN, such as 100000000001; older pages print an APPID",
    *check({ destination }, { bucket }) {
      const id = destination?.accountId
      if (id === undefined || !/^[0-9]+$/u.test(id)) return
      const target = destination?.bucket === undefined ? undefined : parseResource(destination.bucket)
      const appids = [target?.appid, bucket === undefined ? undefined : parseBucket(bucket)?.appid]
      if (!appids.includes(id) && id.length !== appidDigits) return
      yield {
        path: "destination.accountId",
        found: id,
        allowed: "a UIN, such as 100000000001",
        fix: "Write the UIN that the console shows under Account Information, or remove it",
      }
    },
  },
]

/** Where a rule's reports lie, if that is in the bucket it lists. */
const ownReports = ({ id, destination }: Draft, bucket: string): string | undefined => {
  if (destination?.bucket === undefined) return undefined
  const { prefix } = destination
  const location = reportLocation(bucket, {
    id: id ?? "",
    destination: { bucket: destination.bucket, ...(prefix === undefined ? {} : { prefix }) },
  })
  return location?.bucket === bucket ? location.prefix : undefined
}

/** Reports carry no tags; their storage class is documented nowhere; they are created from now on. */
const reaches = (filter: Draft["filter"], reports: string, now: number | undefined): boolean => {
  const { prefix = "", tags = [], storageClass, period } = filter ?? {}
  const end = period?.endTime
  const hasEnded = end !== undefined && (now === undefined || end <= now)
  return tags.length === 0 && storageClass === undefined && !hasEnded &&
    (reports.startsWith(prefix) || prefix.startsWith(reports))
}
