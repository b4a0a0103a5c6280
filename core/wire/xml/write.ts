/** The one writer of XML: no declaration attributes to vary, no white space between elements, one canonical form. */

// A carriage return must survive a reader's line end rules
const special = /[&<>"'\r]/g
const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\r": "&#xD;",
}

const escapeText = (text: string): string => text.replace(special, (c) => escapes[c]!)

/** `<Name>text</Name>`; nothing for undefined. */
export const leaf = (name: string, text: string | number | boolean | undefined): string =>
  text === undefined ? "" : `<${name}>${typeof text === "string" ? escapeText(text) : text}</${name}>`

/** `<Name>…</Name>` around what is inside, already XML; nothing when there is nothing inside. */
export const container = (name: string, inside: string): string => inside === "" ? "" : `<${name}>${inside}</${name}>`

export const declaration = '<?xml version="1.0" encoding="UTF-8"?>'
