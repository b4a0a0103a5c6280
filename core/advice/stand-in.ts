/** Names for what a file leaves open, so that its rules can be judged without asking COS; nobody is shown one. */
import { parseBucket } from "../bucket.ts"

/** Has the form of a region, and is none; rows that compare regions are silent about it. */
export const standInRegion = "region-stand-in"

export const isStandInRegion = (region: string | undefined): boolean => region === standInRegion

/** A bucket that a glob over names matches, another for each of what tells two of them apart; without a glob, any. */
export const standInBucket = (glob = "*", apart?: string): string => {
  const part = apart === undefined ? filling : `${filling}-${apart}`
  const name = glob.replaceAll("*", part).replace(/[^a-z0-9-]/gu, "x")
  return parseBucket(name) === undefined ? `${name}-${appid}` : name
}

const filling = "stand-in"
const appid = "0000000000"

export const isStandInAppid = (text: string): boolean => text === appid

/** Text about a bucket whose region is not known. */
export const withoutStandInRegion = (text: string): string => text.replaceAll(standInRegion, "<region>")

/** Text as it is told to people: the glob for the bucket that stands for it, and a variable's name for its parts. */
export const withoutStandIns = (text: string, bucket: string, glob: string | undefined): string => {
  const name = parseBucket(bucket)?.name ?? bucket
  const parts = [
    [bucket, glob ?? "<bucket>"],
    [name, glob?.replace(/-[0-9]+$/u, "") ?? "<name>"],
    [standInRegion, "<region>"],
  ] as const
  return parts.reduce<string>((said, [from, to]) => said.replaceAll(from, () => to), text).replace(
    wholeAppid,
    "<appid>",
  )
}

/** A UIN may have as many zeros in it. */
const wholeAppid = new RegExp(`(?<![0-9])${appid}(?![0-9])`, "gu")
