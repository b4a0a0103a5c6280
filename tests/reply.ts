/** An answer of COS as tests read it: its headers by name, its document by element. */
import { header, type Headers } from "../core/http.ts"

export interface Readable {
  readonly status: number
  readonly headers: Headers
  readonly header: (name: string) => string | undefined
  readonly text: string
  /** Of a refusal, as its document has it; empty for any other answer, and for one without a body. */
  readonly code: string
  /** The text of the first element of a name; empty where there is none. */
  readonly element: (name: string) => string
  /** The same of all of them. */
  readonly elements: (name: string) => ReadonlyArray<string>
}

export const readable = (status: number, headers: Headers, text: string): Readable => {
  const elements = (name: string) =>
    [...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "gu"))].map(([, inside]) => unescaped(inside!))
  return {
    status,
    headers,
    header: (name) => header(headers, name),
    text,
    code: status < 400 ? "" : elements("Code")[0] ?? "",
    element: (name) => elements(name)[0] ?? "",
    elements,
  }
}

const unescaped = (text: string): string =>
  text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&apos;", "'")
    .replaceAll("&#xD;", "\r").replaceAll("&amp;", "&")
