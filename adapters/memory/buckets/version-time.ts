/** When a version was written, by its id alone: the reverse of `version-id.ts`. */

/** Epoch milliseconds; undefined for an id of another form, such as `null`. */
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
