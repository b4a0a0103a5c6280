/** The table of codes against the sources: what lint can say stands in it, once and with one severity, and nothing else. */
import { strict as assert } from "node:assert"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { codes } from "../core/advice/mod.ts"
import { codesOf, document, findingsOf, known, rule } from "./lint-world.ts"

interface Source {
  readonly path: string
  readonly text: string
}

const root = new URL("..", import.meta.url)

/** A module and all that it imports, at once or later, but for types. */
const sourcesFrom = (...entries: ReadonlyArray<string>): ReadonlyArray<Source> => {
  const todo = entries.map((entry) => new URL(entry, root).href)
  const seen = new Map<string, Source>()
  for (let href = todo.pop(); href !== undefined; href = todo.pop()) {
    if (seen.has(href)) continue
    const text = readFileSync(new URL(href), "utf8")
    seen.set(href, { path: href.slice(root.href.length), text })
    for (const [, there, later] of text.matchAll(imported)) todo.push(new URL((there ?? later)!, href).href)
  }
  return [...seen.values()]
}

const imported = /^(?:import|export)\s(?!type\b)[^"]*?\bfrom "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gmu

/** Codes as sources write them; a part that is put in, as in `not-${kind}`, is any word. */
const written = ({ text }: Source): ReadonlyArray<string> =>
  [...text.matchAll(writing)].flatMap(([, ...codes]) => codes.filter((code) => code !== undefined)).map((code) =>
    code.replaceAll(/\$\{[^}]*\}/gu, "*")
  )

const writing =
  /\bcode:\s*["`]([a-z$][^"`\s]*)["`]|\bcode: [^\n?]*\? "([a-z-]+)" : "([a-z-]+)"|\brefusal\(\s*at,\s*"([a-z-]+)"/gu

const isOf = (pattern: string, code: string): boolean =>
  new RegExp(`^${pattern.replaceAll("*", "[a-z]+")}$`, "u").test(code)

const lintSources = sourcesFrom("cli/linting.ts")

test("`codes` has a code when any module that `lint` runs writes it", () => {
  const paths = lintSources.map(({ path }) => path)
  for (const path of ["adapters/rules-file.ts", "core/ruleset/mod.ts", "core/wire/walk.ts", "core/wire/xml/mod.ts"]) {
    assert.ok(paths.includes(path), path)
  }
  const missing = lintSources.flatMap((source) =>
    written(source).filter((pattern) => ![...known].some((code) => isOf(pattern, code)))
      .map((code) => `${source.path}: ${code}`)
  )
  assert.deepEqual(missing, [])
})

test("`codes` has no code when nothing that reads or places rules writes it", () => {
  const patterns = [...lintSources, ...sourcesFrom("cli/placing.ts")].flatMap(written)
  assert.deepEqual([...known].filter((code) => !patterns.some((pattern) => isOf(pattern, code))), [])
})

test("`codes` has the severity of a code when a module writes both", () => {
  const severities = new Map(codes.map(({ code, severity }) => [code, severity]))
  const pairs = lintSources.flatMap(({ path, text }) =>
    Array.from(
      text.matchAll(/\bcode: "([a-z-]+)",\s*severity: "([a-z]+)"/gu),
      ([, code, severity]) => ({ path, code: code!, severity }),
    )
  )
  assert.ok(pairs.length > codes.length / 2)
  assert.deepEqual(pairs.filter(({ code, severity }) => severities.get(code) !== severity), [])
})

test("`codes` has the severity that a finding of a document's header has when its buckets are odd", () => {
  const severities = new Map(codes.map(({ code, severity }) => [code, severity]))
  const name = "examplebucket-1250000000@ap-guangzhou"
  const findings = [[], [name, name], ["odd"], [{ match: "" }]].flatMap((buckets) =>
    findingsOf([document([rule], { buckets })])
  )
  const odd = ["buckets-empty", "bucket-repeated", "bucket-form", "match-form"]
  assert.deepEqual(odd.filter((code) => !codesOf(findings).includes(code)), [])
  for (const { code, severity } of findings) assert.equal(severity, severities.get(code), code)
})
