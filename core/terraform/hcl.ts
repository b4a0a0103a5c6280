/** Text in HCL, Terraform's own language (HCL native syntax specification, "Template Expressions"). */

/**
 * A quoted string that says exactly the text, whatever it holds: nothing in it is a template, and nothing steers a
 * terminal. The text must be {@link isSayable}.
 */
export const stringText = (text: string): string => `"${text.replace(special, escapedCharacter)}"`

/**
 * Whether a string can hold the text at all: Terraform normalises every string to NFC, and has no lone surrogates.
 */
export const isSayable = (text: string): boolean => text.normalize("NFC") === text && !/\p{Surrogate}/u.test(text)

/**
 * Quotes and backslashes; `${` and `%{`, which begin a template; a `$` or `%` before another or before the end, where a
 * reader could pair it wrongly; every character that is not seen.
 */
const special = /["\\]|[$%](?:\{|(?=[$%]|$))|\p{C}|[\u2028\u2029]/gu

const escapedCharacter = (found: string): string => {
  const named = names[found]
  if (named !== undefined) return named
  const code = found.codePointAt(0)!
  return code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`
}

const names: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "${": "$${",
  "%{": "%%{",
}

const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, "0")
