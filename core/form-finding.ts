/** What is said of a value that is not as a form has it, whatever reads the form. */
import { type Finding, shown } from "./lint/finding.ts"
import { completed } from "./lint/nearest.ts"
import { unknownKey } from "./wire/json.ts"

/** Makes findings; `source` says where the form is described. */
export const problemIn =
  (source: string) =>
  (code: string, path: string, message: string, allowed: string, fix: string, found?: unknown): Finding => ({
    code,
    severity: "error",
    path,
    message,
    ...(found === undefined ? {} : { found: shown(found) }),
    allowed,
    fix,
    source,
  })

export const wrongForm = (source: string, path: string, allowed: string, found: unknown): Finding =>
  problemIn(source)("wrong-type", path, "The value has the wrong form", allowed, "Write it in this form", found)

/** `what` is the name of a member, or what else is missing. */
export const missing = (source: string, path: string, what: string): Finding =>
  problemIn(source)("required", path, "The value is missing", "a value", `Add ${what}`)

/** The beginning of one name alone is taken for it. */
export const unknownMember = (source: string, path: string, key: string, names: ReadonlyArray<string>): Finding => {
  const meant = completed(key, names)
  return { ...unknownKey(key, path, names, meant === undefined ? undefined : `Did you mean "${meant}"?`), source }
}
