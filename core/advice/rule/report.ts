/** Advice about what is reported, and whether anything is. */
import type { AdviceContext, Row } from "../../lint/mod.ts"

export const reportAdvice: ReadonlyArray<Row<AdviceContext>> = [
  {
    code: "rule-disabled",
    severity: "info",
    message: "The rule is disabled",
    why: "It makes no report, and counts towards the 1000 rules of a bucket all the same",
    source: "page 30625",
    *check({ isEnabled }, { kind }) {
      if (isEnabled !== false || kind === "job") return
      yield { path: "isEnabled", found: false, allowed: "true, for reports", fix: "Enable it, or remove the rule" }
    },
  },
  {
    code: "fields-none",
    severity: "info",
    message: "The report holds the names of objects and nothing else",
    why: "Without optional fields nobody learns sizes, times or storage classes from the report",
    source: "page 30625: the other columns are optional fields",
    isAboutAbsence: true,
    *check({ optionalFields: fields = [] }, { kind }) {
      if (fields.length > 0) return
      const fix = `Add optionalFields, such as Size and LastModifiedDate${kind === "job" ? ", before it runs" : ""}`
      yield { path: "optionalFields", allowed: "the fields that the readers of the report need", fix }
    },
  },
]
