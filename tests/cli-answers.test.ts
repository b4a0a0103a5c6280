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
