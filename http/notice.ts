/** What a program that serves says beside its log, in the form of the log, so that one reader reads both. */
import { jsonLine } from "../adapters/log-line.ts"
import type { Notify } from "../adapters/notify.ts"
import { oneLine } from "../core/redact.ts"

export type Notice = Readonly<Record<Level, (text: string) => void>>
export type Level = keyof typeof marks

export const noticeOf = (write: (line: string) => void, isJson: boolean): Notice => {
  const say = (level: Level) => (message: string) => noticeLines(level, message, isJson).forEach((line) => write(line))
  return { info: say("info"), warn: say("warn"), error: say("error") }
}

export const noticeLines = (level: Level, message: string, isJson: boolean): ReadonlyArray<string> =>
  isJson
    ? [jsonLine({ time: new Date().toISOString(), level, kind: "notice", message })]
    : message.split("\n").map((line, at) => `${at > 0 ? "  " : marks[level]}${oneLine(line)}`)

/** For what knows no notices. */
export const notifyOf = (notice: Notice): Notify => (line, level = "info") => notice[level](line)

const marks = { info: "Note: ", warn: "Warning: ", error: "Error: " } as const
