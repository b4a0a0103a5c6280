/** Which buckets flags choose: by name, by a list, or all of the account. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { readBucketList } from "../adapters/bucket-list.ts"
import { choosesMany, chosenBy } from "../cli/chosen.ts"
import { World } from "../cli/world.ts"
import { invoke, settingsFor } from "./cli.ts"
import { account, guangzhou, named, nanjing, newRule, one, two, withFleet } from "./fleet-world.ts"
import { prop } from "./harness.ts"
import { answering, listen } from "./loopback.ts"

const line = Schema.Union([
  Schema.Literals(["", "  ", "# a comment", "\t# x-1250000000"]),
  Schema.Struct({
    before: Schema.Literals(["", " ", "\t"]),
    name: Schema.Literals(["a-1250000000", "b-c-1250000000@ap-guangzhou", "0-1@eu-frankfurt"]),
    after: Schema.Literals(["", " ", " # why", "#why"]),
  }),
])

prop(
  "A list of buckets holds every name with its line when comments and blanks stand around",
  Schema.Struct({
    lines: Schema.Array(line),
    mark: Schema.Literals(["", "\ufeff"]),
    end: Schema.Literals(["\n", "\r\n"]),
  }),
  ({ lines, mark, end }) => {
    const text = mark + lines.map((one) => typeof one === "string" ? one : one.before + one.name + one.after).join(end)
    const expected = lines.flatMap((one, i) =>
      typeof one === "string" ? [] : [`${one.name} ${i + 1}:${one.before.length + 1}`]
    )
    const stdin = async function* () {
      yield await Promise.resolve(new TextEncoder().encode(text))
    }
    return Effect.map(
      Effect.result(readBucketList("-", { stdin: stdin() })),
      (found) =>
        found._tag === "Failure"
          ? expected.length === 0
          : found.success.map(({ bucket, region, position }) =>
            `${bucket}${region === undefined ? "" : `@${region}`} ${position.line}:${position.column}`
          ).join() === expected.join(),
    )
  },
)

const regions = { "a-1250000000": guangzhou, "b-1250000000": nanjing, "c-1250000000": "eu-frankfurt" } as const
type Name = keyof typeof regions

prop(
  "Each bucket is chosen once, in the order of its first name, and with its region when any of its names says it",
  Schema.Array(
    Schema.Struct({
      name: Schema.Literals(Object.keys(regions) as [Name, ...Array<Name>]),
      hasRegion: Schema.Boolean,
    }),
  ),
  (refs) => {
    const bucket = refs.map(({ name, hasRegion }) => hasRegion ? `${name}@${regions[name]}` : name)
    const flags = {
      profile: Option.none(),
      region: Option.none(),
      endpoint: Option.none(),
      timeout: Option.none(),
      demo: false,
      bucket,
      bucketsFrom: Option.none(),
      allBuckets: false,
    }
    const expected = [...new Set(refs.map(({ name }) => name))].map((name) => ({
      bucket: name,
      ...(refs.some((ref) => ref.name === name && ref.hasRegion) ? { region: regions[name] } : {}),
    }))
    const world: World = {
      env: {},
      stdin: (async function* () {})(),
      isTerminal: { stdin: false, stdout: false, stderr: false },
      confirm: () => Effect.succeed(false),
    }
    return chosenBy(flags).pipe(
      Effect.provideService(World, world),
      Effect.map((chosen) => {
        assert.deepEqual(chosen, expected)
        return choosesMany(flags) === expected.length > 1
      }),
    )
  },
)

for (
  const [what, text, pattern] of [
    [
      "some of its lines name none",
      `${one}\nnope\n# fine\n  Two_1250000000 # x\nthree-1250000000@AP\n${one} ${two}\n`,
      /: 4 problems\n.*list\.txt:2:1: The bucket must end in -<appid>[^]*list\.txt:4:3: The bucket is not[^]*list\.txt:5:1: The region is not[^]*list\.txt:6:1: /u,
    ],
    ["it is empty", "# nothing\n\n", /list\.txt: The list holds no bucket \[no-buckets\]/u],
    [
      "it names a bucket in two regions",
      `${one}\none-1250000000@ap-nanjing\n`,
      /list\.txt:2:1: The bucket is named with two regions[^]*found: {3}one-1250000000@ap-nanjing/u,
    ],
    [
      "it is no text",
      new Uint8Array([0xff, 0xfe, 0]),
      /list\.txt:1:1: The document is UTF-16/u,
    ],
  ] as const
) {
  test(`A list of buckets is refused before anything is sent when ${what}`, async () => {
    await withFleet(async ({ asked, fileOf, go }) => {
      const { code, out, err } = await go(["list", "--buckets-from", await fileOf("list.txt", text)])
      assert.equal(code, 5)
      assert.equal(out, "")
      assert.match(err, pattern)
      assert.deepEqual(asked, [])
    })
  })
}

test("A list of buckets is refused by its name when it cannot be read", async () => {
  await withFleet(async ({ go }) => {
    const { code, err } = await go(["list", "--buckets-from", "/nowhere/list.txt"])
    assert.equal(code, 5)
    assert.match(err, /cannot read "\/nowhere\/list\.txt": there is no such file/iu)
  })
})

test("Each bucket is worked on once when it is named by flags and by a list", async () => {
  await withFleet(async ({ asked, fileOf, go }) => {
    const list = await fileOf("list.txt", `${two}\n${one}\none-1250000000\n`)
    const { code, out, err } = await go(["list", "--bucket", "one-1250000000", "--buckets-from", list, "-o", "json"])
    assert.equal(code, 0, err)
    assert.deepEqual(
      JSON.parse(out).buckets.map(({ bucket, region }: Record<string, string>) => `${bucket}@${region}`),
      [one, two],
    )
    assert.equal(asked.length, 2)
  })
})

test("A flag's bucket keeps its own region when another one's stands behind its name", async () => {
  await withFleet(async ({ go }) => {
    const refs = named(one, "two-1250000000", "three-1250000000")
    const { out } = await go(["list", ...refs, "--region", nanjing, "-o", "json"])
    assert.deepEqual(JSON.parse(out).buckets.map(({ region }: Record<string, string>) => region), [
      guangzhou,
      nanjing,
      nanjing,
    ])
  })
})

test("Standard input holds the list or the rules when both are asked of it", async () => {
  await withFleet(async ({ asked, fileOf, go }) => {
    for (const args of [["put", "-"], ["run", "-"], ["plan", "-"]]) {
      const { code, err } = await go([...args, "--buckets-from", "-"], { stdin: one })
      assert.equal(code, 5)
      assert.match(err, /standard input can be read once only/iu)
    }
    assert.deepEqual(asked, [])
    const list = await fileOf("list.txt", `${one}\n${two}\n`)
    assert.equal((await go(["put", "-", "--buckets-from", list], { stdin: newRule("new") })).code, 0)
  })
})

test("`--all-buckets` works on every bucket of the account, page by page, when it has many", async () => {
  await withFleet(
    async ({ go, asked }) => {
      const { code, out, err } = await go(["list", "--all-buckets", "-o", "json"], {
        env: { COS_REGION: "eu-frankfurt" },
      })
      assert.equal(code, 8, err)
      assert.deepEqual(
        JSON.parse(out).buckets.map(({ bucket, region }: Record<string, string>) => `${bucket}@${region}`),
        [one, "shut-1250000000@ap-guangzhou", two],
      )
      assert.deepEqual(asked.filter((request) => /^GET \/(?:\?marker=.*)?$/u.test(request)), [
        "GET /",
        "GET /?marker=one-1250000000",
        "GET /?marker=shut-1250000000",
      ])
    },
    account,
    [{ match: { operation: "GetService" }, truncateList: 1 }],
  )
})

test("`--all-buckets` is narrowed by the flag of the region alone when one is given", async () => {
  await withFleet(async ({ go }) => {
    const found = await go(["disable", "a", "--all-buckets", "--region", nanjing])
    assert.equal(found.code, 0, found.err)
    assert.match(
      found.out,
      /\n\nBUCKET +REGION +RESULT\ntwo-1250000000 +ap-nanjing +disabled\n\n1 disabled in 1 bucket$/u,
    )
    const none = await go(["list", "--all-buckets", "--region", "eu-frankfurt"])
    assert.equal(none.code, 5)
    assert.match(none.err, /the account has no bucket in eu-frankfurt/u)
  })
})

test("`--all-buckets` fails once, and for its own reason, when the account cannot be listed", async () => {
  await withFleet(
    async ({ go, asked }) => {
      const { code, err, out } = await go(["list", "--all-buckets", "-o", "json"])
      assert.equal(code, 4)
      assert.equal(out, "")
      assert.equal(JSON.parse(err).error.code, "AccessDenied")
      assert.equal(asked.length, 1)
    },
    account,
    [{ match: { operation: "GetService" }, code: "AccessDenied" }],
  )
  await withFleet(async ({ go }) => {
    assert.match((await go(["list", "--all-buckets"])).err, /the account has no bucket\n/u)
  }, [])
})

test("`--all-buckets` is refused when other buckets are named beside it", async () => {
  await withFleet(async ({ go, asked }) => {
    for (const others of [named(one), ["--buckets-from", "/nowhere"]]) {
      for (const args of [["list"], ["delete", "a", "--yes"], ["config"]]) {
        const { code, err, out } = await go([...args, "--all-buckets", ...others])
        assert.equal(code, 64)
        assert.equal(out, "")
        assert.match(err, /--all-buckets chooses every bucket, and others are named beside it/u)
      }
    }
    assert.deepEqual(asked, [])
  })
})

test("`local` refuses flags that choose buckets when they are given", async () => {
  await withFleet(async ({ go }) => {
    for (
      const [flags, name] of [[["--all-buckets"], "--all-buckets"], [
        ["--buckets-from", "x"],
        "--buckets-from",
      ]] as const
    ) {
      const { code, err } = await go(["local", ...flags])
      assert.equal(code, 64)
      assert.match(err, new RegExp(`${name} says which COS to talk to`, "u"))
    }
  })
})

test("`config` shows the buckets that flags choose when they choose several", async () => {
  await withFleet(async ({ go }) => {
    const row = async (...args: ReadonlyArray<string>) => {
      const { out, err } = await go(["config", "-o", "json", ...args], { stdin: `${one}\n${two}` })
      assert.equal(err, "")
      return JSON.parse(out).settings.find(({ name }: { name: string }) => name === "buckets")
    }
    assert.deepEqual(await row("--buckets-from", "-"), {
      name: "buckets",
      value: `${one}, ${two}`,
      source: "--buckets-from -",
    })
    assert.equal((await row(...named(one, "x-1250000000"))).value, `${one}, x-1250000000`)
    assert.equal((await row("--all-buckets")).value, "all of the account")
    assert.equal(await row(...named(one)), undefined)
  })
})

test("The demo is not a fallback when buckets are chosen", async () => {
  await withFleet(async ({ go }) => {
    const { code, out } = await go(["get", "list1", "--buckets-from", "-"], {
      stdin: "examplebucket-1250000000@ap-guangzhou",
      env: { COS_ENDPOINT: "", COS_SECRET_ID: "", COS_SECRET_KEY: "" },
    })
    assert.equal(code, 4)
    assert.equal(out, "")
  })
})

test("What a server says cannot steer the terminal when it stands in the table of results", async () => {
  const body = new TextEncoder().encode(
    "<Error><Code>Bad\u009b\u202eCode</Code><Message>a\u009bb\u202ec</Message></Error>",
  )
  const head = `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n`
  const server = answering(new Uint8Array([...new TextEncoder().encode(head), ...body]))
  const { code, out, err } = await Effect.flatMap(
    listen(server),
    ({ origin }) => Effect.promise(() => invoke(["disable", "a", ...named(one, two)], { env: settingsFor(origin) })),
  ).pipe(Effect.scoped, Effect.runPromise)
  assert.equal(code, 5)
  assert.match(out, /^one-1250000000 +ap-guangzhou +failed: Bad.*Code \(status 400\)$/mu)
  assert.doesNotMatch(out + err, /[\u009b\u202e]/u)
})
