/** Why something failed, in the few words that a table has room for; the whole is said on standard error. */
import { quotedLine } from "../../core/redact.ts"
import type { Failing } from "../failure.ts"

export const reasonText = (error: Failing): string => quotedLine(plainReason(error))

const plainReason = (error: Failing): string => {
  switch (error._tag) {
    case "CosError":
      return `${error.code} (status ${error.status})`
    case "UnexpectedAnswer":
      return `${error.problem} (status ${error.status})`
    case "TransportError":
      return `no answer from ${error.host}`
    case "InvalidInput":
      return error.findings[0]?.message ?? "invalid input"
    case "ConfigError":
    case "Refusal":
      return error.problem
  }
}
