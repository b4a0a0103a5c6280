/** How many there are of something, such as `1 rule` or `3 rules`. */
export const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`
