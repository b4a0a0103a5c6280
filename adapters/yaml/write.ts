/** Values as YAML text. */
import { Document, visit } from "yaml"
import { escapeSteering, holdsSteering } from "../../core/redact.ts"

/** A value as YAML, keys in their order, nothing folded, and nothing in it that could steer a terminal. */
export const writeYaml = (value: unknown): string => {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string" && holdsSteering(node.value)) node.type = "QUOTE_DOUBLE"
    },
  })
  return escapeSteering(
    document.toString({ lineWidth: 0, blockQuote: false, doubleQuotedMinMultiLineLength: Infinity }),
  )
}
