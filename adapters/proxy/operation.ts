/** The operations of a proxy by the names that logs, metrics and spans have for them. */
import { type Action, actions } from "../../core/policy/mod.ts"

/** What a door answers by itself. */
const own = ["Health", "Metrics", "GetService", "Lint", "Plan", "OpenApi", "Docs"] as const

export type OperationName = Action | (typeof own)[number] | "other"

/** A request can name anything; what is none of these is `other`. */
export const operationName = (told: string | undefined): OperationName =>
  names.has(told) ? told as OperationName : "other"

const names: ReadonlySet<string | undefined> = new Set([...actions, ...own])
