/** Rules as code: what reading, judging and planning take. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { readRulesFile } from "../../adapters/rules-file.ts"
import { writeYaml } from "../../adapters/yaml.ts"
import { lintTargets } from "../../core/lint/mod.ts"
import { type Desired, plan } from "../../core/plan/mod.ts"
import { type BucketRef, type RuleSet, type Target, targetsOf } from "../../core/ruleset/mod.ts"
import { bun, root, run } from "../process.ts"
import { listDocument, rule } from "./documents.ts"
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
      ...await fleetRows(),
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

/** In a process of its own, whose peak of memory holds the COS in memory too. */
const fleetRows = async (): Promise<ReadonlyArray<LocalRow>> => {
  const small = await fleet(1000)
  const large = await fleet(10_000)
  return [
    { name: "plan of 10000 buckets with 3 rules each", figure: large.seconds, unit: "seconds" },
    {
      name: "its time for each bucket, of that with 1000 buckets",
      figure: large.seconds / small.seconds / 10,
      unit: "times",
    },
    {
      name: "its peak of memory, the COS in memory included",
      figure: large.peak,
      unit: "bytes",
      under: 200 * 1024 * 1024,
    },
  ]
}

const fleet = async (buckets: number): Promise<{ readonly seconds: number; readonly peak: number }> => {
  const args = ["--preload", `${root}tests/bench/peak.mjs`, "tests/bench/rules-fleet.ts", String(buckets)]
  const { code, stdout, stderr } = await run(bun, args)
  const peak = /^peak (\d+) KiB$/mu.exec(stderr)?.[1]
  if (code !== 0 || peak === undefined) throw new Error(`bun ${args.join(" ")} failed\n${stdout}${stderr}`)
  return { seconds: Number(stdout), peak: Number(peak) * 1024 }
}
