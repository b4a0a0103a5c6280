import { strict as assert } from "node:assert"
import { test } from "node:test"
import { codes } from "../core/codes.ts"
import type { HttpRequest } from "../core/http.ts"
import {
  explainMismatch,
  keyTimeAt,
  presign,
  readKeyTime,
  refusals,
  sign,
  stages,
  verify,
  withoutToken,
  writeKeyTime,
} from "../core/signing/mod.ts"
import {
  forms,
  host,
  keyTime,
  knows,
  request,
  secretId,
  secretKey,
  signedAs,
  signer,
  verdict,
  verifier,
} from "./signing-cases.ts"

const list = request("GET", "/?inventory&id=list1")
const carrying = (value: string, plain: HttpRequest = list): HttpRequest => ({
  ...plain,
  headers: [...plain.headers, ["Authorization", value]],
})
const failureOf = (signed: HttpRequest, with_ = verifier) => {
  const result = verify(signed, with_)
  return result._tag === "Failure" ? result.failure : undefined
}

test("verify says Missing when there is no signature, or an empty Authorization header", () => {
  for (const plain of [list, carrying(""), carrying("  "), request("GET", "/?sign=ordinary&q-ak=a")]) {
    assert.deepEqual(failureOf(plain), { _tag: "Missing" })
  }
})

test("verify reads the query when the Authorization header is empty", () => {
  assert.equal(verdict(carrying("", signedAs("query", list))), "Success")
})

test("verify names the field when one is missing, in all forms", () => {
  for (const field of ["q-sign-algorithm", "q-ak", "q-sign-time", "q-key-time", "q-header-list", "q-url-param-list"]) {
    const without = sign(list, signer).split("&").filter((pair) => !pair.startsWith(`${field}=`)).join("&")
    const expected = { _tag: "Malformed", field, problem: "missing" }
    assert.deepEqual(failureOf(carrying(without)), expected)
    assert.deepEqual(failureOf({ ...list, target: `${list.target}&${without}` }), expected)
    assert.deepEqual(failureOf({ ...list, target: `${list.target}&sign=${encodeURIComponent(without)}` }), expected)
  }
})

test("verify refuses a field that stands twice, even with the same value", () => {
  const twice = { _tag: "Malformed", field: "q-ak", problem: "repeated" }
  assert.deepEqual(failureOf(carrying(`${sign(list, signer)}&q-ak=${secretId}`)), twice)
  const signed = signedAs("query", list)
  assert.deepEqual(failureOf({ ...signed, target: `${signed.target}&q-ak=${secretId}` }), twice)
})

test("verify refuses two signatures", () => {
  const value = sign(list, signer)
  assert.deepEqual(failureOf(carrying(value, carrying(value))), {
    _tag: "Malformed",
    field: "authorization",
    problem: "repeated",
  })
  const merged = signedAs("merged", list)
  const again = merged.target.slice(merged.target.indexOf("&sign="))
  assert.deepEqual(failureOf({ ...merged, target: merged.target + again }), {
    _tag: "Malformed",
    field: "sign",
    problem: "repeated",
  })
})

test("verify refuses another algorithm and another scheme", () => {
  assert.deepEqual(failureOf(carrying(sign(list, signer).replace("=sha1", "=sha256"))), {
    _tag: "Malformed",
    field: "q-sign-algorithm",
    problem: "unsupported",
  })
  assert.equal(failureOf(carrying("Bearer abc"))?._tag, "Malformed")
})

test("verify refuses a time that is no span of seconds", () => {
  for (
    const bad of ["", "1", "1;", ";1", "2;1", "1;2;3", "-1;2", "1.5;2", "1e9;2e9", " 1;2", "a;b", "1;999999999999"]
  ) {
    for (const field of ["q-sign-time", "q-key-time"]) {
      const value = sign(list, signer).replace(`${field}=${writeKeyTime(keyTime)}`, `${field}=${bad}`)
      assert.deepEqual(failureOf(carrying(value)), { _tag: "Malformed", field, problem: "unreadable" }, bad)
    }
  }
})

test("verify says UnknownKey when nobody has the id, and does not repeat it", () => {
  assert.deepEqual(failureOf(signedAs("header", list), { ...verifier, secretKeyOf: knows("other", { secretKey }) }), {
    _tag: "UnknownKey",
  })
})

test("verify holds from the start of the key time to its end, both included", () => {
  for (const form of forms) {
    const signed = signedAs(form, list)
    const at = (now: number) => verdict(signed, { ...verifier, now })
    assert.equal(at(keyTime.start), "Success")
    assert.equal(at(keyTime.end), "Success")
    assert.equal(at(keyTime.end + 1), "Expired")
  }
})

test("verify bears a start up to fifteen minutes ahead, and says TooSkewed beyond", () => {
  const at = (now: number, maxSkewSeconds = 900) =>
    verdict(signedAs("header", list), { ...verifier, now, maxSkewSeconds })
  assert.equal(at(keyTime.start - 900), "Success")
  assert.equal(at(keyTime.start - 901), "TooSkewed")
  assert.equal(at(keyTime.start - 1, 0), "TooSkewed")
  assert.equal(verdict(signedAs("header", list), { ...verifier, now: keyTime.start - 901 }), "TooSkewed")
})

test("verify takes the sign time for StringToSign and the key time for the signing key when they differ", () => {
  const { httpString } = stages(list, signer)
  const { hashes } = signer
  const signTime = `${keyTime.start + 10};${keyTime.end - 10}`
  const signKey = hashes.hmacSha1Hex(secretKey, writeKeyTime(keyTime))
  const signature = hashes.hmacSha1Hex(signKey, `sha1\n${signTime}\n${hashes.sha1Hex(httpString)}\n`)
  const value = sign(list, signer).replace(/q-sign-time=[^&]*/, `q-sign-time=${signTime}`)
    .replace(/q-signature=.*/, `q-signature=${signature}`)
  assert.equal(verdict(carrying(value)), "Success")
  assert.equal(verdict(carrying(value), { ...verifier, now: keyTime.end - 9 }), "Expired")
})

test("verify says Mismatch with what the server computed, and the two agree", () => {
  const signed = signedAs("header", list)
  const tampered = { ...signed, target: "/?inventory&id=list2" }
  const computed = stages({ ...tampered, headers: [] }, signer)
  assert.deepEqual(failureOf(tampered), {
    _tag: "Mismatch",
    stringToSign: computed.stringToSign,
    formatString: computed.httpString,
  })
})

test("verify refuses a signature of another length or case", () => {
  const value = sign(list, signer)
  for (const bad of [value.slice(0, -1), `${value}0`, value.replace(/[0-9a-f]+$/, (hex) => hex.toUpperCase())]) {
    assert.equal(verdict(carrying(bad)), "Mismatch")
  }
})

test("verify accepts a host that was signed without the port it was sent with, but no other host", () => {
  const signed = sign(list, signer)
  for (
    const [sent, expected] of [
      [`${host}:8080`, "Success"],
      [host, "Success"],
      [`${host}:8080x`, "Mismatch"],
      [`a.${host}:8080`, "Mismatch"],
    ] as const
  ) {
    assert.equal(verdict(carrying(signed, { ...list, headers: [["Host", sent]] })), expected, sent)
  }
})

test("verify does not accept a host without a port when the port was signed", () => {
  const ported = { ...list, headers: [["Host", `${host}:8080`]] as const }
  assert.equal(verdict(carrying(sign(ported, signer), ported)), "Success")
  assert.equal(verdict(carrying(sign(ported, signer), { ...list, headers: [["Host", host]] })), "Mismatch")
})

test("verify accepts a space that was sent as a plus and signed as %20", () => {
  const value = sign(request("GET", "/?prefix=a%20b"), signer)
  assert.equal(verdict(carrying(value, request("GET", "/?prefix=a+b"))), "Success")
  assert.equal(verdict(carrying(value, request("GET", "/?prefix=a%2Bb"))), "Mismatch")
})

test("verify accepts either way of escaping the same path and query", () => {
  const value = sign(request("GET", "/a%2Fb?prefix=%7E"), signer)
  assert.equal(verdict(carrying(value, request("GET", "/a/b?prefix=~"))), "Success")
})

test("verify covers all values of a parameter that its list names once", () => {
  const value = sign(request("GET", "/?a=2&a=1"), signer).replace("=a;a&", "=a&")
  assert.equal(verdict(carrying(value, request("GET", "/?a=1&a=2"))), "Success")
  assert.equal(verdict(carrying(value, request("GET", "/?a=1"))), "Mismatch")
  assert.equal(verdict(carrying(value, request("GET", "/?a=1&a=2&A=3"))), "Mismatch")
})

test("verify never counts the signature's own fields as signed parameters", () => {
  const signed = signedAs("query", list)
  const listed = signed.target.replace("url-param-list=", "url-param-list=q-ak%3B")
  assert.equal(verdict({ ...signed, target: listed }), "Mismatch")
})

test("verify keeps the Authorization header out of the server's FormatString when a list names it", () => {
  const value = sign(list, signer).replace("q-header-list=", "q-header-list=authorization;")
  const failure = failureOf(carrying(value))
  assert.match(failure?._tag === "Mismatch" ? failure.formatString : "", /\nauthorization=&host=/)
})

test("verify shows what a body leaves unsigned, for a bucket in strict signature mode", () => {
  const put = request("PUT", "/", [["Content-Type", "application/xml"]], "body")
  const result = verify(carrying(sign(put, { ...signer, headers: ["host"] }), put), verifier)
  assert.deepEqual(result._tag === "Success" && result.success.unsignedHeaders, ["content-length", "content-type"])
})

test("verify wants the session token of temporary keys, signed or not, where the form puts it", () => {
  const token = "to/ken+1"
  const temporary = { ...verifier, secretKeyOf: knows(secretId, { secretKey, sessionToken: token }) }
  const header = { ...list, headers: [["X-Cos-Security-Token", token]] as const }
  const inHeader = carrying(sign(header, signer), header)
  const unsigned = carrying(sign(list, signer), header)
  const inQuery = presign(list, signer, { sessionToken: token })
  const merged = presign(list, signer, { sessionToken: token, form: "merged" })
  const after = { ...signedAs("query", list) }
  const added = { ...after, target: `${after.target}&x-cos-security-token=to%2Fken%2B1` }
  for (const signed of [inHeader, unsigned, inQuery, merged, added]) assert.equal(verdict(signed, temporary), "Success")
  assert.deepEqual(failureOf(signedAs("header", list), temporary), { _tag: "Token", problem: "missing" })
  assert.deepEqual(
    failureOf(inHeader, { ...verifier, secretKeyOf: knows(secretId, { secretKey, sessionToken: "b" }) }),
    {
      _tag: "Token",
      problem: "wrong",
    },
  )
  assert.deepEqual(failureOf(inHeader), { _tag: "Token", problem: "wrong" })
})

test("verify bears lists and queries of many thousand names", () => {
  const names = Array.from({ length: 20_000 }, (_, i) => `p${i}`)
  const long = request("GET", `/?${names.join("&")}`)
  assert.equal(verdict(carrying(sign(long, signer), long)), "Success")
  const reversed = sign(long, signer).replace(
    /(q-url-param-list=)([^&]*)/,
    (_, n, l) => n + l.split(";").reverse().join(";"),
  )
  assert.equal(verdict(carrying(reversed, long)), "Success")
})

test("every refusal has a code that the table of codes knows", () => {
  for (const [failure, { code, message }] of Object.entries(refusals)) {
    assert.equal(Object.hasOwn(codes, code), true, failure)
    assert.notEqual(message, "", failure)
  }
})

test("keyTimeAt starts on a whole minute at least 60 s back and lasts 15 minutes", () => {
  for (const [at, start] of [[1000000000, 999999900], [999999960, 999999900], [999999959, 999999840]] as const) {
    assert.deepEqual(keyTimeAt(at), { start, end: start + 900 })
  }
  assert.deepEqual(keyTimeAt(999999959, { backSeconds: 0, lifetimeSeconds: 3600 }), {
    start: 999999900,
    end: 1000003500,
  })
})

test("keyTimeAt is the same for all moments of a minute", () => {
  const spans = Array.from({ length: 60 }, (_, second) => writeKeyTime(keyTimeAt(999999960 + second)))
  assert.equal(new Set(spans).size, 1)
})

test("readKeyTime reads what writeKeyTime writes", () => {
  assert.deepEqual(readKeyTime(writeKeyTime(keyTime)), keyTime)
})

test("explainMismatch names the first line that differs, and of parameters and headers the pair", () => {
  const ours = "get\n/腾讯云\nid=a&inventory=\ncontent-type=a&host=h\n"
  const cases = [
    ["put\n/腾讯云\nid=a&inventory=\ncontent-type=a&host=h\n", 1, "method", "get", "put"],
    ["get\n/%E8\nid=a&inventory=\ncontent-type=a&host=h\n", 2, "path", "/腾讯云", "/%E8"],
    ["get\n/腾讯云\nid=b&inventory=\ncontent-type=b&host=h\n", 3, "parameters", "id=a", "id=b"],
    ["get\n/腾讯云\nid=a\ncontent-type=a&host=h\n", 3, "parameters", "inventory=", undefined],
    ["get\n/腾讯云\n\ncontent-type=a&host=h\n", 3, "parameters", "id=a", undefined],
    ["get\n/腾讯云\nid=a&inventory=\ncontent-type=a&host=h%3A80\n", 4, "headers", "host=h", "host=h%3A80"],
  ] as const
  for (const [servers, line, subject, mine, theirs] of cases) {
    assert.deepEqual(explainMismatch(ours, servers), { line, subject, ours: mine, servers: theirs })
  }
})

test("explainMismatch does not take an empty last part for a difference", () => {
  const ours = "get\n/\n\nhost=a\n"
  assert.deepEqual(explainMismatch(ours, "get\n/\n\n\n"), {
    line: 4,
    subject: "headers",
    ours: "host=a",
    servers: undefined,
  })
})

test("explainMismatch reads StringToSign, and says nothing when both are equal but for line ends", () => {
  const ours = "sha1\n1;2\nabc\n"
  assert.equal(explainMismatch(ours, "sha1\r\n1;2\r\nabc"), undefined)
  assert.deepEqual(explainMismatch(ours, "sha1\n1;3\nabc\n"), { line: 2, subject: "time", ours: "1;2", servers: "1;3" })
  assert.equal(explainMismatch(ours, "sha1\n1;2\nabd\n")?.subject, "hash of FormatString")
})

test("explainMismatch and withoutToken never show a session token", () => {
  const ours = "get\n/\nx-cos-security-token=one\nhost=a&x-cos-security-token=two\n"
  assert.equal(withoutToken(ours), "get\n/\nx-cos-security-token=****\nhost=a&x-cos-security-token=****\n")
  assert.equal(explainMismatch(ours, ours.replace("one", "three").replace("two", "four")), undefined)
  assert.equal(explainMismatch(ours, "get\n/\n\nhost=a\n"), undefined, "one side may not have the token at hand")
})
