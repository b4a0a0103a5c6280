/** Files as bytes, read only. */
import { constants } from "node:fs"
import { type FileHandle, open } from "node:fs/promises"
import * as Effect from "effect/Effect"
import { ConfigError } from "../core/errors.ts"
import { maxListBytes } from "../core/limits.ts"
import { joined } from "./bytes.ts"

export interface Options {
  /** The greatest input taken; that of the largest LIST answer unless told. */
  readonly maxBytes?: number
  /** What `-` stands for; the standard input unless told. */
  readonly stdin?: AsyncIterable<Uint8Array>
}

/** Reads a file, a pipe such as `/dev/fd/63`, or, for `-`, the standard input. */
export const readInput = (path: string, options: Options = {}): Effect.Effect<Uint8Array, ConfigError> => {
  const maxBytes = options.maxBytes ?? maxListBytes
  const source = path === "-" ? "standard input" : path
  return Effect.tryPromise({
    try: () => path === "-" ? collected(options.stdin ?? process.stdin, source, maxBytes) : readPath(path, maxBytes),
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(source, cause),
  })
}

const readPath = async (path: string, maxBytes: number): Promise<Uint8Array> => {
  const handle = await open(path, constants.O_RDONLY)
  try {
    return await readOpen(handle, path, maxBytes)
  } finally {
    await handle.close()
  }
}

/** The rest of an open file; the caller closes it. */
export const readOpen = async (handle: FileHandle, path: string, maxBytes: number): Promise<Uint8Array> => {
  const stat = await handle.stat()
  if (stat.isDirectory()) throw unreadable(path, { code: "EISDIR" })
  // The size of a pipe or of /proc is 0, and a file may grow: only what is read counts.
  if (stat.size > maxBytes) throw tooLarge(path, maxBytes)
  return await collected(chunksOf(handle), path, maxBytes)
}

const chunkBytes = 64 * 1024

async function* chunksOf(handle: FileHandle): AsyncIterable<Uint8Array> {
  for (;;) {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(chunkBytes), 0, chunkBytes, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

const collected = async (
  chunks: AsyncIterable<Uint8Array>,
  source: string,
  maxBytes: number,
): Promise<Uint8Array> => {
  const parts: Array<Uint8Array> = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxBytes) throw tooLarge(source, maxBytes)
    parts.push(chunk)
  }
  return joined(parts, length)
}

const tooLarge = (source: string, maxBytes: number): ConfigError =>
  new ConfigError({
    source,
    problem: `Cannot read "${source}": it has more than ${maxBytes} bytes`,
    fix: "Give a smaller file",
  })

/** A failed system call as a sentence. */
export const unreadable = (path: string, cause: unknown): ConfigError => {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "unknown"
  const [why, fix] = reasons[code] ?? [`reading failed with ${code}`, "Check the path"]
  return new ConfigError({ source: path, problem: `Cannot read "${path}": ${why}`, fix })
}

const reasons: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  ENOENT: ["there is no such file", "Check the path"],
  ENOTDIR: ["a part of its path is not a directory", "Check the path"],
  EISDIR: ["it is a directory", "Give a file"],
  EACCES: ["permission is denied", "Check who may read it"],
  EPERM: ["permission is denied", "Check who may read it"],
  ELOOP: ["its symbolic links lead in a circle", "Check the path"],
  ENAMETOOLONG: ["its name is too long", "Check the path"],
}
