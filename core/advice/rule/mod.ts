/** Advice about one rule: what COS would take, and its author would probably not want. */
import type { AdviceContext, Row } from "../../lint/mod.ts"
import { destinationAdvice } from "./destination.ts"
import { filterAdvice } from "./filter.ts"
import { reportAdvice } from "./report.ts"

export const adviceRows: ReadonlyArray<Row<AdviceContext>> = [...reportAdvice, ...filterAdvice, ...destinationAdvice]
