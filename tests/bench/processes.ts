/** Whole processes against ten-line scripts with the SDK: the same GET and LIST, from the same server on this machine. */
import { mkdtempSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { bun, root, run } from "../process.ts"
import { listDocument, ruleDocument } from "./documents.ts"
import { takeTurns } from "./measure.ts"
import type { Row } from "./row.ts"

export const processRows = async (): Promise<ReadonlyArray<Row>> => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("content-type", "application/xml")
    response.end(url.includes("id=") ? oneRule : pageAt(url))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  try {
    const binary = join(folder, "cos-inventory")
    const bundle = join(folder, "cli.js")
    await build("build:binary", `--outfile=${binary}`)
    await build("build:bundle", `--outdir=${folder}`)
    const env = {
      COS_SECRET_ID: "AKIDexample",
      COS_SECRET_KEY: "example",
      COS_BUCKET: "examplebucket-1250000000",
      COS_REGION: "ap-guangzhou",
      COS_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    }
    const get = (command: string, ...args: ReadonlyArray<string>) => secondsOf(env, command, args)
    const list = (...args: ReadonlyArray<string>) => peakOf(env, args)
    const start = async (name: string, share: number, ours: () => Promise<number>, theirs = sdkGet): Promise<Row> => ({
      name,
      pair: await takeTurns(startTurns, ours, theirs),
      unit: "seconds",
      aim: { shareOfTheirs: share },
    })
    const sdkGet = () => get(bun, "tests/bench/sdk-get.mjs")
    return [
      await start("get list1 from a cold start: binary", 0.5, () => get(binary, "get", "list1")),
      await start("get list1 from a cold start: bundle on Bun", 0.8, () => get(bun, bundle, "get", "list1")),
      await start(
        "get list1 from a cold start: bundle on Node",
        0.8,
        () => get("node", bundle, "get", "list1"),
        () => get("node", "tests/bench/sdk-get.mjs"),
      ),
      await start("get list1 from a cold start: source on Bun", 1.3, () => get(bun, "cli/main.ts", "get", "list1")),
      {
        name: "peak memory of listing 1000 rules: bundle on Bun",
        pair: await takeTurns(
          listTurns,
          () => list(bundle, "list", "-o", "json"),
          () => list("tests/bench/sdk-list.mjs"),
        ),
        unit: "bytes",
      },
    ]
  } finally {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true })
  }
}

const startTurns = 21
const listTurns = 5
const pages = 10

const oneRule = ruleDocument("list1")
const page = listDocument(1000 / pages)

/** A continuation token counts the pages so far. */
const pageAt = (url: string): string => {
  const next = Number(/continuation-token=(\d+)/u.exec(url)?.[1] ?? 0) + 1
  const more = `<IsTruncated>true</IsTruncated><NextContinuationToken>${next}</NextContinuationToken>`
  return next < pages ? page.replace("<IsTruncated>false</IsTruncated>", more) : page
}

const build = async (script: string, to: string): Promise<void> => {
  const { code, stdout, stderr } = await run("npm", ["run", "--silent", script, "--", to])
  if (code !== 0) throw new Error(`npm run ${script} failed\n${stdout}${stderr}`)
}

type Env = Readonly<Record<string, string>>

const secondsOf = async (env: Env, command: string, args: ReadonlyArray<string>): Promise<number> => {
  const begin = performance.now()
  const { code, stdout, stderr } = await run(command, args, { env })
  const seconds = (performance.now() - begin) / 1000
  if (code !== 0 || !stdout.includes("list1")) {
    throw new Error(`${command} ${args.join(" ")} failed\n${stdout}${stderr}`)
  }
  return seconds
}

/** The largest resident set in bytes, as `peak.mjs` reports it at the end. */
const peakOf = async (env: Env, args: ReadonlyArray<string>): Promise<number> => {
  const { code, stdout, stderr } = await run(bun, ["--preload", `${root}tests/bench/peak.mjs`, ...args], { env })
  const peak = /^peak (\d+) KiB$/mu.exec(stderr)?.[1]
  const rules = stdout.match(/"id": ?"list|"Id": ?"list/gu)?.length
  if (code !== 0 || peak === undefined || rules !== 1000) {
    throw new Error(`${args.join(" ")} listed ${rules}\n${stderr}`)
  }
  return Number(peak) * 1024
}
