// Loaded before a program whose peak of memory is wanted. What `resourceUsage` says begins with the peak of the parent,
// which Linux hands down; the high-water mark in /proc is the program's own.
import { existsSync, readFileSync } from "node:fs"
import process from "node:process"

const status = "/proc/self/status"
process.on("exit", () => {
  const own = existsSync(status) ? /^VmHWM:\s*(\d+) kB$/mu.exec(readFileSync(status, "utf8"))?.[1] : undefined
  console.error(`peak ${own ?? process.resourceUsage().maxRSS} KiB`)
})
