/** Values inside text that is pasted into a shell or a program. */

/** A string as JavaScript, Python and Go all write it. */
export const text = (value: string): string => JSON.stringify(value)

/** One word of a POSIX shell. */
export const word = (value: string): string =>
  /^[\w@%+=:,./-]+$/u.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`

export const authority = (origin: string): string => origin.slice(origin.indexOf("://") + 3)
