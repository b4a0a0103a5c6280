/** What the door itself answers, in COS's XML, when a request does not get as far as a Transport or none answers. */
import type { HttpResponse } from "../../core/http.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import { refusalAnswer, stampOf } from "../answer.ts"

/** Code and words are assumed: what COS says to malformed HTTP is documented nowhere. */
export const malformedRequest: Refusal = { code: "InvalidRequest", message: "The request is not valid HTTP." }
export const internalError: Refusal = { code: "InternalError", message: "We encountered an internal error." }
export const unreachable: Refusal = { code: "ServiceUnavailable", message: "COS could not be reached." }

/** Its ids are the door's own, apart from those of what stands behind it. */
export const doorRefusal = (refusal: Refusal): HttpResponse =>
  refusalAnswer(stampOf(Date.now(), door, Math.trunc(Math.random() * 0x1000000)), refusal)

const door = 0xd00
