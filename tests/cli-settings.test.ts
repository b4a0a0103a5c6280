import { strict as assert } from "node:assert"
import { chmod, mkdir, mkdtemp, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { type Invocation, invoke, withLocalCos } from "./cli.ts"

const home = async (yaml: string, mode = 0o600): Promise<Record<string, string>> => {
  const folder = await mkdtemp(join(tmpdir(), "home-"))
  await mkdir(join(folder, ".config", "cos-inventory"), { recursive: true })
  const file = join(folder, ".config", "cos-inventory", "config.yaml")
  await writeFile(file, yaml)
  await chmod(file, mode)
  return { HOME: folder }
}

const settings = async (args: ReadonlyArray<string>, invocation: Invocation) => {
  const { code, out, err } = await invoke([...args, "config", "-o", "json"], invocation)
  assert.equal(code, 0, err)
  const rows: ReadonlyArray<{ name: string; value: string | null; source: string }> = JSON.parse(out).settings
  return { ...Object.fromEntries(rows.map((row) => [row.name, row])), out } as unknown as
    & Record<string, { value: string | null; source: string }>
    & { out: string }
}

test("`config` shows where each setting came from when flags, environment and profile differ", async () => {
  const profile = await home(
    "profiles:\n  default:\n    bucket: profile-1250000000\n    region: ap-beijing\n    endpoint: http://127.0.0.1:1\n    secretId: AKIDprofile\n    secretKey: profile-key\n",
  )
  const found = await settings(["--bucket", "flag-1250000000"], { env: { ...profile, COS_REGION: "ap-shanghai" } })
  assert.deepEqual([found["bucket"]?.value, found["bucket"]?.source], ["flag-1250000000", "--bucket"])
  assert.deepEqual([found["region"]?.value, found["region"]?.source], ["ap-shanghai", "COS_REGION"])
  assert.equal(found["endpoint"]?.value, "http://127.0.0.1:1")
  assert.match(found["endpoint"]?.source ?? "", /^profile "default" of .*config\.yaml$/u)
  assert.equal(found["secret id"]?.value, "AKID****")
  assert.equal(found["secret key"]?.value, "****")
  assert.ok(!found.out.includes("profile-key") && !found.out.includes("AKIDprofile"))
})

test("A profile's settings reach COS when nothing else is set", async () => {
  await withLocalCos(async (env) => {
    const profile = await home(
      `profiles:\n  work:\n    bucket: ${env["COS_BUCKET"]}\n    region: ${env["COS_REGION"]}\n    endpoint: ${
        env["COS_ENDPOINT"]
      }\n    secretId: ${env["COS_SECRET_ID"]}\n    secretKey: ${env["COS_SECRET_KEY"]}\n`,
    )
    const { code, err } = await invoke(["get", "list1", "--profile", "work"], { env: profile })
    assert.equal(code, 0, err)
    assert.equal((await invoke(["get", "list1", "--profile", "wrok"], { env: profile })).code, 5)
  })
})

test("A credentialProcess's keys reach COS when the profile names one", async () => {
  await withLocalCos(async (env) => {
    const keys = JSON.stringify({ secretId: env["COS_SECRET_ID"], secretKey: env["COS_SECRET_KEY"] })
    const profile = await home(
      `profiles:\n  default:\n    bucket: ${env["COS_BUCKET"]}\n    region: ${env["COS_REGION"]}\n    endpoint: ${
        env["COS_ENDPOINT"]
      }\n    credentialProcess: [echo, '${keys}']\n`,
    )
    const { code, err } = await invoke(["get", "list1"], { env: profile })
    assert.equal(code, 0, err)
  })
})

for (
  const [what, env, code, pattern] of [
    ["no keys are set", { COS_BUCKET: "b-1250000000", COS_REGION: "ap-beijing" }, 4, /no credentials are set/iu],
    [
      "half a key is set",
      { COS_BUCKET: "b-1250000000", COS_REGION: "ap-beijing", COS_SECRET_ID: "AKIDhalf" },
      5,
      /COS_SECRET_KEY/u,
    ],
    [
      "the bucket lacks its appid",
      { COS_BUCKET: "examplebucket", COS_REGION: "ap-beijing" },
      5,
      /COS_BUCKET: The bucket must end in -<appid>/u,
    ],
    [
      "the region is mistyped",
      { COS_BUCKET: "b-1250000000", COS_REGION: "AP Beijing" },
      5,
      /COS_REGION: The region is not a region/u,
    ],
    [
      "the endpoint has a path",
      { COS_BUCKET: "b-1250000000", COS_REGION: "ap-beijing", COS_ENDPOINT: "https://h/x" },
      5,
      /COS_ENDPOINT.*\n.*\n.*\n {4}fix: {5}Leave the path out/u,
    ],
    [
      "a proxy has no token",
      { COS_BUCKET: "b-1250000000", COS_REGION: "ap-beijing", COS_PROXY_URL: "https://p" },
      4,
      /no token/u,
    ],
    [
      "a proxy and an endpoint are set",
      {
        COS_BUCKET: "b-1250000000",
        COS_REGION: "ap-beijing",
        COS_PROXY_URL: "https://p",
        COS_PROXY_TOKEN: "t",
        COS_ENDPOINT: "https://e",
      },
      5,
      /both a proxy and an endpoint/u,
    ],
  ] as const
) {
  test(`A command ends with ${code} and one clear error when ${what}`, async () => {
    const { code: ended, out, err } = await invoke(["get", "list1"], { env })
    assert.equal(ended, code, err)
    assert.equal(out, "")
    assert.match(err, pattern)
    assert.doesNotMatch(err, /\n\s+at /u)
  })
}

test("A proxy's token may come from the environment when its URL stands in the profile, and not the other way", async () => {
  const profile = await home(
    "profiles:\n  default: { bucket: b-1250000000, region: ap-beijing, proxyUrl: https://p, proxyToken: t }\n",
  )
  const upper = await settings([], { env: { ...profile, COS_PROXY_TOKEN: "mine" } })
  assert.deepEqual([upper["proxy token"]?.value, upper["proxy token"]?.source], ["****", "COS_PROXY_TOKEN"])
  const lower = await settings([], { env: { ...profile, COS_PROXY_URL: "https://other" } })
  assert.equal(lower["proxy token"]?.value, null)
  const plain = await invoke(["list"], {
    env: { ...profile, COS_PROXY_URL: "http://proxy.example", COS_PROXY_TOKEN: "t" },
  })
  assert.equal(plain.code, 5)
  assert.match(plain.err, /unencrypted/u)
})

test("Each of two buckets is said to have no region when nothing says where they are", async () => {
  const { code, out, err } = await invoke(["get", "x", "--bucket", "a-1250000000", "--bucket", "b-1250000000"], {
    env: { COS_SECRET_ID: "AKIDx", COS_SECRET_KEY: "y" },
  })
  assert.equal(code, 5)
  assert.equal(out, "")
  for (const name of ["a-1250000000", "b-1250000000"]) {
    assert.match(err, new RegExp(`Cannot get "x" from ${name}: no region is set for the bucket ${name}`, "u"))
  }
})

test("A bucket may bring its region when it comes from a flag, the environment or a profile", async () => {
  const profile = await home("profiles: { default: { bucket: p-1250000000@ap-tokyo, region: ap-beijing } }\n")
  const of = async (args: ReadonlyArray<string>, env: Record<string, string>) => {
    const { bucket, region } = await settings(args, { env })
    return [bucket?.value, region?.value, region?.source.replace(/ of .*/u, "")]
  }
  assert.deepEqual(await of([], profile), ["p-1250000000", "ap-tokyo", 'profile "default"'])
  const env = { ...profile, COS_BUCKET: "e-1250000000@eu-frankfurt", COS_REGION: "ap-shanghai" }
  assert.deepEqual(await of([], env), ["e-1250000000", "eu-frankfurt", "COS_BUCKET"])
  assert.deepEqual(await of(["-b", "f-1250000000@ap-nanjing", "--region", "ap-seoul"], env), [
    "f-1250000000",
    "ap-nanjing",
    "--bucket",
  ])
  assert.deepEqual(await of(["-b", "f-1250000000", "--region", "ap-seoul"], env), [
    "f-1250000000",
    "ap-seoul",
    "--region",
  ])
})

test("A profile file that others can read is refused when it is used", async () => {
  const { code, err } = await invoke(["get", "x"], { env: await home("profiles: {}\n", 0o644) })
  assert.equal(code, 5)
  assert.match(err, /chmod 600/u)
})

test("A timeout that is no time is refused when it is given", async () => {
  for (const timeout of ["soon", "0", "-1s", "Infinity"]) {
    const { code, err } = await invoke(["--timeout", timeout, "get", "x"])
    assert.ok(code === 5 || code === 64, `${timeout}: ${code}`)
    assert.notEqual(err, "")
  }
})

test("Wrong use ends with 64 and says the usage on standard error when it happens", async () => {
  for (
    const args of [["frob"], ["get"], ["get", "a", "b"], ["get", "a", "-o", "pdf"], ["put"], ["get", "a", "--nope"]]
  ) {
    const { code, out, err } = await invoke(args)
    assert.equal(code, 64, args.join(" "))
    assert.equal(out, "")
    assert.match(err, /Usage: /u)
  }
})

test("`--help` and `--version` are data when they are asked for", async () => {
  for (const args of [["--help"], ["get", "--help"], ["--version"]]) {
    const { code, out, err } = await invoke(args)
    assert.equal(code, 0)
    assert.notEqual(out, "")
    assert.equal(err, "")
  }
})

test("The version is package.json's when it is printed", async () => {
  const { version } = JSON.parse(
    await (await import("node:fs/promises")).readFile(new URL("../package.json", import.meta.url), "utf8"),
  )
  assert.equal((await invoke(["--version"])).out, `cos-inventory ${version}`)
})
