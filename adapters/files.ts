/** Files as bytes, read only. */
import { constants, type Stats } from "node:fs"
import { access, type FileHandle, open, stat } from "node:fs/promises"
import { setTimeout as pause } from "node:timers/promises"
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

/** Reads a file, a pipe such as `/dev/fd/63`, or, for `-`, the standard input; interruption ends the wait for any of them. */
export const readInput = (path: string, options: Options = {}): Effect.Effect<Uint8Array, ConfigError> => {
  const maxBytes = options.maxBytes ?? maxListBytes
  const source = fileName(path)
  return Effect.tryPromise({
    try: (signal) =>
      path === "-"
        ? readStream(options.stdin ?? process.stdin, source, maxBytes, signal)
        : readPath(path, { maxBytes, signal }),
    catch: (cause) => cause instanceof ConfigError ? cause : unreadable(source, cause),
  })
}

/** What a path is called in speech and in findings. */
export const fileName = (path: string): string => path === "-" ? "standard input" : path

/** A stream that nobody destroys keeps its process alive until it ends. */
const readStream = (
  stream: AsyncIterable<Uint8Array> & { readonly destroy?: () => unknown },
  source: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  signal.addEventListener("abort", () => stream.destroy?.())
  return collected(stream, source, maxBytes)
}

export interface PathOptions {
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Throws when the open file must not be read; a directory is refused before. */
  readonly check?: (stat: Stats) => void
}

/** Throws what the system says, or a ConfigError. */
export const readPath = async (path: string, { check, maxBytes, signal }: PathOptions): Promise<Uint8Array> => {
  const handle = await open(path, withoutWaiting)
  try {
    const stat = await handle.stat()
    if (stat.isDirectory()) throw unreadable(path, { code: "EISDIR" })
    check?.(stat)
    // The size of a pipe or of /proc is 0, and a file may grow: only what is read counts.
    if (stat.size > maxBytes) throw tooLarge(path, maxBytes)
    const isNamedPipe = stat.isFIFO() && !inherited.test(path)
    return await collected(chunksOf(handle, isNamedPipe, signal), path, maxBytes)
  } finally {
    await handle.close()
  }
}

/**
 * A pipe that is opened or read in the usual way blocks a thread until somebody writes, which no runtime can call off:
 * such a process ends on no signal but SIGKILL. Windows has no such flag.
 */
const withoutWaiting = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** Pipes that a shell or a parent has opened at both ends, so that their end is an end. */
const inherited = /^\/(?:dev\/(?:stdin$|fd\/)|proc\/)/u

const chunkBytes = 64 * 1024
const pauseMillis = 10

async function* chunksOf(handle: FileHandle, isNamedPipe: boolean, signal: AbortSignal): AsyncIterable<Uint8Array> {
  // Until a writer has been seen, a named pipe reads as ended.
  let awaitsWriter = isNamedPipe
  for (;;) {
    signal.throwIfAborted()
    const chunk = await nextOf(handle)
    if (chunk?.length === 0 && !awaitsWriter) return
    if (chunk === undefined || chunk.length > 0) awaitsWriter = false
    if (chunk !== undefined && chunk.length > 0) yield chunk
    else await pause(pauseMillis, undefined, { signal })
  }
}

/** Empty at the end; undefined when there is a writer, but nothing yet. */
const nextOf = async (handle: FileHandle): Promise<Uint8Array | undefined> => {
  try {
    const { buffer, bytesRead } = await handle.read(new Uint8Array(chunkBytes), 0, chunkBytes, null)
    return buffer.subarray(0, bytesRead)
  } catch (cause) {
    if (errnoOf(cause) === "EAGAIN") return undefined
    throw cause
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

/** Whether there is anything at the path; where there is no path, there is nothing. */
export const exists = (path: string | undefined): Effect.Effect<boolean> =>
  path === undefined ? Effect.succeed(false) : Effect.promise(() => access(path).then(() => true, () => false))

/** What is at a path, links followed; what is other, such as a pipe, can be read once only. Throws a ConfigError. */
export const kindOf = (path: string): Promise<"folder" | "file" | "other" | "none"> =>
  stat(path).then(
    (found) => found.isDirectory() ? "folder" : found.isFile() ? "file" : "other",
    (cause) => {
      if (errnoOf(cause) === "ENOENT") return "none"
      throw unreadable(path, cause)
    },
  )

const tooLarge = (source: string, maxBytes: number): ConfigError =>
  new ConfigError({
    source,
    problem: `Cannot read "${source}": it has more than ${maxBytes} bytes`,
    fix: "Give a smaller file",
  })

/** A failed system call as a sentence. */
export const unreadable = (path: string, cause: unknown): ConfigError => {
  const code = errnoOf(cause) ?? "unknown"
  const [why, fix] = reasons[code] ?? [`reading failed with ${code}`, "Check the path"]
  return new ConfigError({ source: path, problem: `Cannot read "${path}": ${why}`, fix })
}

export const errnoOf = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : undefined

const reasons: Readonly<Record<string, readonly [why: string, fix: string]>> = {
  ENOENT: ["there is no such file", "Check the path"],
  ENOTDIR: ["a part of its path is not a directory", "Check the path"],
  EISDIR: ["it is a directory", "Give a file"],
  EACCES: ["permission is denied", "Check who may read it"],
  EPERM: ["permission is denied", "Check who may read it"],
  ELOOP: ["its symbolic links lead in a circle", "Check the path"],
  ENAMETOOLONG: ["its name is too long", "Check the path"],
}
