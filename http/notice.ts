/** What a program that serves says beside its log, in the form of the log, so that one reader reads both. */
import { jsonLine } from "../adapters/log-line.ts"
import { oneLine } from "../core/redact.ts"

export interface Notice {
  readonly info: (text: string) => void
  readonly error: (text: string) => void
}

export const noticeOf = (write: (line: string) => void, isJson: boolean): Notice => {
  const say = (level: "info" | "error") => (message: string) => {
    if (isJson) return write(jsonLine({ time: new Date().toISOString(), level, kind: "notice", message }))
    message.split("\n").forEach((line, at) => write(`${at > 0 ? "  " : marks[level]}${oneLine(line)}`))
  }
  return { info: say("info"), error: say("error") }
}

const marks = { info: "Note: ", error: "Error: " } as const
