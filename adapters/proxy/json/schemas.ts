/**
 * The JSON Schemas of bodies and answers, made of the Effect Schemas. `schemas.json` is a copy of what this makes, held
 * equal by a test: a proxy at the edge should not carry what makes it.
 */
import * as Schema from "effect/Schema"
import { bucketPattern } from "../../../core/bucket.ts"
import { rulesSchema } from "../../../core/schema.ts"
import { components } from "./openapi.ts"
import { routeNames, routeOf } from "./routes.ts"
import { answerShapes } from "./shapes.ts"

type Json = Readonly<Record<string, unknown>>

/** Rules are described as the schema of rules files has them; answers by their own schemas. */
export const makeSchemas = (): Json => {
  const { $schema: _, title: __, $defs, ...file } = rulesSchema()
  const rules = $defs as Readonly<Record<string, Json>>
  const { definitions } = Schema.toJsonSchemaDocument(Schema.Struct(answerShapes))
  const all: Record<string, unknown> = {
    ...definitions,
    ...rules,
    RulesFile: { ...file, description: "A rule, a list of rules, or a rules document" },
    RuleBody: bodyOf("configuration", rules["InventoryConfiguration"]!),
    JobBody: bodyOf("job", rules["InventoryJob"]!),
    PlanBody: {
      type: "object",
      description: "Rules, and the bucket that they are held against",
      properties: {
        bucket: { type: "string", pattern: bucketPattern.source },
        rules: { $ref: "#/$defs/RulesFile" },
        prune: { type: "boolean", default: false, description: "Delete rules that are managed and not wanted" },
      },
      required: ["bucket", "rules"],
      additionalProperties: false,
    },
  }
  return referred(JSON.parse(JSON.stringify(all).replaceAll('"#/$defs/', `"${components}`)))
}

/** As `get -o json` has it, or bare; the path names the rule, so that its id may be left out. */
const bodyOf = (key: string, rule: Json): Json => {
  const required = (rule["required"] as ReadonlyArray<string>).filter((name) => name !== "id")
  const bare = { anyOf: [{ ...rule, required }, { $ref: "#/$defs/ApiRule" }] }
  return {
    description: "A rule, or the document that one is answered in; its id may be left out",
    anyOf: [...bare.anyOf, {
      type: "object",
      properties: { version: { const: 1 }, bucket: {}, region: {}, demo: {}, [key]: bare },
      required: [key],
      additionalProperties: false,
    }],
  }
}

/** Those that a route leads to, in their order. */
const referred = (all: Json): Json => {
  const seen = new Set<string>()
  const visit = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    for (const [, inner] of JSON.stringify(all[name]).matchAll(/"#\/components\/schemas\/([^"]+)"/gu)) visit(inner!)
  }
  visit("Problem")
  for (const route of routeNames.map(routeOf)) {
    for (const shape of [route.body, ...Object.values(route.answers).map((one) => one.shape)]) {
      if (shape !== undefined) visit(shape)
    }
  }
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => seen.has(name)).toSorted(([a], [b]) => a < b ? -1 : 1),
  )
}
