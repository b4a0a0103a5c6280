/** The flags of the local COS, once for both of its doors: `http/local.ts` and the command `local`. */

import type { ServerFlag } from "./server-flag.ts"

export const localFlags = [
  { name: "port", value: "port", description: "where it listens (or PORT), 0 for any free port; 9000 unless told" },
  { name: "host", value: "address", description: "the address it listens at; this machine alone unless told" },
  { name: "allow-remote", description: "lets --host be an address that other machines reach" },
  { name: "data", value: "folder", description: "keeps everything in this folder; in memory unless told" },
  { name: "default-bucket", value: "name-appid", description: "the bucket of requests that name none" },
  {
    name: "region",
    value: "region",
    description: "the region of that bucket, and of those created at no region's host",
  },
  { name: "seed", value: "seed", description: "what it begins with: demo, a file, or synthetic:<count>:<seed>" },
  { name: "clock", value: "time", description: "real, or an ISO-8601 time that stands still until it is moved" },
  { name: "loose", description: "accepts any signature, or none" },
  { name: "key", value: "id:secret", isRepeatable: true, description: "another key pair, for tests; may be repeated" },
  { name: "key-file", value: "file", description: "more key pairs, an id:secret a line" },
  {
    name: "log",
    value: "form",
    description: "text, json or off: one line for each request and report, on standard error",
  },
] as const satisfies ReadonlyArray<ServerFlag>

export type LocalFlagName = (typeof localFlags)[number]["name"]

/** What was given, before it is judged. */
export type LocalFlags = { readonly [N in LocalFlagName]?: string | boolean | ReadonlyArray<string> | undefined }
