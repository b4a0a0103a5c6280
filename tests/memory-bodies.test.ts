/** Which rules the in-memory COS takes: what shipping clients send, and nothing that COS would not understand. */
import { strict as assert } from "node:assert"
import * as Effect from "effect/Effect"
import { writeConfiguration } from "../core/wire/configuration.ts"
import { effect } from "./harness.ts"
import { rule } from "./laws-world.ts"
import { asked, bytes, errorIn, text } from "./memory-world.ts"

const body = writeConfiguration(rule("in-one"))
/** Bodies that shipping clients were seen to send, and one that the documentation prints. */
const accepted: Readonly<Record<string, string>> = {
  "an empty And in its filter": body.replace("<IncludedObject", "<Filter><And></And></Filter><IncludedObject"),
  "empty optional fields": body.replace("</InventoryConfiguration>", "<OptionalFields/></InventoryConfiguration>"),
  "SSECOS for SSE-COS": body.replace("</Format>", "</Format><Encryption><SSECOS/></Encryption>"),
  "a bare SSE-COS": body.replace("</Format>", "</Format><SSE-COS></SSE-COS>"),
  "text in SSE-COS": body.replace("</Format>", "</Format><Encryption><SSE-COS>111</SSE-COS></Encryption>"),
  "True for true": body.replace("true", "True"),
  "an empty account id": body.replace("</Format>", "</Format><AccountId></AccountId>"),
  "a field in capitals": body.replace("</Inv", "<OptionalFields><Field>SIZE</Field></OptionalFields></Inv"),
  "half a period": body.replace(
    "<Incl",
    "<Filter><Period><StartTime>1687276800</StartTime></Period></Filter><Incl",
  ),
  "a declaration without its end": `<?xml version = "1.0" encoding = "UTF-8">\n${body}`,
  "its members in another order": body.replace("<Id>in-one</Id>", "").replace("</Inv", "<Id>in-one</Id></Inv"),
}
for (const [what, xml] of Object.entries(accepted)) {
  effect(
    `memory accepts a rule when it has ${what}`,
    Effect.gen(function* () {
      assert.notEqual(xml, body)
      const target = "/one-1250000000/?inventory&id=in-one"
      const [put, get] = yield* asked([{ method: "PUT", target, body: bytes(xml) }, { target }])
      assert.equal(put!.status, 200, text(put!))
      assert.match(text(get!), /<IsEnabled>true<\/IsEnabled>/)
    }),
  )
}

const refused: ReadonlyArray<readonly [what: string, xml: string, code: string]> = [
  ["no destination", body.replace(/<Destination>.*<\/Destination>/, ""), "MalformedXML"],
  [
    "two destinations",
    body.replace("</Inv", `${/<Destination>.*<\/Destination>/.exec(body)![0]}</Inv`),
    "MalformedXML",
  ],
  ["no IsEnabled", body.replace("<IsEnabled>true</IsEnabled>", ""), "MalformedXML"],
  ["another root", body.replaceAll("InventoryConfiguration>", "Inventory>"), "MalformedXML"],
  ["a DOCTYPE", `<!DOCTYPE a [<!ENTITY b "c">]>${body}`, "MalformedXML"],
  ["a frequency that is none", body.replace("Daily", "Hourly"), "InvalidArgument"],
  ["a destination in another region", body.replace("cos:ap-guangzhou", "cos:ap-beijing"), "InvalidArgument"],
  ["a monthly rule without a date", body.replace("Daily", "Monthly"), "InvalidArgument"],
  [
    "a field that is none",
    body.replace("</Inv", "<OptionalFields><Field>Colour</Field></OptionalFields></Inv"),
    "InvalidArgument",
  ],
]
for (const [what, xml, code] of refused) {
  effect(
    `memory refuses a rule with ${code} when it has ${what}`,
    Effect.gen(function* () {
      const target = "/one-1250000000/?inventory&id=in-one"
      const [put, get] = yield* asked([{ method: "PUT", target, body: bytes(xml) }, { target }])
      assert.equal(errorIn(put!).code, code)
      assert.ok(text(get!).endsWith(body), "the rule before it is still there")
    }),
  )
}

effect(
  "memory refuses a one-time job with InvalidArgument when it has a schedule",
  Effect.gen(function* () {
    const [post] = yield* asked([{ method: "POST", target: "/one-1250000000/?inventory&id=in-one", body: bytes(body) }])
    assert.equal(errorIn(post!).code, "InvalidArgument")
  }),
)
