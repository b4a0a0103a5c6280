/** The parts of cos-nodejs-sdk-v5 that do the same work. */
import { createRequire } from "node:module"
import { Cos } from "../sdk.ts"

interface Xml {
  /** Its XMLParser with its options, and what it does to the result. */
  readonly xml2json: (text: string) => unknown
  readonly json2xml: (value: unknown) => string
}

export const xml: Xml = createRequire(import.meta.url)("cos-nodejs-sdk-v5/sdk/util.js")

export const getAuthorization = Cos.getAuthorization
