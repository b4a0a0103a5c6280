/** What is wrong with the form of a policy, in the policy's own words, and without what may be a secret. */
import { parseResource } from "../bucket.ts"
import { checkBucketRef } from "../endpoint.ts"
import type { Finding } from "../lint/finding.ts"
import { nearest } from "../lint/nearest.ts"
import { redactText } from "../redact.ts"
import { actionOfVerb, actions, leniencies } from "./policy.ts"

/** A finding about `value`, which is what stands at its path. */
export const told = (finding: Finding, value: unknown): Finding => {
  if (finding.code !== "wrong-type") return finding
  const shape = finding.path.replace(/\[\d+\]/gu, "[]")
  const own = typeof value === "string" ? wordsOf[shape]?.(value) : undefined
  const { found, ...rest } = { ...finding, ...own, ...listWords(shape, value) }
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

const listWords = (shape: string, value: unknown): Words =>
  lists.test(shape) && value !== null && !Array.isArray(value) ? { allowed: "a list", fix: "Write it as a list" } : {}
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
      "`proxy token new` prints a token and its hash; of a token that there is, printf %s <token> | sha256sum",
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
    : meant(text, [...Object.keys(actionOfVerb), ...actions]) ?? "Name one of these",
})

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
  "accept[]": (text) => ({ fix: meant(text, leniencies) ?? "Name one of these" }),
}
