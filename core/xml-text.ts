/** What an XML 1.0 document can carry: no control characters, no lone surrogates. */
export const xmlText = /^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]+$/u

export const isXmlText = (text: string): boolean => xmlText.test(text)
