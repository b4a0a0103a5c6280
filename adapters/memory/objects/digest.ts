/** `Content-MD5` of stored bodies. */
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Stored } from "../../store/mod.ts"
import * as Assumed from "./assumptions.ts"

/** Its form, before the body is there. */
export const refuseDigestForm = (facts: Facts): RefusalWithText | undefined => {
  const given = facts.header("content-md5") ?? ""
  return given === "" || /^[A-Za-z0-9+/]{21}[AQgw]==$/u.test(given) ? undefined : Assumed.invalidDigest
}

export const refuseDigest = (facts: Facts, stored: Pick<Stored, "md5">): RefusalWithText | undefined => {
  const given = facts.header("content-md5") ?? ""
  return given === "" || hexOf(given) === stored.md5 ? undefined : Assumed.badDigest
}

const hexOf = (base64: string): string =>
  Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, "0")).join("")
