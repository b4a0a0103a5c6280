/** The CORS rules of a bucket as documents (pages 8279, 8274 and 8283). */
import { childrenNamed, container, declaration, type Element, leaf } from "../../../core/wire/xml/mod.ts"
import { tooLarge } from "../../answer.ts"
import { malformed } from "../assumptions.ts"
import type { RefusalWithText } from "../checks.ts"
import { readDocument, strangerIn, textsIn } from "../document.ts"
import type { Facts } from "../facts.ts"
import { type Done, isRefusal, type Operation } from "../operation.ts"
import { bucketAttributes, type CorsRule } from "../../store/mod.ts"
import { corsValue, noCors, withoutPart } from "./assumptions.ts"

const shared = { at: "Bucket", needs: ["cors"], takes: [] } as const

export const cors: ReadonlyArray<Operation> = [
  {
    ...shared,
    name: "PutBucketCORS",
    method: "PUT",
    body: "document",
    source: "page 8279",
    perform: (facts) => put(facts),
  },
  {
    ...shared,
    name: "GetBucketCORS",
    method: "GET",
    body: "none",
    source: "page 8274",
    perform: (facts) => {
      const rules = facts.bucket().cors
      return rules.length === 0
        ? noCors
        : { status: 200, body: declaration + container(root, rules.map(ruleXml).join("")) }
    },
  },
  {
    ...shared,
    name: "DeleteBucketCORS",
    method: "DELETE",
    body: "none",
    source: "page 8283",
    perform: (facts) => ({ status: 204, changes: [putRules(facts, [])] }),
  },
]

const root = "CORSConfiguration"

/** Page 8279. */
const maxBytes = 64 * 1024
/** Page 8279. */
const maxRules = 100
/** Page 8279. */
const methods: ReadonlySet<string> = new Set(["GET", "PUT", "HEAD", "POST", "DELETE"])

const put = (facts: Facts): Done | RefusalWithText => {
  if (facts.document.byteLength > maxBytes) return tooLarge
  const document = readDocument(facts, root)
  if (isRefusal(document)) return document
  const stranger = strangerIn(document, new Set(["CORSRule", "ResponseVary"]))
  if (stranger !== undefined) return malformed(`${stranger} is not known`)
  // Page 8279: false is the default
  if (textsIn(document, "ResponseVary").some((text) => text.toLowerCase() !== "false")) {
    return withoutPart("PutBucketCORS", "ResponseVary true")
  }
  const elements = childrenNamed(document, "CORSRule")
  if (elements.length === 0) return malformed("a CORSRule is missing")
  if (elements.length > maxRules) return corsValue(`There can be at most ${maxRules} CORSRules.`)
  const rules: Array<CorsRule> = []
  for (const element of elements) {
    const rule = ruleOf(element)
    if (isRefusal(rule)) return rule
    rules.push(rule)
  }
  return { status: 200, changes: [putRules(facts, rules)] }
}

const putRules = (facts: Facts, rules: ReadonlyArray<CorsRule>) =>
  ({ _tag: "BucketPut", bucket: { ...bucketAttributes(facts.bucket()), cors: rules } }) as const

const names = {
  id: "ID",
  origins: "AllowedOrigin",
  methods: "AllowedMethod",
  headers: "AllowedHeader",
  exposed: "ExposeHeader",
  maxAgeSeconds: "MaxAgeSeconds",
} as const

const ruleOf = (element: Element): CorsRule | RefusalWithText => {
  const stranger = strangerIn(element, new Set(Object.values(names)))
  if (stranger !== undefined) return malformed(`${stranger} is not known`)
  const [ids, ages] = [textsIn(element, names.id), textsIn(element, names.maxAgeSeconds)]
  if (ids.length > 1 || ages.length > 1) return malformed("an ID or a MaxAgeSeconds is repeated")
  const [id] = ids
  // The Python and Go SDKs write an element for what they were not given
  const [age] = ages.filter((text) => text !== "")
  const rule = {
    origins: textsIn(element, names.origins),
    methods: textsIn(element, names.methods),
    headers: textsIn(element, names.headers),
    exposed: textsIn(element, names.exposed),
  }
  const wrong = wrongValue(rule, age)
  return wrong === undefined
    ? {
      ...rule,
      ...(id === undefined ? {} : { id }),
      ...(age === undefined ? {} : { maxAgeSeconds: Number(age) }),
    }
    : wrong
}

const wrongValue = (rule: CorsRule, age: string | undefined): RefusalWithText | undefined => {
  if (rule.origins.length === 0) return malformed("an AllowedOrigin is missing")
  if (rule.methods.length === 0) return malformed("an AllowedMethod is missing")
  const origin = rule.origins.find((text) => text === "" || text.split("*").length > 2)
  if (origin !== undefined) return corsValue(`AllowedOrigin can have only one wildcard and not be empty: "${origin}".`)
  const method = rule.methods.find((text) => !methods.has(text))
  if (method !== undefined) return corsValue(`AllowedMethod must be one of ${[...methods].join(", ")}: "${method}".`)
  const exposed = rule.exposed.find((text) => !headerName.test(text))
  if (exposed !== undefined) return corsValue(`ExposeHeader must be the name of a header: "${exposed}".`)
  return age === undefined || /^\d{1,9}$/u.test(age)
    ? undefined
    : corsValue(`MaxAgeSeconds must be an integer: "${age}".`)
}

/** What `Access-Control-Expose-Headers` can hold: a token of HTTP (RFC 9110). An empty element names none. */
const headerName = /^[!#$%&'*+.^_`|~A-Za-z0-9-]*$/u

const ruleXml = (rule: CorsRule): string =>
  container(
    "CORSRule",
    leaf(names.id, rule.id) + leaves(names.origins, rule.origins) + leaves(names.methods, rule.methods) +
      leaves(names.headers, rule.headers) + leaves(names.exposed, rule.exposed) +
      leaf(names.maxAgeSeconds, rule.maxAgeSeconds),
  )

const leaves = (name: string, texts: ReadonlyArray<string>): string => texts.map((text) => leaf(name, text)).join("")
