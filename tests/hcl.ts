/**
 * A reader of the little HCL that `export --to terraform` writes, made from the native syntax specification alone, so
 * that what it reads is what Terraform would.
 */
import { strict as assert } from "node:assert"

export interface Block {
  readonly type: string
  readonly labels: ReadonlyArray<string>
  readonly attributes: Readonly<Record<string, unknown>>
  readonly blocks: ReadonlyArray<Block>
}

export const readHcl = (text: string): ReadonlyArray<Block> => {
  const tokens = tokensOf(text)
  let at = 0
  const next = (): string => {
    const token = tokens[at++]
    assert.notEqual(token, undefined, "the text ends too early")
    return token!
  }
  const valueOf = (token: string): unknown => {
    if (token === "[") {
      const items: Array<unknown> = []
      while (tokens[at] !== "]") {
        items.push(valueOf(next()))
        if (tokens[at] === ",") at++
      }
      at++
      return items
    }
    return token.startsWith('"') ? stringOf(token) : { reference: token }
  }
  const body = (end: string | undefined) => {
    const attributes: Record<string, unknown> = {}
    const blocks: Array<Block> = []
    while (tokens[at] !== end) {
      const name = next()
      assert.match(name, /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u)
      if (tokens[at] === "=") {
        at++
        assert.equal(Object.hasOwn(attributes, name), false, `${name} stands twice`)
        attributes[name] = valueOf(next())
        continue
      }
      const labels: Array<string> = []
      while (tokens[at] !== "{") labels.push(stringOf(next()))
      at++
      blocks.push({ type: name, labels, ...body("}") })
      at++
    }
    return { attributes, blocks }
  }
  const { attributes, blocks } = body(undefined)
  assert.deepEqual(attributes, {})
  return blocks
}

const token = /\s+|#[^\n]*|(?<token>[\p{ID_Start}_][\p{ID_Continue}.-]*|[={}[\],]|"(?:[^"\\\n]|\\.)*")/uy

const tokensOf = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const from = token.lastIndex
    const match = token.exec(text)
    assert.notEqual(match, null, `no token at ${JSON.stringify(text.slice(from, from + 40))}`)
    if (match!.groups!["token"] !== undefined) found.push(match!.groups!["token"])
  }
  return found
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" }

/** What a quoted template without any template in it says; strict where the specification leaves no choice. */
export const stringOf = (quoted: string): string => {
  assert.match(quoted, /^"[^]*"$/u)
  const inner = quoted.slice(1, -1)
  assert.doesNotMatch(inner, /[\p{Cc}\p{Cf}\u2028\u2029]/u, "an unseen character stands in the text")
  let out = ""
  for (let at = 0; at < inner.length;) {
    const rest = inner.slice(at)
    const escape = /^\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\]))/u.exec(rest)
    if (escape !== null) {
      const code = escape[1] ?? escape[2]
      out += code === undefined ? escapes[escape[3]!] : String.fromCodePoint(Number.parseInt(code, 16))
      at += escape[0].length
    } else if (/^(?:\$\$|%%)\{/u.test(rest)) {
      out += rest.slice(1, 3)
      at += 3
    } else {
      assert.doesNotMatch(rest, /^[$%]\{/u, "a template begins")
      assert.notEqual(rest[0], "\\", "an unknown escape")
      assert.notEqual(rest[0], '"', "a quote inside")
      out += rest[0]
      at++
    }
  }
  return out.normalize("NFC")
}
