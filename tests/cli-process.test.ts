import { strict as assert } from "node:assert"
import { type ChildProcess, spawn } from "node:child_process"
import { constants } from "node:os"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import { settingsFor, withLocalCos } from "./cli.ts"
import { answering, listen, type Loopback, silent } from "./loopback.ts"
import { root } from "./process.ts"

/** This runtime's own way to run the command line. */
const argv = "Deno" in globalThis ? ["run", "--allow-all", "--no-check", "cli/main.ts"] : ["cli/main.ts"]

const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, [...argv, ...args], {
    cwd: root,
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["pipe", "pipe", "pipe"],
  })

interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

const ended = (child: ChildProcess): Promise<Ended> =>
  new Promise((resolve) => {
    let out = ""
    let err = ""
    child.stdout?.on("data", (bytes: Uint8Array) => out += new TextDecoder().decode(bytes))
    child.stderr?.on("data", (bytes: Uint8Array) => err += new TextDecoder().decode(bytes))
    // Deno tells an exit code over 128 as the signal it stands for
    child.on("close", (code, signal) => resolve({ code: code ?? constants.signals[signal!] + 128, out, err }))
  })

const withServer = <A>(body: (server: Loopback) => Promise<A>, behaviour = silent): Promise<A> =>
  Effect.flatMap(listen(behaviour), (server) => Effect.promise(() => body(server))).pipe(
    Effect.scoped,
    Effect.runPromise,
  )

const missing =
  "<Error><Code>InventoryConfigurationNotFoundError</Code><Message>The specified inventory configuration does not exist.</Message></Error>"

/** Says that there is no such rule, and then nothing more: the write that follows is under way for ever. */
const stallingAtWrite = () => {
  let connections = 0
  return (socket: Parameters<typeof silent>[0]) =>
    connections++ === 0
      ? answering(`HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: ${missing.length}\r\n\r\n${missing}`)(
        socket,
      )
      : silent(socket)
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10))
}

test("The program ends with 130 and says what may have been written when it is interrupted in a write", async () => {
  await withServer(async (server) => {
    const child = start(["put", "-"], settingsFor(server.origin))
    const end = ended(child)
    child.stdin?.end(
      "id: daily\nisEnabled: true\nincludedObjectVersions: All\nschedule: { frequency: Daily }\ndestination: { bucket: examplebucket-1250000000, format: CSV }\n",
    )
    await until(() => server.received().includes("PUT /"))
    child.kill("SIGINT")
    const { code, out, err } = await end
    assert.equal(code, 130, err)
    assert.equal(out, "")
    assert.match(err, /rule "daily" may have been written; check with `cos-inventory get daily`/u)
    assert.doesNotMatch(err, /\n\s+at /u)
  }, stallingAtWrite())
})

test("Every change is reported under -o json when the program is interrupted in the second of them", async () => {
  let connections = 0
  const behaviour: Parameters<typeof listen>[0] = (socket) => {
    connections++
    if (connections === 4) return silent(socket)
    const body = connections % 2 === 1 ? missing : ""
    const status = connections % 2 === 1 ? "404 Not Found" : "200 OK"
    answering(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`)(socket)
  }
  await withServer(async (server) => {
    const child = start(["put", "-", "-o", "json"], settingsFor(server.origin))
    const end = ended(child)
    const rule = (id: string) =>
      `id: ${id}\nisEnabled: true\nincludedObjectVersions: All\nschedule: { frequency: Daily }\ndestination: { bucket: examplebucket-1250000000, format: CSV }\n`
    child.stdin?.end([rule("one"), rule("two"), rule("three")].join("---\n"))
    await until(() => server.received().includes("PUT /examplebucket-1250000000/?inventory&id=two"))
    child.kill("SIGINT")
    const { code, out, err } = await end
    assert.equal(code, 130, err)
    const results: ReadonlyArray<{ id: string; result: string }> = JSON.parse(out).results
    assert.deepEqual(results.map(({ id, result }) => `${id} ${result}`), [
      "one created",
      "two interrupted",
      "three not started",
    ])
    assert.match(JSON.parse(err).error.message, /rule "two" may have been written/u)
  }, behaviour)
})

test("The program ends with 130 and no doubt when it is interrupted in a read", async () => {
  await withServer(async (server) => {
    const child = start(["get", "list1"], settingsFor(server.origin))
    const end = ended(child)
    await server.arrived
    child.kill("SIGINT")
    const { code, err } = await end
    assert.equal(code, 130, err)
    assert.doesNotMatch(err, /may have been written/u)
  })
})

test("The program ends with 143 when it is terminated", async () => {
  await withServer(async (server) => {
    const child = start(["get", "list1"], settingsFor(server.origin))
    const end = ended(child)
    await server.arrived
    child.kill("SIGTERM")
    const { code, err } = await end
    assert.equal(code, 143, err)
  })
})

test("Debug logs show requests and answers without secrets when asked for", async () => {
  await withLocalCos(async (env) => {
    const child = start(["get", "list1", "-o", "json", "--log-level", "debug"], env)
    const { code, out, err } = await ended(child)
    assert.equal(code, 0, err)
    assert.equal(JSON.parse(out).configuration.id, "list1")
    assert.match(err, /debug: Request\nGET \/examplebucket-1250000000\/\?inventory&id=list1/u)
    assert.match(err, /200/u)
    assert.ok(!err.includes(env["COS_SECRET_KEY"]!) && !err.includes(env["COS_SECRET_ID"]!))
    assert.doesNotMatch(err, /q-signature=[0-9a-f]/u)
  })
})

test("Standard output holds data alone, and no colour, when it is no terminal", async () => {
  const { code, out, err } = await ended(start(["get", "list1", "--demo", "-o", "json"], {}))
  assert.equal(code, 0, err)
  JSON.parse(out)
  const help = await ended(start(["--help"], {}))
  // deno-lint-ignore no-control-regex -- the escape that begins a colour
  assert.doesNotMatch(help.out + out, /\u001b/u)
})

test("The program ends quietly when nobody reads its output any more", async () => {
  // More than a pipe holds, so that the write meets the closed end
  const rules = Array.from(
    { length: 400 },
    (_, i) => `<InventoryConfiguration><Id>r${i}</Id>${"x".repeat(300)}</InventoryConfiguration>`,
  )
  const body = `<ListInventoryConfigurationResult>${
    rules.join("")
  }<IsTruncated>false</IsTruncated></ListInventoryConfigurationResult>`
    .replaceAll("x".repeat(300), rest)
  await withServer(async (server) => {
    const child = start(["list", "-o", "xml"], settingsFor(server.origin))
    const end = ended(child)
    child.stdout?.destroy()
    const { code, err } = await end
    assert.equal(code, 0, err)
    assert.equal(err, "")
  }, answering(`HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`))
})

const rest =
  "<IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily" +
  "</Frequency></Schedule><Destination><COSBucketDestination><Bucket>qcs::cos:ap-guangzhou::b-1250000000</Bucket>" +
  "<Format>CSV</Format></COSBucketDestination></Destination>"
