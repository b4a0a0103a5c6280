/** Named profiles in a file. */
import { strict as assert } from "node:assert"
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { checkProfiles, profilePath, readProfile } from "../adapters/credentials/mod.ts"
import { redactText } from "../core/redact.ts"
import { effect, prop } from "./harness.ts"

for (
  const [name, env, platform, path] of [
    ["HOME is set", { HOME: "/home/u" }, "linux", "/home/u/.config/cos-inventory/config.yaml"],
    ["HOME ends in a slash", { HOME: "/home/u/" }, "linux", "/home/u//.config/cos-inventory/config.yaml"],
    [
      "XDG_CONFIG_HOME is set",
      { HOME: "/home/u", XDG_CONFIG_HOME: "/etc/xdg" },
      "linux",
      "/etc/xdg/cos-inventory/config.yaml",
    ],
    ["XDG_CONFIG_HOME ends in a slash", { XDG_CONFIG_HOME: "/x/" }, "linux", "/x/cos-inventory/config.yaml"],
    ["XDG_CONFIG_HOME is empty", { HOME: "/h", XDG_CONFIG_HOME: "" }, "linux", "/h/.config/cos-inventory/config.yaml"],
    [
      "XDG_CONFIG_HOME is relative",
      { HOME: "/h", XDG_CONFIG_HOME: "x" },
      "linux",
      "/h/.config/cos-inventory/config.yaml",
    ],
    ["there is no home", {}, "linux", undefined],
    ["HOME is empty", { HOME: "", USERPROFILE: "/u" }, "linux", undefined],
    ["it is Windows", { USERPROFILE: "C:\\Users\\u" }, "win32", "C:\\Users\\u/.config/cos-inventory/config.yaml"],
    ["it is Windows with XDG_CONFIG_HOME", { XDG_CONFIG_HOME: "D:\\x\\" }, "win32", "D:\\x/cos-inventory/config.yaml"],
  ] as ReadonlyArray<readonly [string, Record<string, string>, string, string | undefined]>
) {
  test(`profilePath follows the XDG rules when ${name}`, () => assert.equal(profilePath(env, platform), path))
}

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "cos-inventory-profile-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true })),
)
const written = (content: string | Uint8Array, mode = 0o600) =>
  Effect.gen(function* () {
    const path = join(yield* folder, "config.yaml")
    yield* Effect.promise(async () => {
      await writeFile(path, content)
      await chmod(path, mode)
    })
    return path
  })
const profileOf = (content: string, wanted?: string) =>
  Effect.flatMap(written(content), (path) => readProfile(path, wanted))

const plain = (value: unknown): unknown =>
  Redacted.isRedacted(value)
    ? Redacted.value(value)
    : Array.isArray(value) || typeof value !== "object" || value === null
    ? value
    : Object.fromEntries(Object.entries(value).filter(([key]) => key !== "file").map(([k, v]) => [k, plain(v)]))

const whole = `
default: prod
profiles:
  prod:
    secretId: id1
    secretKey: key1
    sessionToken: t1
    region: ap-guangzhou
    bucket: examplebucket-1250000000
    endpoint: https://cos.test
    proxyUrl: https://proxy.test
    proxyToken: p1
    timeout: 5s
  sso: { credentialProcess: [sso, "--profile", prod] }
  line: { credentialProcess: "sso | jq ." }
  empty:
`

for (
  const [wanted, expected] of [
    [undefined, {
      name: "prod",
      credential: { secretId: "id1", secretKey: "key1", sessionToken: "t1" },
      region: "ap-guangzhou",
      bucket: "examplebucket-1250000000",
      endpoint: "https://cos.test",
      proxyUrl: "https://proxy.test",
      proxyToken: "p1",
      timeout: "5s",
    }],
    ["sso", { name: "sso", credentialProcess: ["sso", "--profile", "prod"] }],
    ["line", { name: "line", credentialProcess: "sso | jq ." }],
    ["empty", { name: "empty" }],
  ] as const
) {
  effect(
    `readProfile reads the profile whole when ${wanted ?? "none"} is wanted`,
    Effect.map(profileOf(whole, wanted), (profile) => assert.deepEqual(plain(profile), expected)),
  )
}

effect(
  "readProfile names its file and shows no secret when the profile is printed",
  Effect.gen(function* () {
    const path = yield* written(whole)
    const profile = yield* readProfile(path, undefined)
    assert.equal(profile?.file, path)
    assert.doesNotMatch(inspect(profile, { depth: 9 }) + JSON.stringify(profile), /key1|t1\b|p1\b/u)
  }),
)

const chosen: ReadonlyArray<readonly [string, string, string | undefined, string | undefined]> = [
  ["`default` names one", "default: b\nprofiles: { a: {}, b: {} }", undefined, "b"],
  ["one is called default", "profiles: { a: {}, default: {} }", undefined, "default"],
  ["`default` names one and another is called default", "default: a\nprofiles: { a: {}, default: {} }", undefined, "a"],
  ["another is wanted", "default: a\nprofiles: { a: {}, b: {} }", "b", "b"],
  ["the wish is empty", "default: a\nprofiles: { a: {}, b: {} }", "", "a"],
  ["there is no default", "profiles: { a: {}, b: {} }", undefined, undefined],
  ["there are no profiles", "profiles:", undefined, undefined],
  ["the file is empty", "", undefined, undefined],
  ["the file is a comment", "# nothing yet\n", undefined, undefined],
  ["the name is one of Object's own", "profiles: { constructor: {}, __proto__: {} }", "__proto__", "__proto__"],
  ["the name looks like a number", "default: '7'\nprofiles: { '7': {} }", undefined, "7"],
]
for (const [name, content, wanted, expected] of chosen) {
  effect(
    `readProfile chooses ${expected ?? "none"} when ${name}`,
    Effect.map(profileOf(content, wanted), (profile) => assert.equal(profile?.name, expected)),
  )
}

effect(
  "readProfile gives nothing when there is neither a file nor a wish",
  Effect.gen(function* () {
    assert.equal(yield* readProfile(join(yield* folder, "none.yaml"), undefined), undefined)
    assert.equal(yield* readProfile(undefined, undefined), undefined)
    assert.equal(yield* readProfile(undefined, ""), undefined)
  }),
)

effect(
  "readProfile fails when a profile is wanted and there is no file",
  Effect.gen(function* () {
    const path = join(yield* folder, "none.yaml")
    const error = yield* Effect.flip(readProfile(path, "prod"))
    assert.deepEqual([error.source, error.problem], [path, 'Cannot use profile "prod": there is no profile file'])
    assert.match((yield* Effect.flip(readProfile(undefined, "prod"))).message, /Set HOME/u)
  }),
)

for (const mode of [0o644, 0o640, 0o604, 0o620, 0o602, 0o660, 0o666]) {
  effect(
    `readProfile refuses the file and says chmod 600 when its mode is ${mode.toString(8)}`,
    Effect.gen(function* () {
      const path = yield* written(whole, mode)
      const error = yield* Effect.flip(readProfile(path, undefined, "linux"))
      assert.equal(error.source, path)
      assert.ok(error.problem.includes(`(mode ${mode.toString(8)})`), error.problem)
      assert.equal(error.fix, `Run: chmod 600 "${path}"`)
      assert.equal((yield* readProfile(path, undefined, "win32"))?.name, "prod")
    }),
  )
}

for (const mode of [0o600, 0o400, 0o700, 0o711]) {
  effect(
    `readProfile takes the file when its mode is ${mode.toString(8)}`,
    Effect.gen(function* () {
      assert.equal((yield* readProfile(yield* written(whole, mode), undefined, "linux"))?.name, "prod")
    }),
  )
}

effect(
  "readProfile looks at the file itself when the path is a symbolic link",
  Effect.gen(function* () {
    const path = yield* written(whole, 0o644)
    yield* Effect.promise(() => symlink(path, `${path}.link`))
    assert.match((yield* Effect.flip(readProfile(`${path}.link`, undefined, "linux"))).fix, /chmod 600/u)
  }),
)

effect(
  "readProfile fails when the file is a directory, and when it is absurdly large",
  Effect.gen(function* () {
    const path = join(yield* folder, "config.yaml")
    yield* Effect.promise(() => mkdir(path, { mode: 0o755 }))
    assert.match((yield* Effect.flip(readProfile(path, undefined, "linux"))).problem, /it is a directory/u)
    const large = yield* written(`# ${"x".repeat(1024 * 1024)}`)
    assert.match((yield* Effect.flip(readProfile(large, undefined))).problem, /has more than 1048576 bytes/u)
  }),
)

/** The secret in each is hunter2; the place is line:column. */
const broken: ReadonlyArray<readonly [string, string, string | undefined, RegExp]> = [
  [
    "a key is misspelt",
    "profiles:\n  a:\n    secretKye: hunter2",
    "3:5",
    /no key "secretKye" here \(did you mean "secretKey"\?\)/u,
  ],
  ["a key is spelt otherwise", "profiles: { a: { secret_id: hunter2 } }", "1:18", /did you mean "secretId"/u],
  ["a key is far from any", "profiles: { a: { colour: hunter2 } }", "1:18", /no key "colour" here$/u],
  ["a key is one of Object's own", "profiles: { a: { constructor: hunter2 } }", "1:18", /no key "constructor"/u],
  ["a key at the top is misspelt", "profile: { a: { secretKey: hunter2 } }", "1:1", /did you mean "profiles"/u],
  ["keys stand at the top", "secretId: hunter2", "1:1", /no key "secretId" here/u],
  [
    "a key stands twice",
    "profiles:\n  a:\n    secretKey: hunter2\n    secretKey: hunter2",
    "4:5",
    /stands here twice/u,
  ],
  ["a profile stands twice", "profiles:\n  a: {}\n  a: {}", "3:3", /stands here twice/u],
  [
    "an id is a number",
    "profiles:\n  a:\n    secretId: 1234567890123456789",
    "3:15",
    /secretId is a number, where text belongs/u,
  ],
  ["a token is a number", "profiles: { a: { sessionToken: 7 } }", "1:32", /sessionToken is a number/u],
  ["a key is true", "profiles: { a: { secretKey: true } }", "1:29", /secretKey is a boolean/u],
  ["a key is a list", "profiles: { a: { secretKey: [hunter2] } }", "1:29", /secretKey is a list/u],
  ["a key is a mapping", "profiles: { a: { secretKey: { x: hunter2 } } }", "1:29", /secretKey is a mapping/u],
  ["a time-out is a number", "profiles: { a: { timeout: 30 } }", "1:27", /timeout is a number/u],
  [
    "a word of the process is a number",
    "profiles: { a: { credentialProcess: [x, 5] } }",
    "1:41",
    /A word of credentialProcess is a number/u,
  ],
  [
    "the process is a mapping",
    "profiles: { a: { credentialProcess: { x: hunter2 } } }",
    "1:37",
    /credentialProcess is a mapping/u,
  ],
  ["the profile is text", "profiles:\n  a: hunter2", "2:6", /Profile "a" is not a mapping/u],
  ["the profiles are a list", "profiles: [hunter2]", "1:11", /profiles is not a mapping/u],
  ["the file is text", "hunter2", "1:1", /The profile file is not a mapping/u],
  ["`default` is a number", "default: 7", "1:10", /default is a number/u],
  ["a tab indents", "profiles:\n\ta: hunter2", "2:1", /tab/u],
  ["a quotation mark is open", 'profiles: { a: { secretKey: "hunter2 } }', undefined, /not closed/u],
  ["text stands after a text", 'profiles: { a: { secretKey: "x" hunter2 } }', undefined, /./u],
  ["an alias has no anchor", "profiles: { a: *hunter2 }", undefined, /./u],
  ["a tag is unknown", "profiles: { a: { secretKey: !hunter2 x } }", "1:29", /tag/u],
  ["there are two documents", "profiles: {}\n---\nsecretKey: hunter2", undefined, /more than one document/u],
  [
    "a value holds a colon",
    "profiles:\n  a:\n    region: b: hunter2",
    undefined,
    /put a value with a colon in quotes/u,
  ],
  [
    "a line is a stray word",
    "profiles:\n  a:\n    region: b\n    hunter2\n    bucket: c",
    undefined,
    /neither `key: value` nor/u,
  ],
  ["a bracket is open", "profiles: [", "1:12", /^A bracket is not closed/u],
  ["an alias is its own anchor", "profiles: &a { a: *a }", undefined, /./u],
]
for (const [name, content, place, problem] of broken) {
  effect(
    `readProfile names the place and shows no value when ${name}`,
    Effect.gen(function* () {
      const path = yield* written(content)
      const error = yield* Effect.flip(readProfile(path, "a"))
      assert.deepEqual((yield* checkProfiles(path))[0], error)
      assert.equal(error._tag, "ConfigError")
      assert.doesNotMatch(error.message, /[A-Z]+_[A-Z]+/u)
      assert.equal(redactText(error.message), error.message)
      if (place === undefined) assert.match(error.source.slice(path.length), /^:\d+:\d+$/u)
      else assert.equal(error.source, `${path}:${place}`)
      assert.match(error.problem, problem)
      const secrets = /hunter2|1234567890123456789/u
      assert.doesNotMatch(`${error.message} ${error.stack} ${inspect(error, { depth: 9 })}`, secrets)
    }),
  )
}

effect(
  "readProfile says to quote a number",
  Effect.map(
    Effect.flip(profileOf("profiles: { a: { secretId: 007 } }", "a")),
    ({ fix }) => assert.equal(fix, "Put quotes around the value of secretId"),
  ),
)

effect(
  "readProfile refuses a file that is not UTF-8",
  Effect.gen(function* () {
    const path = yield* written(Uint8Array.of(0x70, 0xff, 0xfe))
    assert.equal((yield* Effect.flip(readProfile(path, undefined))).problem, "The profile file is not UTF-8")
  }),
)

effect(
  "readProfile reads a file that begins with a byte order mark and ends its lines with CRLF",
  Effect.map(
    profileOf("\u{feff}profiles:\r\n  default:\r\n    secretId: a\r\n    secretKey: b\r\n"),
    (profile) => assert.deepEqual(plain(profile?.credential), { secretId: "a", secretKey: "b" }),
  ),
)

effect(
  "readProfile follows aliases",
  Effect.map(
    profileOf(
      "profiles:\n  a: &a { secretId: &id x, secretKey: y }\n  b: { secretId: *id, secretKey: z }\n  default: *a",
    ),
    (profile) => assert.deepEqual(plain(profile?.credential), { secretId: "x", secretKey: "y" }),
  ),
)

effect(
  "readProfile does not unfold aliases when they would explode",
  Effect.gen(function* () {
    const lines = ["x0: &x0 [a, a, a, a, a, a, a, a, a]"]
    for (let i = 1; i < 12; i++) lines.push(`x${i}: &x${i} [${Array(9).fill(`*x${i - 1}`).join(", ")}]`)
    const error = yield* Effect.flip(profileOf(`profiles:\n  a:\n    ${lines.join("\n    ")}`, "a"))
    assert.match(error.problem, /no key "x0"/u)
    const command = `profiles:\n  z: { credentialProcess: &x0 [a, a] }\n  a: { credentialProcess: &x1 [*x0, *x0] }`
    assert.match((yield* Effect.flip(profileOf(command, "a"))).problem, /A word of credentialProcess is a list/u)
  }),
)

for (
  const [name, content, wanted, problem, fix] of [
    [
      "it is misspelt",
      "profiles: { staging: {}, prod: {} }",
      "porod",
      'There is no profile "porod" (did you mean "prod"?)',
      "Use one of: staging, prod",
    ],
    ["there are none", "profiles: {}", "prod", 'There is no profile "prod"', "Add it under `profiles`"],
    [
      "`default` is misspelt",
      "default: prodd\nprofiles: { prod: {} }",
      undefined,
      'There is no profile "prodd" (did you mean "prod"?)',
      "Use one of: prod",
    ],
  ] as const
) {
  effect(
    `readProfile says which profiles there are when ${name}`,
    Effect.map(
      Effect.flip(profileOf(content, wanted)),
      (error) => assert.deepEqual([error.problem, error.fix], [problem, fix]),
    ),
  )
}

for (
  const [name, body, problem] of [
    ["the key is missing", "{ secretId: hunter2 }", "Half a credential: secretId is set, but not secretKey"],
    [
      "the key is empty",
      "{ secretId: hunter2, secretKey: '' }",
      "Half a credential: secretId is set, but not secretKey",
    ],
    [
      "only a token is there",
      "{ sessionToken: hunter2 }",
      "Half a credential: sessionToken is set, but not secretId and secretKey",
    ],
    [
      "a key ends in a line break",
      '{ secretId: a, secretKey: "hunter2\\n" }',
      "secretKey has white space or a line break in it",
    ],
    [
      "keys and a process are there",
      "{ secretId: a, secretKey: hunter2, credentialProcess: x }",
      'Profile "default" has both keys and a credentialProcess',
    ],
  ] as const
) {
  effect(
    `readProfile refuses the profile when ${name}`,
    Effect.map(Effect.flip(profileOf(`profiles: { default: ${body} }`)), (error) => {
      assert.equal(error.problem, problem)
      assert.doesNotMatch(error.message + inspect(error, { depth: 9 }), /hunter2/u)
    }),
  )
}

effect(
  "readProfile does not ask for whole keys in a profile that is not chosen",
  Effect.map(profileOf("profiles: { a: { secretId: x }, b: {} }", "b"), (profile) => assert.equal(profile?.name, "b")),
)

prop(
  "readProfile ends in a profile, nothing or a ConfigError, whatever text the file holds",
  Schema.Array(Schema.Union([
    Schema.Literals([
      "profiles:",
      "\n",
      "  ",
      "a:",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "secretId:",
      " x",
      "- ",
      '"',
      "'",
      "!!",
      "? ",
      "|",
      "#",
      "<<: ",
    ]),
    Schema.String,
  ])),
  (parts) =>
    Effect.scoped(profileOf(parts.join(""), "a")).pipe(
      Effect.as(true),
      Effect.catch((error) => Effect.succeed(error._tag === "ConfigError")),
    ),
)
