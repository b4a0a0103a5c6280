/** Rules as code: what reading, judging and planning take. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { readRulesFile } from "../../adapters/rules-file.ts"
import { writeYaml } from "../../adapters/yaml/mod.ts"
import { lintTargets } from "../../core/advice/mod.ts"
import { type Desired, plan } from "../../core/plan/mod.ts"
import type { BucketRef } from "../../core/bucket.ts"
import { type RuleSet, type Target, targetsOf } from "../../core/ruleset/mod.ts"
import { bun, root, run } from "../process.ts"
import { exits } from "../../cli/exit.ts"
import { listDocument, rule } from "./documents.ts"
import { startServer } from "./local-server.ts"
import { type LocalRow, localTable } from "./local-table.ts"
import { results } from "./measure.ts"

export const rulesFigures = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  try {
    const parsed = await parseRows(folder)
    const targets = targetsIn(parsed.set)
    return localTable("rules as code", [
      ...parsed.rows,
      {
        name: "lint of 10000 rules, 50 in each of 200 buckets",
        ...await timed(() => lintTargets(targets, moment)),
        under: 1,
      },
      {
        name: "plan of 1000 rules, half of them changed",
        ...await timed(() => plan(desired, actual, { prune: true })),
        under: 0.03,
      },
      ...await fleetRows(folder),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const moment = { now: Date.UTC(2026, 0, 1) / 1000 }
const rounds = 11

/** Seconds of the median call, in milliseconds when printed. */
const timed = async (call: () => unknown): Promise<Pick<LocalRow, "figure" | "unit">> => {
  const times: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now()
    results.last = await call()
    times.push((performance.now() - begin) / 1000)
  }
  return { figure: times.toSorted((a, b) => a - b)[rounds >> 1]!, unit: "millis" }
}

const rules = (count: number) => Array.from({ length: count }, (_, i) => rule(`rule-${i}`))

/** Files one at a time: a document of 50 rules for 200 buckets, and the 1000 rules of a full bucket in each form. */
const parseRows = async (
  folder: string,
): Promise<{ readonly rows: ReadonlyArray<LocalRow>; readonly set: RuleSet }> => {
  const read = async (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return await Effect.runPromise(readRulesFile(path))
  }
  const parse = async (name: string, file: string, text: string): Promise<LocalRow> => ({
    name: `reading ${name}`,
    ...await timed(() => read(file, text)),
  })
  const document = writeYaml({
    buckets: places.map(({ bucket, region }) => `${bucket}@${region}`),
    rules: rules(50).map(({ id, ...rest }) => ({ id: `\${name}-${id}`, ...rest })),
  })
  const { sets: [set] } = await read("document.yaml", document)
  const full = { configurations: rules(1000) }
  return {
    set: set!,
    rows: [
      await parse("a document of 50 rules for 200 buckets", "document.yaml", document),
      await parse("1000 rules in YAML", "full.yaml", writeYaml(full)),
      await parse("1000 rules in JSON", "full.json", JSON.stringify(full)),
      await parse("1000 rules in XML", "full.xml", listDocument(1000)),
    ],
  }
}

const places: ReadonlyArray<BucketRef> = Array.from({ length: 200 }, (_, i) => ({
  bucket: `bucket${i}-1250000000`,
  region: "ap-guangzhou",
}))

const targetsIn = (set: RuleSet): ReadonlyArray<Target> => targetsOf([{ set, buckets: places }])

const actual = rules(1000)
const desired: Desired = {
  bucket: "examplebucket-1250000000",
  region: "ap-guangzhou",
  rules: actual.map((one, i) => i % 2 === 0 ? one : { ...one, isEnabled: false }),
  protected: new Set(),
  manages: ["rule-*"],
}

/** Once with the COS in the same process, whose peak of memory holds both, and once with a local COS beside it. */
const fleetRows = async (folder: string): Promise<ReadonlyArray<LocalRow>> => {
  const small = await inProcess(1000)
  const large = await inProcess(10_000)
  const beside = await overSocket(10_000, folder)
  const memory = { unit: "bytes", under: 200 * 1024 * 1024 } as const
  return [
    { name: "plan of 10000 buckets with 3 rules each, COS in memory", figure: large.seconds, unit: "seconds" },
    {
      name: "its time for each bucket, of that with 1000 buckets",
      figure: large.seconds / small.seconds / 10,
      unit: "times",
    },
    { name: "its peak of memory, COS included", figure: large.peak, ...memory },
    { name: "the same plan over a socket", figure: beside.seconds, unit: "seconds" },
    { name: "its peak of memory, COS apart", figure: beside.peak, ...memory },
  ]
}

interface Taken {
  readonly seconds: number
  readonly peak: number
}

const inProcess = async (buckets: number): Promise<Taken> => {
  const { stdout, peak } = await peaked(["tests/bench/rules-fleet.ts", String(buckets)], {}, 0)
  return { seconds: Number(stdout), peak }
}

/** From the start of the command to its end, with every bucket empty, so that the plan creates all rules. */
const overSocket = async (buckets: number, folder: string): Promise<Taken> => {
  const [seed, document] = [join(folder, "seed.json"), join(folder, "fleet.yaml")]
  const names = Array.from({ length: buckets }, (_, i) => ({ name: `bucket${i}-1250000000`, region: "ap-guangzhou" }))
  writeFileSync(seed, JSON.stringify({ buckets: names }))
  const selectors = [{ match: "bucket*", region: "ap-guangzhou" }]
  writeFileSync(document, writeYaml({ buckets: selectors, rules: ["daily", "weekly", "all"].map(rule) }))
  const server = await startServer({ runtime: bun, bundle: "http/local.ts" }, "--seed", seed)
  try {
    const env = { COS_ENDPOINT: server.origin, COS_SECRET_ID: "AKIDlocal", COS_SECRET_KEY: "local-secret" }
    const begin = performance.now()
    const { stdout, peak } = await peaked(["cli/main.ts", "plan", document], env, exits.pending)
    if (!stdout.includes(`Plan: ${3 * buckets} to create`)) throw new Error(`Planned ${stdout.slice(-200)}`)
    return { seconds: (performance.now() - begin) / 1000, peak }
  } finally {
    await server.stop()
  }
}

/** Runs a program whose peak of memory is wanted, in bytes. */
const peaked = async (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>,
  expected: number,
): Promise<{ readonly stdout: string; readonly peak: number }> => {
  const { code, stdout, stderr } = await run(bun, ["--preload", `${root}tests/bench/peak.mjs`, ...args], { env })
  const peak = /^peak (\d+) KiB$/mu.exec(stderr)?.[1]
  if (code !== expected || peak === undefined) throw new Error(`bun ${args.join(" ")} failed\n${stdout}${stderr}`)
  return { stdout, peak: Number(peak) * 1024 }
}
