/** GET Service, answered from the policy: COS is not asked, and what is not for the principal is not there. */
import { bucketsOf, type Policy, type Principal } from "../../core/policy/mod.ts"
import { writeService } from "../../core/wire/service.ts"

type Parameters = ReadonlyArray<readonly [name: string, value: string]>

/** Those of page 8291 that can be answered without COS: when a bucket was made, and its tags, are not known here. */
export const serviceParameters: ReadonlySet<string> = new Set(["marker", "max-keys", "region"])

/** The buckets of which a principal may do anything, without an owner and without their dates. */
export const bucketList = (
  policy: Policy,
  principal: Principal,
  /** `region` is that of a Host of COS's own, such as `cos.ap-guangzhou.myqcloud.com`. */
  asked: { readonly parameters: Parameters; readonly region: string | undefined },
): string => {
  const value = (name: string) => asked.parameters.find(([known]) => known === name)?.[1] ?? ""
  const regions = [asked.region ?? "", value("region")].filter((region) => region !== "")
  const all = bucketsOf(policy, principal).toSorted()
    .map((name) => ({ name, location: policy.buckets.get(name)!, creationDate: "" }))
    .filter(({ name, location }) => name > value("marker") && regions.every((region) => region === location))
  const most = /^[1-9]\d{0,8}$/u.test(value("max-keys")) ? Number(value("max-keys")) : all.length
  const buckets = all.slice(0, most)
  const isTruncated = all.length > buckets.length
  return writeService(undefined, { buckets, isTruncated, ...(isTruncated ? { nextMarker: buckets.at(-1)!.name } : {}) })
}
