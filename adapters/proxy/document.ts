/** JSON documents as answers: what was asked for, or what is wrong (RFC 9457). */
import { codeOf } from "../../core/codes.ts"
import type { Headers, HttpResponse } from "../../core/http.ts"
import type { Refusal } from "../../core/signing/mod.ts"
import type { Refused } from "../policy/call.ts"

export const json = (status: number, value: unknown, headers: Headers = []): HttpResponse =>
  answer(status, "application/json", value, headers)

export const problem = ({ code, message }: Refusal, error?: Refused): HttpResponse => {
  const status = error?.outcome === "limited" ? 429 : codeOf(code, 500).status
  const retry = error?.retryAfterSeconds
  return answer(
    status,
    "application/problem+json",
    {
      type: "about:blank",
      title: message,
      status,
      code,
      ...(error?.findings === undefined ? {} : { findings: error.findings }),
    },
    retry === undefined ? [] : [["Retry-After", String(retry)]],
  )
}

const answer = (status: number, type: string, value: unknown, own: Headers): HttpResponse => {
  const body = new TextEncoder().encode(JSON.stringify(value))
  return { status, headers: [["Content-Type", type], ["Content-Length", String(body.byteLength)], ...own], body }
}
