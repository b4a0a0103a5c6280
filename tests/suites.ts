/**
 * Runs the static checks and every test on Bun and on Deno, and ends with one line: `N passed, N failed`.
 *
 * A file that throws after its first `test()` passes on Deno, and Bun leaves it out of its report. So both reports are
 * compared by the names in them: each test file must have tests, and the same ones on both runtimes.
 *
 * With `--format`, and outside of CI, the files are formatted instead of having their format checked.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parse, type TNode } from "txml/txml"

const main = (): void => {
  const isWriting = process.argv.includes("--format") && process.env["CI"] === undefined
  const reports = mkdtempSync(join(tmpdir(), "cos-inventory-"))
  const tally: Tally = { passed: 0, failures: [] }
  try {
    for (const script of [isWriting ? "format" : "format:check", "lint", "types", "types:deno"]) {
      if (run(script) !== 0) tally.failures.push(`npm run ${script} failed`)
    }
    const bun = suite("Bun", "test:bun", join(reports, "bun.xml"), tally)
    const deno = suite("Deno", "test:deno", join(reports, "deno.xml"), tally)
    compare(bun, deno, tally)
  } finally {
    rmSync(reports, { recursive: true })
  }
  console.log(["", ...tally.failures, `${tally.passed} passed, ${tally.failures.length} failed`].join("\n"))
  process.exitCode = tally.failures.length === 0 ? 0 : 1
}

interface Tally {
  passed: number
  readonly failures: Array<string>
}

const run = (script: string, ...rest: ReadonlyArray<string>): number => {
  console.log(`\n> npm run ${script}`)
  const { error, status } = spawnSync("npm", ["run", "--silent", script, "--", ...rest], {
    stdio: ["ignore", "inherit", "inherit"],
  })
  if (error !== undefined) throw error
  return status ?? 1
}

/** The names of the tests of each file, sorted. */
type Names = ReadonlyMap<string, ReadonlyArray<string>>

const suite = (runtime: string, script: string, report: string, tally: Tally): Names => {
  const status = run(script, report)
  const cases = readReport(report)
  const failed = cases.filter((test) => !test.isPassed)
  tally.passed += cases.length - failed.length
  tally.failures.push(...failed.map(({ file, name }) => `${runtime}: ${file}: ${name}`))
  if (cases.length === 0) tally.failures.push(`${runtime}: no test ran`)
  else if (status !== 0 && failed.length === 0) {
    tally.failures.push(`${runtime}: ended with exit code ${status}, though no test failed`)
  }
  return new Map(
    [...Map.groupBy(cases, ({ file }) => file)].map(([file, tests]) => [file, tests.map((t) => t.name).toSorted()]),
  )
}

interface Case {
  readonly file: string
  readonly name: string
  readonly isPassed: boolean
}

/** Bun names a file `tests/a.test.ts`, Deno `./tests/a.test.ts`. A test that was skipped has not passed. */
const readReport = (path: string): ReadonlyArray<Case> => {
  const cases: Array<Case> = []
  const visit = (node: TNode | string, file: string): void => {
    if (typeof node === "string") return
    const { name = "" } = node.attributes as Readonly<Record<string, string>>
    if (node.tagName === "testcase") cases.push({ file, name, isPassed: node.children.length === 0 })
    else for (const child of node.children) visit(child, node.tagName === "testsuite" ? name.replace("./", "") : file)
  }
  for (const node of readOrNothing(path)) visit(node, "")
  return cases
}

/** A runtime that could not even start leaves no report. */
const readOrNothing = (path: string): ReadonlyArray<TNode | string> => {
  try {
    return parse(readFileSync(path, "utf8"), { decodeEntities: true })
  } catch {
    return []
  }
}

const compare = (bun: Names, deno: Names, tally: Tally): void => {
  const files = readdirSync("tests", { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".test.ts"))
  for (const file of new Set([...files.map((file) => join("tests", file)), ...bun.keys(), ...deno.keys()])) {
    const onBun = bun.get(file) ?? []
    const onDeno = deno.get(file) ?? []
    if (onBun.length === 0 && onDeno.length === 0) tally.failures.push(`${file}: registers no test`)
    tally.failures.push(
      ...without(onBun, onDeno).map((name) => `${file}: only Bun ran: ${name}`),
      ...without(onDeno, onBun).map((name) => `${file}: only Deno ran: ${name}`),
    )
  }
}

/** What is left of a list when each of the others is taken out once: a name may stand twice in a file. */
const without = (names: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rest = [...others]
  return names.filter((name) => {
    const at = rest.indexOf(name)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

main()
