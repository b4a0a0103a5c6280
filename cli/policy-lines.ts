/** What to add to a policy, in YAML. */
import { escapeSteering } from "../core/redact.ts"

/** A name in the quotation marks of JSON is one in YAML too. */
export const policyLines = (principal: string | undefined, list: "tokens" | "keys", value: string): string =>
  principal === undefined
    ? `    ${list}: [ "${value}" ]`
    : `  - name: ${escapeSteering(JSON.stringify(principal))}\n    ${list}: [ "${value}" ]`
