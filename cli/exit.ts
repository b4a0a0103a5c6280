/** The one table of exit codes, and which failure ends with which. */
import type { Reason } from "../core/codes.ts"
import type { Failing } from "./failure.ts"
import type { World } from "./world.ts"

export const exits = {
  done: 0,
  failure: 1,
  pending: 2,
  notFound: 3,
  denied: 4,
  invalid: 5,
  unavailable: 6,
  conflict: 7,
  partial: 8,
  usage: 64,
  interrupted: 130,
  terminated: 143,
} as const

/** 130 for SIGINT is Effect's own; a program that was told to end says 143, as a shell expects. */
export const exitOfSignal = (signal: World["signal"]): number =>
  signal === "SIGTERM" ? exits.terminated : exits.interrupted

const byReason: Readonly<Record<Reason, number>> = {
  "not-found": exits.notFound,
  denied: exits.denied,
  signature: exits.denied,
  clock: exits.denied,
  invalid: exits.invalid,
  conflict: exits.conflict,
  full: exits.conflict,
  throttled: exits.unavailable,
  unavailable: exits.unavailable,
  redirect: exits.failure,
  unsupported: exits.failure,
  unknown: exits.failure,
}

export const exitOf = (error: Failing): number => {
  switch (error._tag) {
    case "InvalidInput":
      return exits.invalid
    case "ConfigError":
      return error.missingCredentials === true ? exits.denied : exits.invalid
    case "TransportError":
      return exits.unavailable
    case "UnexpectedAnswer":
      // A page that is not COS's says nothing of the rule, whatever its status
      return isAboutRules(error.reason) && error.excerpt !== "" ? exits.failure : byReason[error.reason]
    case "CosError":
      return byReason[error.reason]
    case "Refusal":
      return error.exit
  }
}

const isAboutRules = (reason: Reason): boolean => reason === "not-found" || reason === "conflict"
