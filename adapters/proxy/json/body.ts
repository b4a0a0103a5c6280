/** The body of a request as a value whose parts know their line. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { header } from "../../../core/http.ts"
import { maxDocumentBytes } from "../../../core/limits.ts"
import type { Finding } from "../../../core/lint/mod.ts"
import { readText } from "../../../core/wire/text.ts"
import { xmlFinding } from "../../../core/wire/xml/mod.ts"
import { tooLarge } from "../../answer.ts"
import { type JsonSource, readJsonText } from "../../json/mod.ts"
import type { Refused } from "../../policy/call.ts"
import { wholeBody } from "../body.ts"
import type { AtDoor } from "../door.ts"
import { refused } from "./asked.ts"

export const bodyOf = ({ request }: AtDoor): Effect.Effect<JsonSource, Refused> =>
  Effect.gen(function* () {
    const type = header(request.headers, "content-type") ?? ""
    if (!jsonType.test(type.trim())) return yield* refused("body-type", "The Content-Type is not application/json.")
    if (header(request.headers, "content-encoding") !== undefined) {
      return yield* refused("body-type", "The body has a Content-Encoding, and none is read.")
    }
    const bytes = yield* wholeBody(request.body).pipe(
      Effect.mapError(({ refusal: { code, message } }) =>
        code === tooLarge.code
          ? refused("body-too-large", `The body has more than ${maxDocumentBytes} bytes.`)
          : refused("body-unreadable", message)
      ),
    )
    const text = yield* Effect.fromResult(
      Result.mapError(
        readText(bytes, maxDocumentBytes),
        (problem) => refused("body-unreadable", `${problem.message}.`, [xmlFinding(problem)]),
      ),
    )
    return yield* Effect.fromResult(
      Result.mapError(
        readJsonText(text),
        (findings) => refused("body-unreadable", `${findings[0]?.message ?? "It is no JSON"}.`, findings.map(inBody)),
      ),
    )
  })

/** RFC 8259 has no charset; who sends one sends this. */
const jsonType = /^application\/json(?:\s*;\s*charset="?utf-8"?)?$/iu

/** A body has no name that could be another one. */
const inBody = (finding: Finding): Finding => ({
  ...finding,
  fix: finding.fix.replace(/, or name the file \.yaml$/u, ""),
})

/** A part of a body, which keeps its lines. */
export const partOf = (source: JsonSource, key: string, value: unknown): JsonSource => ({
  value,
  position: (path) => source.position([key, ...path]),
  written: (path) => source.written([key, ...path]),
})
