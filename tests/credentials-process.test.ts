/** Keys from a program of the user's. */
import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import { TestClock } from "effect/testing"
import { readAnswer } from "../adapters/credentials/answer.ts"
import { fromProcess, type Temporary } from "../adapters/credentials/mod.ts"
import { redactText } from "../core/redact.ts"
import { effect } from "./harness.ts"
import { recording } from "./logs.ts"

const plain = ({ credential, expiresAt }: Temporary) => ({
  id: credential.secretId,
  key: Redacted.value(credential.secretKey),
  ...(credential.sessionToken === undefined ? {} : { token: Redacted.value(credential.sessionToken) }),
  ...(expiresAt === undefined ? {} : { expiresAt }),
})
const read = (text: string) => readAnswer("test", new TextEncoder().encode(text))
const ours = { secretId: "id", secretKey: "key" }

const accepted: ReadonlyArray<readonly [string, unknown, ReturnType<typeof plain>]> = [
  ["our form", ours, { id: "id", key: "key" }],
  ["our form with a token", { ...ours, sessionToken: "t" }, { id: "id", key: "key", token: "t" }],
  ["our form with nulls", { ...ours, sessionToken: null, expiration: null }, { id: "id", key: "key" }],
  ["our form with more in it", { Version: 1, ...ours, account: "a" }, { id: "id", key: "key" }],
  [
    "the SDK's STS form",
    {
      credentials: { tmpSecretId: "id", tmpSecretKey: "key", sessionToken: "t" },
      startTime: 1,
      expiredTime: 1568688761,
      expiration: "2019-09-17T02:52:41Z",
      requestId: "r",
    },
    { id: "id", key: "key", token: "t", expiresAt: 1568688761 },
  ],
  [
    "STS's API 3.0 form",
    { Credentials: { Token: "t", TmpSecretId: "id", TmpSecretKey: "key" }, ExpiredTime: 1568688761 },
    { id: "id", key: "key", token: "t", expiresAt: 1568688761 },
  ],
  [
    "STS's API 3.0 form as tccli prints it whole",
    {
      Response: {
        Credentials: { Token: "t", TmpSecretId: "id", TmpSecretKey: "key" },
        Expiration: "2019-09-17T02:52:41Z",
      },
    },
    { id: "id", key: "key", token: "t", expiresAt: 1568688761 },
  ],
]
for (const [name, value, expected] of accepted) {
  effect(
    `readAnswer reads the keys when they come in ${name}`,
    Effect.map(read(`${JSON.stringify(value)}\n`), (answer) => assert.deepEqual(plain(answer), expected)),
  )
}

for (
  const [expiration, seconds] of [
    [1568688761, 1568688761],
    ["1568688761", 1568688761],
    ["2019-09-17T02:52:41Z", 1568688761],
    ["2019-09-17T02:52:41.999Z", 1568688761],
    ["2019-09-17T02:52:41.123456+00:00", 1568688761],
    ["2019-09-17T10:52:41+08:00", 1568688761],
    ["2019-09-17T10:52:41+0800", 1568688761],
    ["2019-09-16T21:22:41-05:30", 1568688761],
  ] as const
) {
  effect(
    `readAnswer reads the expiration when it is ${JSON.stringify(expiration)}`,
    Effect.map(read(JSON.stringify({ ...ours, expiration })), ({ expiresAt }) => assert.equal(expiresAt, seconds)),
  )
}

const refused: ReadonlyArray<readonly [string, string, RegExp]> = [
  ["empty", "", /one JSON object/u],
  ["no JSON", "hunter2", /one JSON object/u],
  ["cut JSON", '{"secretId":"hunter2"', /one JSON object/u],
  ["two objects", '{"secretId":"hunter2"} {}', /one JSON object/u],
  ["a list", '["hunter2"]', /one JSON object/u],
  ["null", "null", /one JSON object/u],
  ["text", '"hunter2"', /one JSON object/u],
  ["an empty object", "{}", /printed no keys/u],
  ["an error of STS", '{"Response":{"Error":{"Code":"AuthFailure","Message":"hunter2"}}}', /printed no keys/u],
  ["an id alone", '{"secretId":"hunter2"}', /Half a credential: secretId is set, but not secretKey/u],
  ["a key alone", '{"secretKey":"hunter2"}', /Half a credential: secretKey is set, but not secretId/u],
  ["a token alone", '{"credentials":{"token":"hunter2"}}', /Half a credential/u],
  ["an empty key", '{"secretId":"hunter2","secretKey":""}', /Half a credential/u],
  ["a numeric id", '{"secretId":7,"secretKey":"hunter2"}', /secretId that is not a string/u],
  ["a key that is an object", '{"secretId":"i","secretKey":{"a":"hunter2"}}', /secretKey that is not a string/u],
  ["a numeric token", '{"secretId":"i","secretKey":"hunter2","token":5}', /sessionToken that is not a string/u],
  ["a key with a line break", '{"secretId":"i","secretKey":"hunter2\\n"}', /secretKey has white space/u],
  ...[
    '"soon"',
    '"2019-09-17"',
    '"2019-09-17T02:52:41"',
    '"2019-02-30T00:00:00Z"',
    '"2019-09-17T24:00:00Z"',
    "-1",
    "true",
    "{}",
    "1e999",
  ].map((value) =>
    [
      `the expiration ${value}`,
      `{"secretId":"i","secretKey":"hunter2","expiration":${value}}`,
      /an expiration/u,
    ] as const
  ),
  [
    "an expiration in milliseconds",
    '{"secretId":"i","secretKey":"hunter2","expiration":1568688761000}',
    /milliseconds/u,
  ],
]
for (const [name, text, problem] of refused) {
  effect(
    `readAnswer refuses without showing anything when it is ${name}`,
    Effect.map(Effect.flip(read(text)), (error) => {
      assert.equal(error._tag, "ConfigError")
      assert.match(error.problem, problem)
      assert.doesNotMatch(error.message + inspect(error, { depth: 9 }), /hunter2/u)
      assert.equal(redactText(error.message), error.message)
    }),
  )
}

const json = JSON.stringify(ours)

effect(
  "fromProcess runs a line through the shell and a list of words without one",
  Effect.gen(function* () {
    assert.deepEqual(plain(yield* fromProcess(`printf '%s' '${json}' | cat`)), { id: "id", key: "key" })
    assert.deepEqual(plain(yield* fromProcess(["printf", "%s", json])), { id: "id", key: "key" })
    const words = ["printf", "%s", JSON.stringify({ ...ours, sessionToken: "$(id)`id`;&&|" })]
    assert.equal(plain(yield* fromProcess(words)).token, "$(id)`id`;&&|")
  }),
)

for (
  const [name, command, problem] of [
    ["it ends with another status", "echo hunter2; exit 3", 'The credentialProcess "echo" ended with status 3'],
    ["it prints keys but fails", `echo '${json}'; exit 1`, 'The credentialProcess "echo" ended with status 1'],
    ["it is killed", "kill -9 $$", 'The credentialProcess "kill" was ended by SIGKILL'],
    ["it is not there", ["/nonexistent/sso", "hunter2"], 'The credentialProcess "/nonexistent/sso" was not found'],
    ["it is no program", ["/", "hunter2"], 'The credentialProcess "/" cannot be started (EACCES)'],
    ["its line begins with a secret", "A='hunter2 hunter2' false", "The credentialProcess ended with status 1"],
    ["it prints nothing", "true", "The credentialProcess did not print one JSON object"],
    ["it prints no JSON", "echo hunter2", "The credentialProcess did not print one JSON object"],
    ["it prints without end", "yes hunter2", 'The credentialProcess "yes" printed more than 65536 bytes'],
  ] as ReadonlyArray<readonly [string, string | ReadonlyArray<string>, string]>
) {
  effect(
    `fromProcess fails without showing its output when ${name}`,
    Effect.map(Effect.flip(fromProcess(command, { source: "config.yaml" })), (error) => {
      assert.equal(error.problem, problem)
      assert.equal(error.source, "config.yaml")
      assert.doesNotMatch(error.message + inspect(error, { depth: 9 }), /hunter2/u)
    }),
  )
}

effect(
  "fromProcess fails when the command is empty",
  Effect.gen(function* () {
    assert.equal((yield* Effect.flip(fromProcess([])))._tag, "ConfigError")
    assert.equal((yield* Effect.flip(fromProcess([""])))._tag, "ConfigError")
  }),
)

const folder = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "cos-inventory-process-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true })),
)
/** Waits in real time until something is so; the test hangs, and so fails, when it never is. */
const until = (so: () => boolean | Promise<boolean>) =>
  Effect.promise(async () => {
    while (!(await so())) await new Promise((resolve) => setTimeout(resolve, 5))
  })
/** A process that has ended but that nobody has waited for, as in a container without an init, does not count. */
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !/^\d+ \(.*\) Z/u.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch (cause) {
    return (cause as { readonly code?: string }).code === "ENOENT" && process.platform !== "linux"
  }
}

/** A process that never ends, and another that it has started; both pids once they run. */
const hanging = Effect.gen(function* () {
  const file = join(yield* folder, "pids")
  const command = `sleep 1000 & echo $$ $! > '${file}.new' && mv '${file}.new' '${file}'; wait`
  const fiber = yield* Effect.forkChild(Effect.flip(fromProcess(command, { timeout: "20 seconds" })))
  const pids = yield* Effect.promise(async () => {
    for (;;) {
      const text = await readFile(file, "utf8").catch(() => "")
      if (text !== "") return text.trim().split(" ").map(Number)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })
  assert.ok(pids.length === 2 && pids.every(alive))
  return { fiber, pids }
})

effect(
  "fromProcess ends the process and what it started when it does not end in time",
  recording(Effect.gen(function* () {
    const { fiber, pids } = yield* hanging
    yield* TestClock.adjust("19999 millis")
    assert.ok(pids.every(alive))
    yield* TestClock.adjust("1 millis")
    assert.equal((yield* Fiber.join(fiber)).problem, 'The credentialProcess "sleep" did not end within 20s')
    yield* until(() => !pids.some(alive))
  })),
)

effect(
  "fromProcess ends the process and what it started when it is interrupted",
  Effect.gen(function* () {
    const { fiber, pids } = yield* hanging
    yield* Fiber.interrupt(fiber)
    yield* until(() => !pids.some(alive))
  }),
)

effect(
  "fromProcess says once, by the program's name alone, that it waits when the program takes 3 seconds",
  Effect.gen(function* () {
    const { lines } = yield* recording(Effect.gen(function* () {
      const { fiber } = yield* hanging
      yield* TestClock.adjust("2999 millis")
      yield* Effect.logInfo("not yet")
      yield* TestClock.adjust("17001 millis")
      yield* Fiber.join(fiber)
    }))
    assert.deepEqual(lines, ["Info not yet", 'Info Waiting for the credentialProcess "sleep"'])
  }),
)

effect(
  "fromProcess says nothing when the program ends before",
  Effect.gen(function* () {
    const { lines } = yield* recording(Effect.gen(function* () {
      yield* fromProcess(["printf", "%s", json])
      yield* TestClock.adjust("1 hour")
    }))
    assert.deepEqual(lines, [])
  }),
)
