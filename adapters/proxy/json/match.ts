/** Which route a request is for. Everything is read from the target as it was sent. */
import { parseBucket } from "../../../core/bucket.ts"
import { idCharacters, idPattern } from "../../../core/limits.ts"
import { problemIn } from "../../../core/form-finding.ts"
import { type Finding, shown } from "../../../core/lint/mod.ts"
import { didYouMean } from "../../../core/lint/nearest.ts"
import { readTarget } from "../../../core/wire/target.ts"
import { type Route, type RouteName, routeNames, routeOf } from "./routes.ts"

export type Match =
  | { readonly _tag: "Nothing" }
  /** The path is there; these are its methods. */
  | { readonly _tag: "OtherMethod"; readonly allowed: ReadonlyArray<string> }
  | {
    readonly _tag: "Route"
    readonly name: RouteName
    readonly bucket?: string
    readonly id?: string
    readonly query: ReadonlyMap<string, string>
    /** What is wrong with segments and parameters. */
    readonly findings: ReadonlyArray<Finding>
  }

export const matchOf = (method: string, target: string): Match => {
  const segments = target.split("?", 1)[0]!.split("/")
  const here = routeNames.filter((name) => isAt(routeOf(name).path.split("/"), segments))
  if (here.length === 0) return { _tag: "Nothing" }
  const name = here.find((name) => routeOf(name).method === (method === "HEAD" ? "GET" : method))
  if (name === undefined) return { _tag: "OtherMethod", allowed: methodsOf(here) }
  const route = routeOf(name)
  const findings: Array<Finding> = []
  const variables = variablesIn(route, segments, findings)
  return { _tag: "Route", name, ...variables, query: queryIn(route, target, findings), findings }
}

/** A variable takes any segment but an empty one; text takes itself alone, however else it could be escaped. */
const isAt = (template: ReadonlyArray<string>, segments: ReadonlyArray<string>): boolean =>
  template.length === segments.length &&
  template.every((part, i) => isVariable(part) ? segments[i] !== "" : part === segments[i])

const isVariable = (part: string): boolean => part.startsWith("{")

const methodsOf = (names: ReadonlyArray<RouteName>): ReadonlyArray<string> => [
  ...names.flatMap((name) => routeOf(name).method === "GET" ? ["GET", "HEAD"] : [routeOf(name).method]),
  "OPTIONS",
]

const variablesIn = (
  { path }: Route,
  segments: ReadonlyArray<string>,
  findings: Array<Finding>,
): { readonly bucket?: string; readonly id?: string } => {
  const found: { bucket?: string; id?: string } = {}
  for (const [i, part] of path.split("/").entries()) {
    if (!isVariable(part)) continue
    const name = part === "{bucket}" ? "bucket" : "id"
    const text = decoded(segments[i]!)
    if (text !== undefined && (name === "bucket" ? isBucket(text) : isId(text))) found[name] = text
    else findings.push(malformed[name](text ?? segments[i]!))
  }
  return found
}

/** Undefined for an escape that is none, or is not UTF-8: nobody else must read another name in it. */
const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

const isBucket = (text: string): boolean => parseBucket(text) !== undefined

/** What stands between the proxy and its callers may take a segment of dots for the way up, escaped or not (RFC 3986, 5.2.4). */
const isId = (text: string): boolean => idPattern.test(text) && text !== "." && text !== ".."

const wrong = (path: string, message: string, found: string, allowed: string, fix: string): Finding =>
  problemIn("/openapi.json")("request-form", path, message, allowed, fix, found)

const malformed = {
  bucket: (found: string) =>
    wrong("bucket", "The path names no bucket", found, "<name>-<appid>", "Write the full name of the bucket"),
  id: (found: string) =>
    wrong("id", "The path names no id", found, `${idCharacters}, other than . and ..`, "Write the id of a rule"),
}

const queryIn = (route: Route, target: string, findings: Array<Finding>): ReadonlyMap<string, string> => {
  const query = new Map<string, string>()
  for (const [name, value] of readTarget(target).parameters) {
    const isKnown = (route.query as ReadonlyArray<string>).includes(name)
    const fault = !isKnown
      ? unknown(name, route)
      : query.has(name)
      ? wrong(name, "The parameter stands twice", value, "each parameter once", "Remove one of them")
      : value === "" || value.length > longest
      ? wrong(name, "The parameter has no value that can be used", value, `1 to ${longest} characters`, "Correct it")
      : name === "bucket" && !isBucket(value)
      ? malformed.bucket(value)
      : undefined
    if (fault === undefined) query.set(name, value)
    else findings.push(fault)
  }
  return query
}

/** Far longer than any token of COS's that was seen. */
const longest = 4096

const unknown = (name: string, { query }: Route): Finding =>
  wrong(
    shown(name),
    "The parameter is unknown here",
    name,
    query.length === 0 ? "no parameter" : query.join(", "),
    `Remove it${didYouMean(name, query)}`,
  )
