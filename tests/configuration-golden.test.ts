/** What each sample of a rule becomes: its JSON form, its canonical XML, its findings. */
import { test } from "node:test"
import * as Result from "effect/Result"
import { lint, placeOf } from "../core/lint/mod.ts"
import { readConfiguration, writeConfiguration } from "../core/wire/configuration.ts"
import { writeJson } from "../core/wire/json.ts"
import { ruleSamples, sample, settled, settledJob } from "./generated.ts"
import { golden } from "./golden.ts"

for (const name of [...ruleSamples, "post.xml"]) {
  test(`configuration becomes its golden form when it is the sample ${name}`, () => {
    const kind = name === "post.xml" ? "job" : "configuration"
    const reading = Result.getOrThrow(readConfiguration(sample(name)))
    const rule = kind === "job" ? settledJob(reading.draft) : settled(reading.draft)
    const findings = lint(reading, { kind, region: "ap-guangzhou" }).map((f) => `${placeOf(f)} ${f.code}: ${f.fix}`)
    golden(
      `${name}.txt`,
      [JSON.stringify(writeJson(rule), null, 2), writeConfiguration(rule), ...findings, ""].join("\n"),
    )
  })
}
