/** The flags of the proxy, once for both of its doors: `http/main.ts` and the command `proxy`. */
import type { ServerFlag } from "./server-flag.ts"

export const proxyFlags = [
  {
    name: "policy",
    value: "file",
    description: "who may do what, in YAML or JSON (or COS_PROXY_POLICY, a file or the JSON itself)",
  },
  { name: "port", value: "port", description: "where it listens (or PORT), 0 for any free port; 8080 unless told" },
  { name: "host", value: "address", description: "the address it listens at; this machine alone unless told" },
  {
    name: "keys",
    value: "file",
    description: "one or two real key pairs, an id:secret a line, instead of those of the environment or a profile",
  },
  { name: "profile", value: "name", description: "profile of the profile file (or COS_PROFILE)" },
  {
    name: "secret-file",
    value: "file",
    description: "what the secrets of virtual keys follow from (or COS_PROXY_SECRET, the secret itself)",
  },
  {
    name: "drain",
    value: "seconds",
    description: "how long it takes requests after it was told to stop, while /readyz says so; 0 unless told",
  },
  {
    name: "log",
    value: "form",
    description: "text, json or off: one line for each request, on standard error; json unless told",
  },
] as const satisfies ReadonlyArray<ServerFlag>

export type ProxyFlagName = (typeof proxyFlags)[number]["name"]

/** What was given, before it is judged. */
export type ProxyFlags = { readonly [N in ProxyFlagName]?: string | boolean | ReadonlyArray<string> | undefined }
