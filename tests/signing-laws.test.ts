import * as Schema from "effect/Schema"
import type { HttpRequest } from "../core/http.ts"
import { type Form, sign, stages, verify } from "../core/signing/mod.ts"
import { prop } from "./harness.ts"
import {
  accepts,
  Draft,
  forms,
  host,
  requestOf,
  secretKey,
  signedAs,
  signer,
  verdict,
  verifier,
} from "./signing-cases.ts"

const Case = Schema.Struct({ draft: Draft, form: Schema.Literals(["header", "query", "merged"]) })
type Case = typeof Case.Type
const Shuffled = Schema.Struct({ ...Case.fields, seed: Schema.Natural })

const signedOf = ({ draft, form }: Case): HttpRequest => signedAs(form, requestOf(draft))
const query = (target: string): ReadonlyArray<string> => target.slice(target.indexOf("?") + 1).split("&")
const withQuery = (request: HttpRequest, parameters: ReadonlyArray<string>): HttpRequest => {
  const at = request.target.indexOf("?")
  return at < 0 ? request : { ...request, target: `${request.target.slice(0, at + 1)}${parameters.join("&")}` }
}

/** Any order: Fisher and Yates over a small linear congruential sequence. */
const shuffled = <A>(items: ReadonlyArray<A>, seed: number): ReadonlyArray<A> => {
  const out = [...items]
  let state = seed % 2147483647
  for (let at = out.length - 1; at > 0; at--) {
    state = (state * 48271 + 11) % 2147483647
    const other = state % (at + 1)
    ;[out[at], out[other]] = [out[other]!, out[at]!]
  }
  return out
}

prop("verify accepts what sign and presign make of any request", Case, (it) => accepts(signedOf(it)), { runs: 1500 })

prop("verify names every signed header and parameter, and none unsigned, when all were signed", Case, (it) => {
  const result = verify(signedOf(it), verifier)
  if (result._tag === "Failure") return false
  const { urlParamList, headerList } = stages(requestOf(it.draft), signer)
  const distinct = (list: string) => [...new Set(list.split(";"))].filter((name) => name !== "").join()
  return result.success.form === it.form && result.success.unsignedHeaders.length === 0 &&
    result.success.unsignedParameters.length === 0 &&
    result.success.signedHeaders.join() === distinct(headerList) &&
    result.success.signedParameters.join() === distinct(urlParamList)
})

prop("verify accepts the parameters of the URL in any order", Shuffled, (it) => {
  const signed = signedOf(it)
  return accepts(withQuery(signed, shuffled(query(signed.target), it.seed)))
})

prop("verify accepts the headers in any order and case", Shuffled, (it) => {
  const signed = signedOf(it)
  return accepts({
    ...signed,
    headers: shuffled(signed.headers, it.seed).map(([name, value]) => [name.toUpperCase(), value]),
  })
})

prop("verify accepts the fields of Authorization in any order", Shuffled, ({ draft, seed }) => {
  const plain = requestOf(draft)
  const fields = shuffled(sign(plain, signer).split("&"), seed)
  return accepts({ ...plain, headers: [...plain.headers, ["Authorization", fields.join("&")]] })
})

prop("verify accepts signed lists in any order", Shuffled, ({ draft, seed }) => {
  const plain = requestOf(draft)
  const value = sign(plain, signer).replace(
    /(q-(?:header|url-param)-list=)([^&]*)/g,
    (_, name: string, list: string) => `${name}${shuffled(list.split(";"), seed).join(";")}`,
  )
  return accepts({ ...plain, headers: [...plain.headers, ["Authorization", value]] })
})

prop("verify accepts a header and a parameter that were added unsigned, and names them", Case, (it) => {
  const signed = signedOf(it)
  const between = signed.target.includes("?") ? "&" : "?"
  const result = verify({
    ...signed,
    target: `${signed.target}${between}added-later=1`,
    headers: [...signed.headers, ["X-Added-Later", "1"]],
  }, verifier)
  return result._tag === "Success" && result.success.unsignedHeaders.join() === "x-added-later" &&
    result.success.unsignedParameters.join() === "added-later"
})

prop("verify accepts a request of which only a part was signed", Case, ({ draft, form }) => {
  const plain = requestOf(draft)
  const extra: HttpRequest = {
    ...plain,
    target: `${plain.target}${plain.target.includes("?") ? "&" : "?"}inventory&id=list1`,
  }
  const signed = signedAs(form, extra, { ...signer, headers: ["host"], parameters: ["inventory"] })
  const result = verify(signed, verifier)
  return result._tag === "Success" && result.success.signedHeaders.join() === "host" &&
    result.success.unsignedParameters.includes("id")
})

const changes: Readonly<Record<string, (signed: HttpRequest, form: Form) => HttpRequest>> = {
  method: (r) => ({ ...r, method: r.method === "GET" ? "PUT" : "GET" }),
  path: (r) => ({ ...r, target: `/changed${r.target}` }),
  host: (r) => ({ ...r, origin: r.origin.replace(host, `other-${host}`) }),
  "a signed header": (r) => ({
    ...r,
    headers: r.headers.map(([n, v]) => n === "x-cos-probe" ? [n, "2"] as const : [n, v] as const),
  }),
  "a dropped signed header": (r) => ({ ...r, headers: r.headers.filter(([n]) => n !== "x-cos-probe") }),
  "a signed header sent twice": (r) => ({ ...r, headers: [...r.headers, ["x-cos-probe", "1"]] }),
  "a signed parameter": (r) => ({ ...r, target: r.target.replace("probe=1", "probe=2") }),
  "a dropped signed parameter": (r) => withQuery(r, query(r.target).filter((pair) => pair !== "probe=1")),
  "a signed parameter sent twice": (r) => ({ ...r, target: `${r.target}&probe=2` }),
  "the length of the body": (r) => ({ ...r, body: new Uint8Array(r.body.length + 1) }),
}

for (const [what, change] of Object.entries(changes)) {
  prop(`verify refuses when ${what} changes after signing`, Case, ({ draft, form }) => {
    const plain = requestOf(draft)
    const probed: HttpRequest = {
      ...plain,
      target: `${plain.target}${plain.target.includes("?") ? "&" : "?"}probe=1`,
      headers: [...plain.headers, ["x-cos-probe", "1"]],
      body: plain.body.length > 0 ? plain.body : new Uint8Array(1),
    }
    const signed = signedAs(form, probed)
    return accepts(signed) && verdict(change(signed, form)) === "Mismatch"
  }, { runs: 60 })
}

const edits: Readonly<Record<string, (authorization: string) => string>> = {
  "q-signature": (a) => a.replace(/q-signature=(.)/, (_, c: string) => `q-signature=${c === "0" ? "1" : "0"}`),
  "q-sign-time": (a) => a.replace(/q-sign-time=(\d+);(\d+)/, (_, s, e) => `q-sign-time=${s};${Number(e) + 1}`),
  "q-key-time": (a) => a.replace(/q-key-time=(\d+);(\d+)/, (_, s, e) => `q-key-time=${s};${Number(e) + 1}`),
  "q-header-list, by a name dropped": (a) => a.replace(/q-header-list=[^&]*/, "q-header-list="),
  "q-header-list, by a name added": (a) => a.replace("q-header-list=", "q-header-list=x-cos-absent;"),
  "q-url-param-list, by a name added": (a) => a.replace("q-url-param-list=", "q-url-param-list=absent;"),
}

for (const [field, edit] of Object.entries(edits)) {
  prop(`verify refuses when ${field} is edited`, Draft, (draft) => {
    const plain = requestOf(draft)
    const value = sign(plain, signer)
    return edit(value) !== value &&
      verdict({ ...plain, headers: [...plain.headers, ["Authorization", edit(value)]] }) === "Mismatch"
  }, { runs: 60 })
}

prop("no failure holds the secret key, the session token or a signature", Case, ({ draft, form }) => {
  const token = "SeSsIoNtOkEn9876"
  const plain = requestOf(draft)
  const carrying: HttpRequest = { ...plain, headers: [...plain.headers, ["x-cos-security-token", token]] }
  const signed = signedAs(form, carrying)
  const signature = stages(carrying, signer).signature
  const known = (secretKey: string, sessionToken: string) => ({
    ...verifier,
    secretKeyOf: () => ({ secretKey, sessionToken }),
  })
  return [
    { ...known("another key", token) },
    { ...known(secretKey, "another token") },
    { ...known(secretKey, token), now: 0 },
    { ...known(secretKey, token), now: 9999999999 },
    { ...verifier, secretKeyOf: () => undefined },
  ].every((with_) => {
    const result = verify(signed, with_)
    const said = result._tag === "Failure" ? JSON.stringify(result.failure) : ""
    return said !== "" && [secretKey, token, signature].every((secret) => !said.includes(secret))
  })
})

prop("the three forms carry the same signature", Draft, (draft) => {
  const plain = requestOf(draft)
  const found = forms.map((form) => {
    const signed = signedAs(form, plain)
    return /q-signature(?:=|%3D)([0-9a-f]{40})/.exec(`${signed.target}${signed.headers.at(-1)?.[1] ?? ""}`)?.[1]
  })
  return found[0] !== undefined && new Set(found).size === 1
})
