/** One operation of COS, as a row of the table `operations.ts`. */
import type { Headers } from "../../core/http.ts"
import { maxDocumentBytes } from "../../core/limits.ts"
import type { RefusalWithText } from "./checks.ts"
import type { Facts } from "./facts.ts"
import type { Change, Run, Segment } from "../store/mod.ts"

export interface Operation {
  /** The name of the action in access policies, such as `PutObject`. */
  readonly name: string
  readonly method: "GET" | "PUT" | "POST" | "DELETE" | "HEAD" | "OPTIONS"
  readonly at: "Service" | "Bucket" | "Object"
  /** Parameters that must be there; of several rows that fit, the one with the most is meant. */
  readonly needs: ReadonlyArray<string>
  /** Other parameters that may be there. One that is in neither list is another operation, which is not implemented. */
  readonly takes: ReadonlyArray<string> | "any"
  /** A header that must be there, such as `x-cos-copy-source`. */
  readonly needsHeader?: string
  /** What its body is: nothing, a document that is read whole, or a body that is stored. */
  readonly body: "none" | "document" | "object"
  /** Where its document may be larger than others. */
  readonly maxDocumentBytes?: number
  /** Page or code that says so. */
  readonly source: string
  /** Looked at before the body is taken in; `perform` may refuse as well, after it. */
  readonly refuse?: (facts: Facts) => RefusalWithText | undefined
  /** Where the stored body is another object, or a part of one. */
  readonly copies?: (facts: Facts) => Copied | RefusalWithText
  /** Pure: what is to change comes back as data. */
  readonly perform: (facts: Facts) => Done | RefusalWithText
}

/** Bytes of another object, `end` exclusive. */
export interface Copied {
  readonly segments: ReadonlyArray<Segment>
  readonly start: number
  readonly end: number
}

export interface Done {
  readonly status: number
  /** Beside those that every answer has. */
  readonly headers?: Headers
  readonly body?: string | Copied
  readonly changes?: ReadonlyArray<Change>
  /** A report to make. */
  readonly job?: Run
}

/** The greatest document that an operation reads. */
export const documentLimit = (operation: Operation | undefined): number =>
  operation?.maxDocumentBytes ?? maxDocumentBytes

export const isRefusal = (outcome: object): outcome is RefusalWithText => "code" in outcome
