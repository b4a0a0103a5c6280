/**
 * JSON text as a value whose parts know their line.
 *
 * JSON's own parser forgets places, repeated keys and how a number was written, so the text is scanned for them: for
 * repeated keys always, for the others only when one is asked for.
 */
import * as Result from "effect/Result"
import type { Finding, Position } from "../../core/lint/mod.ts"
import { maxListBytes } from "../../core/limits.ts"
import type { Path, Source } from "../../core/wire/json.ts"
import { positionAt, positionsIn } from "../../core/wire/xml/mod.ts"
import { repeatedKey, syntaxFault, tooDeep, tooLarge } from "../document-fault.ts"
import { jsonFault } from "./fault.ts"
import { type Place, placeIn, placesOf } from "./place.ts"
import { scan } from "./scan.ts"

/** The one value of a text. Its findings are those of `readYaml` with the names of JSON. */
export const readJsonText = (
  text: string,
  maxLength: number = maxListBytes,
): Result.Result<JsonSource, ReadonlyArray<Finding>> => {
  if (text.length > maxLength) return Result.fail([tooLarge(maxLength)])
  const { deep, repeated } = keysOf(text)
  if (deep !== undefined) return Result.fail([tooDeep(positionAt(text, deep))])
  const fault = jsonFault(text)
  if (fault !== undefined) {
    const message = `The document is not JSON: ${fault.problem}`
    return Result.fail([syntaxFault("json", message, fault.fix, positionAt(text, fault.offset))])
  }
  if (repeated.length > 0) {
    const positionOf = positionsIn(text)
    return Result.fail(repeated.map((at) => repeatedKey("json", positionOf(at))))
  }
  return Result.succeed({ value: JSON.parse(text), ...lookUps(text) })
}

export type JsonSource = Required<Source>

/** Where keys stand that their object has already, up to where the text goes too deep. */
const keysOf = (text: string): { readonly deep: number | undefined; readonly repeated: ReadonlyArray<number> } => {
  const repeated: Array<number> = []
  const keys: Array<Set<string>> = []
  const deep = scan(text, {
    open: () => void keys.push(new Set()),
    close: () => void keys.pop(),
    key: (name, offset) => {
      const seen = keys[keys.length - 1]
      if (seen?.has(name) === true) repeated.push(offset)
      seen?.add(name)
    },
  })
  return { deep, repeated }
}

const lookUps = (text: string): Omit<JsonSource, "value"> => {
  let known: { readonly root: Place; readonly positionOf: (offset: number) => Position } | undefined
  const places = () => known ??= { root: placesOf(text), positionOf: positionsIn(text) }
  return {
    position: (path: Path) => {
      const { positionOf, root } = places()
      return positionOf(placeIn(root, path).place.offset)
    },
    written: (path: Path) => {
      const { place, isWhole } = placeIn(places().root, path)
      return isWhole ? place.written : undefined
    },
  }
}
