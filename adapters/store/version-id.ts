/**
 * Version ids as COS gives them. Page 35521 calls them opaque; every one that the documentation prints is base64, without
 * padding, of 2^64 - 1 less the epoch microseconds of the write, so that the newest sorts first: `MTg0NDUxNzgyODk2ODc1NjY0NzQ`
 * (page 7743) is 18445178289687566474, which is 2019-08-14T12:00:21.985141Z, the second its answer is dated.
 */
export const versionIdAt = (millis: number, micros: number): string =>
  btoa(String(greatest - BigInt(millis * 1000 + micros))).replace(/=+$/, "")

const greatest = 2n ** 64n - 1n
