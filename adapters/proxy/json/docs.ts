/** The reference page: one document of HTML that needs nothing else, made of the same table as OpenAPI. */
import { sha256 } from "@noble/hashes/sha2.js"
import type { HttpResponse } from "../../../core/http.ts"
import { textAnswer } from "../document.ts"
import { problemKinds, type ProblemName } from "../problems.ts"
import { examples } from "./examples.ts"
import { statusesOf } from "./openapi.ts"
import { answerHeaders, conditionHeaders, queryParameters, type Route, routeNames, routeOf } from "./routes.ts"

export const docsAnswer = (): HttpResponse => textAnswer(200, "text/html; charset=utf-8", page(), headers)

/** Made once. */
export const page = (): string => made ??= make()
let made: string | undefined

/** Neither COS's words nor a caller's stand in the page; it is escaped all the same. */
export const escaped = (text: string): string => text.replace(/[&<>"']/gu, (c) => `&#${c.charCodeAt(0)};`)

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 56rem; padding: 1rem }
code, pre { font: 0.9em/1.45 ui-monospace, monospace }
pre { border: 1px solid #8886; border-radius: 4px; overflow-x: auto; padding: 0.6rem }
h2 { border-top: 1px solid #8886; margin-top: 2rem; padding-top: 1rem }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #8884; padding: 0.3rem 0.8rem 0.3rem 0; text-align: left; vertical-align: top }
a { color: inherit }
`

const styleHash = btoa(String.fromCharCode(...sha256(new TextEncoder().encode(style))))

const headers: HttpResponse["headers"] = [
  [
    "Content-Security-Policy",
    `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  ],
  ["Referrer-Policy", "no-referrer"],
  ["Cache-Control", "no-cache"],
]

const make = (): string =>
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>cos-inventory proxy</title>
<style>${style}</style>
</head>
<body>
<h1>cos-inventory proxy</h1>
<p>Inventory rules of Tencent Cloud COS buckets, by token and policy. The same for programs:
<a href="/openapi.json">openapi.json</a>.</p>
<pre>${escaped(greeting)}</pre>
<p>SDKs and tools of COS need none of this: they speak COS's own wire at this host, with a virtual key of the policy as
their keys and this host as their endpoint. The README of cos-inventory shows how each is set up.</p>
<table>
<tr><th>Request</th><th>What it does</th></tr>
${routeNames.map((name) => rowOf(name, routeOf(name))).join("\n")}
</table>
${routeNames.map((name) => sectionOf(name, routeOf(name))).join("\n")}
<h2 id="problems">Problems</h2>
<p>Whatever goes wrong is answered as <code>application/problem+json</code>; <code>type</code> leads to a row here.</p>
<table>
<tr><th>Problem</th><th>Status</th><th>What it means</th></tr>
${(Object.keys(problemKinds) as ReadonlyArray<ProblemName>).map(problemRow).join("\n")}
</table>
</body>
</html>
`

const greeting = "curl -H 'Authorization: Bearer <token>' https://<this host>/v1/buckets"

const lineOf = ({ method, path }: Route): string => `<code>${escaped(`${method} ${path}`)}</code>`

const rowOf = (name: string, route: Route): string =>
  `<tr><td><a href="#${name}">${lineOf(route)}</a></td><td>${prose(route.summary)}</td></tr>`

const sectionOf = (name: string, route: Route): string =>
  `<h2 id="${name}">${lineOf(route)}</h2>
<p>${prose(`${route.summary}. ${route.about}`)}</p>
${route.isOpen === true ? "<p>Needs no token.</p>" : ""}
${listOf(inputsOf(route))}
${bodyOf(route)}
${
    listOf(
      Object.entries(route.answers).map(([status, { about, headers = [] }]) => [
        status,
        [about, ...headers.map((header) => `${header}: ${answerHeaders[header]}`)].join(". "),
      ]),
    )
  }
<p>Problems: ${route.problems.map((problem) => `<a href="#${problem}"><code>${problem}</code></a>`).join(", ")}</p>`

const inputsOf = ({ query, conditions }: Route): ReadonlyArray<readonly [string, string]> => [
  ...query.map((name) => [`?${name}=`, queryParameters[name]] as const),
  ...conditions.map((name) => [name, conditionHeaders[name]] as const),
]

const bodyOf = ({ body }: Route): string =>
  body === undefined || examples[body] === undefined
    ? ""
    : `<p>Body:</p>\n<pre>${escaped(JSON.stringify(examples[body], null, 2))}</pre>`

const listOf = (rows: ReadonlyArray<readonly [string, string]>): string =>
  rows.length === 0
    ? ""
    : `<table>\n${
      rows.map(([name, about]) => `<tr><td><code>${escaped(name)}</code></td><td>${prose(about)}</td></tr>`).join("\n")
    }\n</table>`

const problemRow = (name: ProblemName): string => {
  const { title, about } = problemKinds[name]
  return `<tr id="${name}"><td><code>${name}</code></td><td>${statusesOf(name).join(", ")}</td><td>${
    prose(`${title}. ${about}`)
  }</td></tr>`
}

/** Text with code between backticks. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/gu, "<code>$1</code>")
