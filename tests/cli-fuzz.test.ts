import { strict as assert } from "node:assert"
import { test } from "node:test"
import { invoke } from "./cli.ts"
import { dice } from "./generated.ts"

const pieces = [
  "<",
  ">",
  "&",
  "</",
  "{",
  "}",
  "[",
  "]",
  ":",
  '"',
  "'",
  "\n",
  "- ",
  "\0",
  "\uFEFF",
  "<!--",
  "]]>",
  "<![CDATA[",
  "&#x0;",
  "*a",
  "&a ",
  "<<: ",
  "!!js ",
  "1e999",
  "__proto__",
  "%",
  "\u{1F600}",
  "\uD800",
]

const mutated = (text: string, pick: (below: number) => number): Uint8Array => {
  let out = text
  for (let times = 1 + pick(4); times > 0; times--) {
    const at = pick(out.length)
    const to = at + pick(30)
    const kind = pick(5)
    out = kind === 0
      ? out.slice(0, at) + out.slice(to)
      : kind === 1
      ? out.slice(0, at) + pieces[pick(pieces.length)] + out.slice(at)
      : kind === 2
      ? out.slice(0, to) + out.slice(at, to).repeat(1 + pick(3)) + out.slice(to)
      : kind === 3
      ? out.slice(0, at)
      : out.slice(0, at) + String.fromCharCode(pick(256)) + out.slice(at + 1)
  }
  const bytes = new TextEncoder().encode(out)
  if (pick(10) === 0 && bytes.length > 0) bytes[pick(bytes.length)] = pick(256)
  return bytes
}

for (const [seed, form] of (["xml", "json", "yaml"] as const).entries()) {
  test(`The command line ends with 0 or 5 and a clear word when ${form} rules are mutated`, async () => {
    const pick = dice(seed + 1)
    const texts = [
      (await invoke(["get", "list2", "--demo", "-o", form])).out,
      (await invoke(["list", "--demo", "-o", form])).out,
    ]
    let refused = 0
    for (let i = 0; i < 250; i++) {
      const stdin = mutated(texts[i % 2]!, pick)
      const command = [["validate", "-"], ["fmt", "-"], ["put", "-", "--demo"], [
        "put",
        "-",
        "--demo",
        "--dry-run",
      ]][i % 4]!
      const { code, out, err } = await invoke(command, { stdin })
      const said = `${command.join(" ")} of ${JSON.stringify(new TextDecoder().decode(stdin))}: ${code}\n${out}\n${err}`
      assert.ok(code === 0 || code === 5, said)
      assert.doesNotMatch(err, /Unexpected failure|\n\s+at .*:\d+:\d+/u, said)
      if (code === 5) refused++
    }
    assert.ok(refused > 50, "mutations that are never refused prove nothing")
  })
}
