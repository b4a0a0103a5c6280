/** Values on one line of a YAML or JSON text. */
import { parse, type Scalar } from "yaml"
import { escapeSteering } from "../../core/redact.ts"

/** A value on one line, quoted as the one before it was, as far as that can hold it. */
export const inlineOf = (value: unknown, form: "json" | "yaml", before?: Scalar): string => {
  if (form === "json") return jsonOf(value)
  if (typeof value !== "string") return flowOf(value)
  if (before?.type === "QUOTE_DOUBLE") return jsonOf(value)
  if (before?.type === "QUOTE_SINGLE" && /^[\P{C}]*$/u.test(value)) return `'${value.replaceAll("'", "''")}'`
  return flowOf(value)
}

const jsonOf = (value: unknown): string => escapeSteering(JSON.stringify(value))

const flowOf = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flowOf).join(", ")}]`
  if (typeof value === "object" && value !== null) {
    return `{ ${Object.entries(value).map(([key, inner]) => `${key}: ${flowOf(inner)}`).join(", ")} }`
  }
  return typeof value === "string" && isPlain(value) ? value : jsonOf(value)
}

/** Text that means itself without quotes, wherever it stands. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z][\w./$-]*$/u.test(text) && [parse(text), parse(text, { version: "1.1" })].every((read) => read === text)
