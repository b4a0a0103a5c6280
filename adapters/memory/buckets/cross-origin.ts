/** What CORS rules let a browser do: the preflight (page 8288), and the headers of the answers after it. */
import type { Headers } from "../../../core/http.ts"
import type { RefusalWithText } from "../checks.ts"
import type { Facts } from "../facts.ts"
import type { Done, Operation } from "../operation.ts"
import type { CorsRule } from "../../store/mod.ts"
import { corsForbidden, everyOrigin, preflightLacks } from "./assumptions.ts"

/** The name by which the checks know that no signature is needed: browsers send none. */
export const preflightName = "OptionsObject"

const shared = {
  name: preflightName,
  method: "OPTIONS",
  needs: [],
  // A browser asks at the very URL it means to use, so that whatever parameters that one has are there
  takes: "any",
  body: "none",
  source: "page 8288",
  perform: (facts: Facts) => preflight(facts),
} as const

export const crossOrigin: ReadonlyArray<Operation> = [{ ...shared, at: "Bucket" }, { ...shared, at: "Object" }]

const preflight = (facts: Facts): Done | RefusalWithText => {
  const origin = facts.header("origin")
  if (origin === undefined) return preflightLacks("Origin")
  const method = facts.header("access-control-request-method")
  if (method === undefined) return preflightLacks("Access-Control-Request-Method")
  const asked = (facts.header("access-control-request-headers") ?? "").split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "")
  const rule = facts.bucket().cors.find((rule) =>
    fitsRequest(rule, origin, method) &&
    asked.every((name) => rule.headers.some((allowed) => matches(allowed.toLowerCase(), name)))
  )
  if (rule === undefined) return corsForbidden
  return {
    status: 200,
    headers: [
      allowOrigin(rule, origin),
      ["Access-Control-Allow-Methods", rule.methods.join(",")],
      ...(asked.length === 0 ? [] : [["Access-Control-Allow-Headers", asked.join(",")] as const]),
      ...exposeHeaders(rule),
      ...(rule.maxAgeSeconds === undefined ? [] : [["Access-Control-Max-Age", String(rule.maxAgeSeconds)] as const]),
    ],
  }
}

/**
 * What the answer to a request from another origin carries; nothing unless a rule fits it.
 *
 * Assumed: refusals carry it too, or a browser would show none of them to the page; and no more than a page needs.
 */
export const corsHeaders = (facts: Facts): Headers => {
  const origin = facts.header("origin")
  if (origin === undefined || facts.request.method === "OPTIONS") return none
  const at = facts.place()
  if (at._tag !== "Bucket") return none
  const rule = at.bucket.cors.find((rule) => fitsRequest(rule, origin, facts.request.method))
  // `Vary` only where ResponseVary asks for it (page 8279), which no rule here can
  return rule === undefined ? none : [allowOrigin(rule, origin), ...exposeHeaders(rule)]
}

const none: Headers = []

const fitsRequest = ({ origins, methods }: CorsRule, origin: string, method: string): boolean =>
  methods.includes(method) && origins.some((allowed) => matches(allowed, origin))

/** At most one `*`, which stands for any characters or none (page 8279). */
const matches = (pattern: string, text: string): boolean => {
  const at = pattern.indexOf("*")
  if (at < 0) return pattern === text
  const [before, after] = [pattern.slice(0, at), pattern.slice(at + 1)]
  return text.length >= before.length + after.length && text.startsWith(before) && text.endsWith(after)
}

const allowOrigin = ({ origins }: CorsRule, origin: string) =>
  ["Access-Control-Allow-Origin", origins.includes(everyOrigin) ? everyOrigin : origin] as const

const exposeHeaders = ({ exposed }: CorsRule): Headers =>
  exposed.length === 0 ? none : [["Access-Control-Expose-Headers", exposed.join(",")]]
