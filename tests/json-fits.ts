/** Values held against JSON Schemas: as much of draft 2020-12 as this project's own schemas use, and no more. */
type Json = Readonly<Record<string, unknown>>

/** Where a value does not fit; fails at a keyword that it does not know. */
export const misfits = (schema: Json, value: unknown, root: unknown, at = "$"): ReadonlyArray<string> => {
  const keywords = Object.entries(schema).filter(([name]) => !silent.has(name))
  return keywords.flatMap(([name, given]) => {
    const check = checks[name]
    if (check === undefined) throw new Error(`unknown keyword ${name} at ${at}`)
    return check(given, value, { schema, root, at })
  })
}

const silent: ReadonlySet<string> = new Set([
  "description",
  "title",
  "default",
  "properties",
  "patternProperties",
  "examples",
])

interface Place {
  readonly schema: Json
  readonly root: unknown
  readonly at: string
}
type Check = (given: unknown, value: unknown, place: Place) => ReadonlyArray<string>

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value

const resolved = (reference: string, root: unknown): Json => {
  let found: unknown = root
  for (const part of reference.replace("#/", "").split("/")) found = (found as Json)[part]
  if (!isObject(found)) throw new Error(`${reference} leads nowhere`)
  return found
}

const checks: Readonly<Record<string, Check>> = {
  $ref: (given, value, { root, at }) => misfits(resolved(String(given), root), value, root, at),
  type: (given, value, { at, schema, root }) => {
    const type = typeOf(value)
    if (type !== given && !(given === "number" && type === "integer")) return [`${at} is ${type}, not ${given}`]
    return isObject(value) ? members(value, schema, root, at) : []
  },
  required: (given, value, { at }) =>
    isObject(value)
      ? (given as ReadonlyArray<string>).filter((name) => !Object.hasOwn(value, name)).map((name) =>
        `${at} lacks ${name}`
      )
      : [],
  additionalProperties: (given, value, { schema, at }) => {
    if (given !== false || !isObject(value)) return []
    const known = Object.keys((schema["properties"] ?? {}) as Json)
    const patterns = Object.keys((schema["patternProperties"] ?? {}) as Json).map((one) => new RegExp(one, "u"))
    return Object.keys(value).filter((name) => !known.includes(name) && !patterns.some((one) => one.test(name)))
      .map((name) => `${at} has ${name}`)
  },
  items: (given, value, { root, at }) =>
    Array.isArray(value) ? value.flatMap((item, i) => misfits(given as Json, item, root, `${at}[${i}]`)) : [],
  prefixItems: () => [],
  minItems: (given, value, { at }) =>
    Array.isArray(value) && value.length < Number(given) ? [`${at} is too short`] : [],
  enum: (given, value, { at }) =>
    (given as ReadonlyArray<unknown>).includes(value) ? [] : [`${at} is none of ${given}`],
  const: (given, value, { at }) => given === value ? [] : [`${at} is not ${given}`],
  pattern: (given, value, { at }) =>
    typeof value === "string" && !new RegExp(String(given), "u").test(value) ? [`${at} is not like ${given}`] : [],
  minimum: (given, value, { at }) => typeof value === "number" && value < Number(given) ? [`${at} is too small`] : [],
  maximum: (given, value, { at }) => typeof value === "number" && value > Number(given) ? [`${at} is too great`] : [],
  anyOf: (given, value, { root, at }) => {
    const all = (given as ReadonlyArray<Json>).map((one) => misfits(one, value, root, at))
    return all.some((one) => one.length === 0) ? [] : [`${at} fits none: ${all.flat().join("; ")}`]
  },
  allOf: (given, value, { root, at }) => (given as ReadonlyArray<Json>).flatMap((one) => misfits(one, value, root, at)),
}

const members = (value: Json, schema: Json, root: unknown, at: string): ReadonlyArray<string> =>
  Object.entries((schema["properties"] ?? {}) as Readonly<Record<string, Json>>).flatMap(([name, inner]) =>
    Object.hasOwn(value, name) ? misfits(inner, value[name], root, `${at}.${name}`) : []
  )
