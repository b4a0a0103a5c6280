/** Values inside text that is pasted into a program. */

/** A string as JavaScript, Python and Go all write it. */
export const text = (value: string): string => JSON.stringify(value)

export const authority = (origin: string): string => origin.slice(origin.indexOf("://") + 3)
