/**
 * Version ids as COS gives them. Page 35521 calls them opaque; every one that the documentation prints is base64, without
 * padding, of 2^64 - 1 less the epoch microseconds of the write, so that the newest sorts first: `MTg0NDUxNzgyODk2ODc1NjY0NzQ`
 * (page 7743) is 18445178289687566474, which is 2019-08-14T12:00:21.985141Z, the second its answer is dated.
 */
export const versionIdAt = (millis: number, micros: number): string =>
  btoa(String(greatest - BigInt(millis * 1000 + micros))).replace(/=+$/, "")

/** When a version of this id was written, in epoch milliseconds; undefined for an id of another form, such as `null`. */
export const millisOfVersionId = (id: string): number | undefined => {
  const text = decoded(id)
  return text === undefined || !/^\d{20}$/u.test(text) ? undefined : Number((greatest - BigInt(text)) / 1000n)
}

const greatest = 2n ** 64n - 1n

const decoded = (id: string): string | undefined => {
  try {
    return atob(id)
  } catch {
    return undefined
  }
}
