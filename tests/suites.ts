/**
 * Runs the static checks and every test on Bun and on Deno, and ends with one line: `N passed, N failed`.
 *
 * A file that throws after its first `test()` passes on Deno, and Bun leaves it out of its report. So the names in both
 * reports are compared, and every test file must be in that of Bun; Deno's names the file in which `test` is called.
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

const suite = (runtime: string, script: string, report: string, tally: Tally): ReadonlyArray<Case> => {
  const status = run(script, report)
  const cases = readReport(report)
  const failed = cases.filter((test) => !test.isPassed)
  tally.passed += cases.length - failed.length
  tally.failures.push(...failed.map(({ file, name }) => `${runtime}: ${file}: ${name}`))
  if (cases.length === 0) tally.failures.push(`${runtime}: no test ran`)
  else if (status !== 0 && failed.length === 0) {
    tally.failures.push(`${runtime}: ended with exit code ${status}, though no test failed`)
  }
  return cases
}

interface Case {
  readonly file: string
  readonly name: string
  readonly isPassed: boolean
}

/** A test that was skipped has not passed. */
const readReport = (path: string): ReadonlyArray<Case> => {
  const cases: Array<Case> = []
  const visit = (node: TNode | string, file: string): void => {
    if (typeof node === "string") return
    const { name = "" } = node.attributes as Readonly<Record<string, string>>
    if (node.tagName === "testcase") cases.push({ file, name, isPassed: node.children.length === 0 })
    else for (const child of node.children) visit(child, node.tagName === "testsuite" ? name : file)
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

const compare = (bun: ReadonlyArray<Case>, deno: ReadonlyArray<Case>, tally: Tally): void => {
  const withTests = new Set(bun.map(({ file }) => file))
  for (const file of readdirSync("tests", { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".test.ts") || withTests.has(join("tests", file))) continue
    tally.failures.push(`Bun ran no test of tests/${file}`)
  }
  const onBun = bun.map(({ name }) => name)
  const onDeno = deno.map(({ name }) => name)
  tally.failures.push(
    ...without(onBun, onDeno).map((name) => `Only Bun ran: ${name}`),
    ...without(onDeno, onBun).map((name) => `Only Deno ran: ${name}`),
  )
}

/** What is left of a list when each of the others is taken out once: a name may stand twice. */
const without = (names: ReadonlyArray<string>, others: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rest = [...others]
  return names.filter((name) => {
    const at = rest.indexOf(name)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
}

main()
