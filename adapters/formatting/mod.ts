/**
 * The canonical form of a rules file that is JSON or YAML: the same in every other way than how it looks.
 *
 * **Details**
 *
 * Keys, times and rules in the API's own names are as core/ruleset/layout.ts says. Lines end in LF, the last one too;
 * there is no byte order mark. JSON is indented by two. YAML is indented by two, lists below their keys; what stands in
 * brackets over several lines is written in lines, and on one line stays in brackets; keys, booleans and numbers have no
 * quotes and one spelling; of several blank lines one stays. Comments, anchors, the quotes of values, block texts and the
 * documents of a stream stay. Comments at the start of a document stay at its start, those behind something on its line,
 * others with the line below them.
 *
 * **Laws**
 *
 * {@link formatted} is idempotent, and keeps what the file means and every comment; `tests/fmt-laws.test.ts` holds it to
 * this. Where the comments of a YAML file cannot be kept, it gives none.
 */
import { escapeSteering } from "../../core/redact.ts"
import { laidOut } from "../../core/ruleset/mod.ts"
import { commentsIn, documentsOf, streamOf, writeYaml } from "../yaml/mod.ts"
import { laidOutStream } from "./layout.ts"

/** The text must be one that was read without fault. Undefined where something would be lost. */
export const formatted = (text: string, form: "json" | "yaml"): string | undefined => {
  if (form === "json") return jsonText(laidOut(JSON.parse(text)))
  let before = text
  // The library moves a comment now and then to where it stays only the second time
  for (let round = 0; round < 5; round++) {
    const after = yamlText(before)
    if (after === before) return keepsAll(text, after) ? after : undefined
    before = after
  }
  return undefined
}

/** A value as a file, with nothing in it that could steer a terminal. */
export const textOf = (value: unknown, form: "json" | "yaml"): string =>
  form === "json" ? jsonText(value) : writeYaml(value)

/** The first value of a text that was read without fault. */
export const valueOf = (text: string, form: "json" | "yaml"): unknown =>
  form === "json" ? JSON.parse(text) : valuesOf(text)[0]

const jsonText = (value: unknown): string => `${escapeSteering(JSON.stringify(value, null, 2))}\n`

const yamlText = (text: string): string => laidOutStream(streamOf(text), text)

const keepsAll = (before: string, after: string): boolean =>
  commentsIn(before).toSorted().join("\n") === commentsIn(after).toSorted().join("\n") &&
  meaningOf(before) === meaningOf(after)

const meaningOf = (text: string): string => JSON.stringify(valuesOf(text).map(laidOut))

const valuesOf = (text: string): ReadonlyArray<unknown> =>
  documentsOf(text).map((document) => document.toJS({ maxAliasCount: -1 }))
