/**
 * The profile file's YAML, each profile checked key by key when it is asked for.
 *
 * The tree is walked to its known depth instead of being turned into values, so that every problem has its line and
 * aliases cannot multiply. Messages quote names, never values: any value may be a secret in the wrong place.
 */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml"
import { ConfigError } from "../../core/errors.ts"
import { didYouMean } from "../../core/lint/nearest.ts"
import { faultText } from "../yaml/mod.ts"
import type { Command } from "./process.ts"

export interface Entry {
  readonly secretId?: Redacted.Redacted<string>
  readonly secretKey?: Redacted.Redacted<string>
  readonly sessionToken?: Redacted.Redacted<string>
  readonly proxyToken?: Redacted.Redacted<string>
  readonly proxyUrl?: string
  readonly endpoint?: string
  readonly region?: string
  readonly bucket?: string
  /** As `--timeout` takes it. */
  readonly timeout?: string
  readonly credentialProcess?: Command
}

export interface Profiles {
  readonly names: ReadonlyArray<string>
  /** The keys of one profile, undefined when there is none of that name. A slip in another does not matter. */
  readonly entry: (name: string) => Effect.Effect<Entry | undefined, ConfigError>
  /** The file's `default`. */
  readonly fallback: string | undefined
}

/** Every key of a profile and what its value is. */
const keys = {
  secretId: "secret",
  secretKey: "secret",
  sessionToken: "secret",
  proxyToken: "secret",
  proxyUrl: "text",
  endpoint: "text",
  region: "text",
  bucket: "text",
  timeout: "text",
  credentialProcess: "command",
} as const satisfies Readonly<Record<keyof Entry, "secret" | "text" | "command">>

export const readProfiles = (file: string, bytes: Uint8Array): Effect.Effect<Profiles, ConfigError> =>
  attempt(file, () => read(file, bytes))

const attempt = <A>(file: string, read: () => A): Effect.Effect<A, ConfigError> =>
  Effect.try({
    try: read,
    catch: (cause) => {
      if (cause instanceof ConfigError) return cause
      return new ConfigError({ source: file, problem: "The profile file cannot be read as YAML", fix: shape })
    },
  })

const shape = "Write it as `profiles: { <name>: { secretId: ..., secretKey: ... } }`"

const read = (file: string, bytes: Uint8Array): Profiles => {
  const lines = new LineCounter()
  const document = parseDocument(decoded(file, bytes), {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
  })
  const fail = (at: number | undefined, problem: string, fix: string) => {
    const { line, col } = lines.linePos(at ?? 0)
    return new ConfigError({ source: at === undefined ? file : `${file}:${line}:${col}`, problem, fix })
  }
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) throw fail(fault.pos[0], faultText(fault.code, fault.message), shape)

  const placeOf = (node: unknown) => (node as Node | undefined)?.range?.[0]
  const resolved = (node: unknown): Node | undefined => {
    if (!isAlias(node)) return (node ?? undefined) as Node | undefined
    const found = node.resolve(document)
    if (found === undefined) throw fail(placeOf(node), "This alias has no anchor before it", "Name the anchor first")
    return found
  }
  const isNothing = (node: Node | undefined) => node === undefined || (isScalar(node) && node.value === null)

  const membersOf = (
    node: unknown,
    what: string,
  ): ReadonlyArray<readonly [string, Node | undefined, number | undefined]> => {
    const map = resolved(node)
    if (isNothing(map)) return []
    if (!isMap(map)) throw fail(placeOf(node), `${what} is not a mapping`, shape)
    return map.items.map(({ key, value }) => {
      const name = isScalar(key) ? key.value : undefined
      if (typeof name !== "string") throw fail(placeOf(key), `A name in ${what} is not text`, "Put it in quotes")
      return [name, value as Node | undefined, placeOf(key)] as const
    })
  }
  const textOf = (given: Node | undefined, name: string, at: number | undefined): string | undefined => {
    const node = resolved(given)
    if (isNothing(node)) return undefined
    if (isScalar(node) && typeof node.value === "string") return node.value === "" ? undefined : node.value
    const kind = isScalar(node) ? typeof node.value : isSeq(node) ? "list" : "mapping"
    const fix = isScalar(node) ? `Put quotes around the value of ${name}` : `Write ${name} as text`
    throw fail(placeOf(node) ?? at, `${name} is a ${kind}, where text belongs`, fix)
  }
  const commandOf = (given: Node | undefined, at: number | undefined): Command | undefined => {
    const node = resolved(given)
    if (!isSeq(node)) return textOf(node, "credentialProcess", at)
    return node.items.map((item) => {
      const word = resolved(item)
      return isScalar(word) && word.value === "" ? "" : textOf(word, "A word of credentialProcess", at) ?? ""
    })
  }
  const unknownKey = (name: string, at: number | undefined, known: ReadonlyArray<string>) =>
    fail(at, `There is no key "${name}" here${didYouMean(name, known)}`, `Use one of: ${known.join(", ")}`)

  const entryOf = (node: Node | undefined, profile: string): Entry => {
    const entry: { -readonly [K in keyof Entry]: Entry[K] } = {}
    for (const [name, value, at] of membersOf(node, `Profile "${profile}"`)) {
      if (!Object.hasOwn(keys, name)) throw unknownKey(name, at, Object.keys(keys))
      const key = name as keyof Entry
      if (key === "credentialProcess") {
        const command = commandOf(value, at)
        if (command !== undefined) entry.credentialProcess = command
        continue
      }
      const text = textOf(value, key, at)
      if (text !== undefined) Object.assign(entry, { [key]: keys[key] === "secret" ? Redacted.make(text) : text })
    }
    return entry
  }

  let fallback: string | undefined
  const bodies = new Map<string, Node | undefined>()
  for (const [name, value, at] of membersOf(document.contents, "The profile file")) {
    if (name === "default") fallback = textOf(value, name, at)
    else if (name === "profiles") {
      for (const [profile, body] of membersOf(value, "profiles")) bodies.set(profile, body)
    } else throw unknownKey(name, at, ["profiles", "default"])
  }
  return {
    names: [...bodies.keys()],
    fallback,
    entry: (name) => attempt(file, () => bodies.has(name) ? entryOf(bodies.get(name), name) : undefined),
  }
}

const decoded = (file: string, bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    throw new ConfigError({ source: file, problem: "The profile file is not UTF-8", fix: "Save it as UTF-8" })
  }
}
