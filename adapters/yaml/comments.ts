/** The comments of a YAML text. */
import { Lexer } from "yaml"

/** Every comment, from its `#` on, without white space at its end. */
export const commentsIn = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  let isText = false
  for (const token of new Lexer().lex(text)) {
    if (!isText && token.startsWith("#")) found.push(token.trimEnd())
    isText = token === beforeText
  }
  return found
}

/** The lexer's sign that a text without quotes comes next. */
const beforeText = "\u001f"
