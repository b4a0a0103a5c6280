/** Bytes as UTF-8 text: a document strictly, an excerpt for an error message leniently. */
import * as Result from "effect/Result"
import type { XmlProblem } from "./xml/mod.ts"

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const lenient = new TextDecoder("utf-8")

/** Decodes UTF-8; invalid bytes and documents over the limit are refused, never replaced or cut. */
export const readText = (bytes: Uint8Array, maxBytes: number): Result.Result<string, XmlProblem> => {
  if (bytes.byteLength > maxBytes) return Result.fail(tooLarge(bytes.byteLength, maxBytes))
  try {
    return Result.succeed(decoder.decode(bytes))
  } catch {
    return Result.fail(notUtf8(bytes))
  }
}

const excerptLength = 200

/** The start of a body as one printable line, for error messages. */
export const excerptOf = (bytes: Uint8Array): string => {
  const text = lenient.decode(bytes.subarray(0, excerptLength * 4)).replace(/[^\P{C}]+|\s+/gu, " ").trim()
  const units = Array.from(text)
  return units.length > excerptLength ? `${units.slice(0, excerptLength).join("")}…` : text
}

const start = { line: 1, column: 1 }

const tooLarge = (size: number, maxBytes: number): XmlProblem => ({
  code: "document-too-large",
  at: 0,
  position: start,
  message: "The document is too large",
  found: `${size} bytes`,
  allowed: `at most ${maxBytes} bytes`,
  fix: "Give one inventory configuration a document",
})

const notUtf8 = (bytes: Uint8Array): XmlProblem => {
  const valid = validLength(bytes)
  // Streaming leaves out a character whose end is missing
  const before = new TextDecoder("utf-8").decode(bytes.subarray(0, valid), { stream: true })
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
  return {
    code: "document-not-utf8",
    at: before.length,
    position: { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") },
    message: utf16 ? "The document is UTF-16" : "The document is not UTF-8",
    found: valid === bytes.byteLength
      ? "the beginning of a character at the end"
      : `byte 0x${bytes[valid]!.toString(16).padStart(2, "0")} at offset ${valid}`,
    allowed: "UTF-8",
    fix: "Save it as UTF-8",
  }
}

/** How many leading bytes are valid UTF-8. */
const validLength = (bytes: Uint8Array): number => {
  let low = 0
  let high = bytes.byteLength
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (decodes(bytes.subarray(0, middle))) low = middle
    else high = middle - 1
  }
  return low
}

/** A prefix that ends inside a character still counts: streaming decoding waits for the rest. */
const decodes = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}
