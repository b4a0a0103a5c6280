/** A file that holds one value of a known form: JSON, which may be long, or YAML; each of its problems with its place. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { ConfigError, InvalidInput } from "../core/errors.ts"
import type { Finding } from "../core/lint/mod.ts"
import type { Path, Source } from "../core/wire/json.ts"
import { positionAt } from "../core/wire/xml/mod.ts"
import type { Options } from "./files.ts"
import { jsonFault, readJsonText } from "./json/mod.ts"
import { readTextFile } from "./text-file.ts"

export interface FormFile<A> {
  readonly maxBytes: number
  /** What is said of rules in another way than of this form. */
  readonly words: Readonly<Record<string, Pick<Finding, "message" | "allowed" | "fix">>>
  /** What to do with a file of several documents. */
  readonly oneDocument: string
  readonly read: (value: unknown) => Result.Result<A, InvalidInput>
  /** Whether JSON whose objects repeat a key is refused, as YAML is: two readers may take two values for it. */
  readonly refusesRepeats?: boolean
}

/** What was read, and where its parts stand. */
export interface Placed<A> {
  readonly value: A
  /** With their places, in the order of the file. */
  readonly place: (findings: ReadonlyArray<Finding>) => ReadonlyArray<Finding>
}

/** Reads a file, or `-` for the standard input; fails with every problem, in the order of the file. */
export const readFormFile = <A>(path: string, form: FormFile<A>): Effect.Effect<A, ConfigError | InvalidInput> =>
  Effect.map(readPlacedFile(path, form), ({ value }) => value)

/** The same, for what is to be said of it afterwards. */
export const readPlacedFile = <A>(
  path: string,
  form: FormFile<A>,
  options: Options = {},
): Effect.Effect<Placed<A>, ConfigError | InvalidInput> =>
  Effect.flatMap(
    readTextFile(path, { ...options, maxBytes: form.maxBytes }),
    ({ file, text }) => readPlacedText(file, text, form),
  )

/** The same of a text that is no file's; `file` is what findings call it. */
export const readPlacedText = <A>(
  file: string,
  text: string,
  form: FormFile<A>,
): Effect.Effect<Placed<A>, ConfigError | InvalidInput> =>
  Effect.gen(function* () {
    const source = yield* sourceOf(file, text, form)
    const place = (findings: ReadonlyArray<Finding>) =>
      inFile(file, findings.length === 0 ? [] : placed(findings, source.position ?? positionsIn(text)))
    const read = form.read(source.value)
    return Result.isSuccess(read)
      ? { value: read.success, place }
      : yield* new InvalidInput({ findings: place(read.failure.findings) })
  })

const inFile = (file: string, findings: ReadonlyArray<Finding>): ReadonlyArray<Finding> =>
  findings.map((finding) => ({ ...finding, file }))

const invalid = (file: string, findings: ReadonlyArray<Finding>): InvalidInput =>
  new InvalidInput({ findings: inFile(file, findings) })

/** JSON by its own parser, which is quick and knows no places; what cannot be JSON is YAML. */
const sourceOf = (
  file: string,
  text: string,
  form: FormFile<unknown>,
): Effect.Effect<Source, ConfigError | InvalidInput> => {
  if (!/^\s*[{[]/u.test(text)) return yamlSource(file, text, form)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return /\.ya?ml$/iu.test(file) ? yamlSource(file, text, form) : Effect.fail(notJson(file, text))
  }
  if (form.refusesRepeats !== true) return Effect.succeed({ value })
  return Effect.mapError(Effect.fromResult(readJsonText(text)), (findings) => invalid(file, findings))
}

const yamlSource = (file: string, text: string, { words, oneDocument }: FormFile<unknown>) =>
  Effect.gen(function* () {
    const { readYaml } = yield* Effect.promise(() => import("./yaml/mod.ts"))
    const read = readYaml(text)
    if (Result.isFailure(read)) {
      return yield* invalid(file, read.failure.map((finding) => ({ ...finding, ...words[finding.code] })))
    }
    const [only, ...others] = read.success
    if (only !== undefined && others.length === 0) return only
    return yield* Effect.fail(
      new ConfigError({
        source: file,
        problem: `Cannot read "${file}": it holds ${read.success.length} documents`,
        fix: oneDocument,
      }),
    )
  })

/** The places in a JSON text, where it is not longer than they are looked for. */
const positionsIn = (text: string): Source["position"] => {
  const read = readJsonText(text)
  return Result.isSuccess(read) ? read.success.position : undefined
}

/** Findings in the order of their places. */
const placed = (findings: ReadonlyArray<Finding>, position: Source["position"]): ReadonlyArray<Finding> => {
  if (position === undefined) return findings
  return findings.map((finding) => {
    const at = position(partsOf(finding.path))
    return at === undefined ? finding : { ...finding, position: at }
  }).toSorted(({ position: a = start }, { position: b = start }) => a.line - b.line || a.column - b.column)
}

/** Of names that hold dots or brackets the parts are others, and the place is that of what is around them. */
const partsOf = (path: string): Path =>
  Array.from(path.matchAll(/\[(\d+)\]|[^.[\]]+/gu), ([part, nth]) => nth === undefined ? part : Number(nth))

const start = { line: 1, column: 1 }

const notJson = (file: string, text: string): ConfigError => {
  const fault = jsonFault(text)
  const { line, column } = positionAt(text, fault?.offset ?? 0)
  return new ConfigError({
    source: `${file}, line ${line}, column ${column}`,
    problem: `The file is not JSON: ${fault?.problem ?? "it is nested too deep"}`,
    fix: fault?.fix ?? "Write it with less nesting",
  })
}
