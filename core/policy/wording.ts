/** What is wrong with the form of a policy, in the policy's own words, and without what may be a secret. */
import { parseResource } from "../bucket.ts"
import { checkBucketRef } from "../endpoint.ts"
import type { Finding } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import { redactText } from "../redact.ts"
import { idCharacters } from "../limits.ts"
import { strangerIn } from "./id-pattern.ts"
import { actionOfVerb, actions, leniencies } from "./policy.ts"

/** A finding about `value`, which is what stands at its path. */
export const worded = (finding: Finding, value: unknown): Finding => {
  const shape = finding.path.replace(/\[\d+\]/gu, "[]")
  const example = exampleOf(shape)
  if (finding.code === "required") {
    return example === undefined ? finding : { ...finding, allowed: example, fix: `${finding.fix}: ${example}` }
  }
  const such = example === undefined ? {} : { fix: `Write it in this form, such as ${example}` }
  const own = typeof value === "string" ? wordsOf[shape]?.(value) : undefined
  const { found, ...rest } = {
    ...finding,
    ...such,
    ...own,
    ...shape === "metrics" ? { allowed: metricsForm } : {},
    ...listWords(shape, value, example),
  }
  const isShown = found !== undefined && !isComposed(value) && harmless.test(shape)
  return isShown ? { ...rest, found: redactText(found) } : rest
}

/**
 * Where a wrong value may be repeated: nowhere that people put a token, a key or a JWT by mistake, nor at a place that
 * has such a place within, since what was meant for the one may stand at the other.
 */
const harmless =
  /^(?:version|timeoutSeconds|buckets\[\]|accept\[\]|principals\[\]\.(?:name|grants\[\]\..*)|(?:principals\[\]\.)?limits\..*|issuers\[\]\.(?!denied).*)$/u

const isComposed = (value: unknown): boolean => typeof value === "object" && value !== null

type Words = Partial<Pick<Finding, "code" | "message" | "allowed" | "fix">>

const listWords = (shape: string, value: unknown, example: string | undefined): Words =>
  lists.test(shape) && value !== null && !Array.isArray(value)
    ? { allowed: "a list", fix: `Write it as a list${example === undefined ? "" : `, such as ${example}`}` }
    : {}
const lists =
  /^(?:buckets|principals|issuers|accept|(?:principals\[\]|metrics)\.tokens|principals\[\]\.(?:keys|grants|grants\[\]\.(?:buckets|operations|ids|destinations))|issuers\[\]\.(?:audience|algorithms|denied))$/u

const tokenWords = (text: string): Words => {
  const [message, fix] = /^[0-9a-f]{64}$/iu.test(text)
    ? [
      "This is a token, or a hash without sha256: before it",
      "Write sha256: before a hash; of a token, put its hash here and the token nowhere",
    ]
    : /^sha256:[0-9a-f]{64}$/iu.test(text)
    ? ["The hash is not in lower case", "Write its letters in lower case"]
    : /^sha(?:256|-256|512|1)?[:=-]/iu.test(text)
    ? ["The hash has the wrong form", "Write the 64 digits that `sha256sum` prints behind sha256:"]
    : [
      "This looks like a token: put its hash here",
      "`proxy token new` makes one and prints its hash; one that there is goes through sha256sum, without a line end",
    ]
  return { code: "token-form", message, fix }
}

const bucketWords = (text: string): Words => {
  const resource = parseResource(text)
  if (resource !== undefined) {
    const { name, appid, region } = resource
    return { code: "bucket-form", fix: `Write ${name}-${appid}@${region}` }
  }
  const [wrong] = checkBucketRef(text)
  if (wrong !== undefined) return { code: wrong.code, message: wrong.message, fix: wrong.fix }
  return { code: "region-missing", message: "The bucket has no region", fix: `Write ${text}@<region>` }
}

const operationWords = (text: string): Words => ({
  code: "operation-unknown",
  message: "The operation is unknown",
  allowed: `${Object.keys(actionOfVerb).join(", ")}; or ${actions.join(", ")}`,
  fix: text.includes("*")
    ? "Name each operation: there are no patterns here"
    : meant(text, [...Object.keys(actionOfVerb), ...actions]) ?? "Name one of these, such as list",
})

/** Any other character a pattern may hold: that is a warning. */
const idWords = (text: string): Words => {
  const stranger = strangerIn(text)
  return stranger === undefined
    ? {}
    : { message: `No id holds ${JSON.stringify(stranger)}`, allowed: `${idCharacters}, with * and ?` }
}

const destinationWords = (text: string): Words => {
  const resource = parseResource(text)
  return {
    code: "destination-form",
    ...(resource !== undefined
      ? { fix: `Write ${resource.name}-${resource.appid}@${resource.region}` }
      : text.startsWith("cos://")
      ? { fix: `Write ${text.slice("cos://".length)}` }
      : {}),
  }
}

const meant = (text: string, known: Iterable<string>): string | undefined => {
  const near = nearest(text, known)
  return near === undefined ? undefined : `Did you mean "${near}"?`
}

const wordsOf: Readonly<Record<string, (text: string) => Words>> = {
  "buckets[]": bucketWords,
  "principals[].tokens[]": tokenWords,
  "metrics.tokens[]": tokenWords,
  "principals[].keys[]": () => ({
    code: "key-form",
    message: "This is no secret id of a virtual key",
    fix: "Write the secret id that `proxy key new` prints, and its secret key nowhere",
  }),
  "principals[].grants[].operations[]": operationWords,
  "principals[].grants[].destinations[]": destinationWords,
  "principals[].grants[].ids[]": idWords,
  "accept[]": (text) => ({ fix: meant(text, leniencies) ?? `Name one of these, such as ${leniencies[0]}` }),
}

/** Of a list, one with such an item. */
const exampleOf = (shape: string): string | undefined => {
  const own = examples[shape] ?? examples[shape.replace(/^principals\[\]\.(?=limits)/u, "")]
  const item = own ?? examples[`${shape}[]`]
  return own === undefined && item !== undefined ? `[${item}]` : item
}

const metricsForm = "open, or { tokens: [sha256:…] }"
const grant = '{ buckets: ["*"] }'
const issuer = "https://issuer.example.com"

/** Nothing that redaction would take for a secret. */
const examples: Readonly<Record<string, string>> = {
  version: "1",
  endpoint: "https://{bucket}.cos.{region}.myqcloud.com",
  "buckets[]": "examplebucket-1250000000@ap-guangzhou",
  "principals[]": `{ name: reader, grants: [${grant}] }`,
  "principals[].name": "reader",
  "principals[].keys[]": "ci-key-1",
  "principals[].tokens[]": "sha256:…",
  "principals[].jwt": `{ issuer: ${issuer}, claims: { sub: ci } }`,
  "principals[].jwt.issuer": issuer,
  "principals[].jwt.claims": "{ sub: ci }",
  "principals[].grants[]": grant,
  "principals[].grants[].buckets[]": '"*"',
  "principals[].grants[].operations[]": "get",
  "principals[].grants[].ids[]": '"ci-*"',
  "principals[].grants[].destinations[]": '"examplebucket-1250000000/ci/*"',
  limits: "{ runsPerDay: 5 }",
  "issuers[].issuer": issuer,
  "issuers[].audience[]": "cos-proxy",
  "issuers[].jwks": `${issuer}/keys`,
  "issuers[].algorithms[]": "RS256",
  "issuers[].header": "Cf-Access-Jwt-Assertion",
  "accept[]": leniencies[0],
  timeoutSeconds: "30",
  metrics: "open",
  "metrics.tokens[]": "sha256:…",
}
