/** What the door itself answers, in COS's XML, when a request does not get as far as COS or none answers. */
import type { Refusal } from "../../core/signing/mod.ts"
import { refusalAnswer, stampOf } from "../answer.ts"
import type { Telling } from "../record.ts"

/** Code and words are assumed: what COS says to malformed HTTP is documented nowhere, too large a head included. */
export const malformedRequest: Refusal = { code: "InvalidRequest", message: "The request is not valid HTTP." }
export const malformed = (message: string): Refusal => ({ ...malformedRequest, message })
export const largeHead: Refusal = malformed("The request line and the headers are too large.")

export const internalError: Refusal = { code: "InternalError", message: "We encountered an internal error." }
export const closing: Refusal = { code: "ServiceUnavailable", message: "This server is closing." }
export const unreachable: Refusal = { code: "ServiceUnavailable", message: "COS could not be reached." }

/** The code is of page 7730; the words are assumed. */
export const requestTimeout: Refusal = {
  code: "RequestTimeout",
  message: "The request did not come in within the time that it may take.",
}

/** Its ids are the door's own, apart from those of what stands behind it. */
export const doorRefusal = (refusal: Refusal): Telling<Uint8Array> => ({
  ...refusalAnswer(stampOf(Date.now(), door, Math.trunc(Math.random() * 0x1000000)), refusal),
  about: { code: refusal.code },
})

const door = 0xd00
