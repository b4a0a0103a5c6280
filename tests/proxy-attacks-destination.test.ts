/** Rules that would write reports elsewhere, in every form that a reader of XML could take for another one. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import { parse, type TNode } from "txml/txml"
import { demoBucket } from "../adapters/memory/mod.ts"
import type { HttpRequest } from "../core/http.ts"
import { bucket, often, policyForm, proxied } from "./proxy-world.ts"

const own = `qcs::cos:${demoBucket.region}::${bucket}`
const evil = `qcs::cos:${demoBucket.region}::evil-1250000000`
const to = (bucket: string, more = "<Prefix>ci/</Prefix>"): string =>
  `<Destination><COSBucketDestination><Format>CSV</Format><Bucket>${bucket}</Bucket>${more}</COSBucketDestination></Destination>`
const rule = (destination: string, before = "", after = ""): string =>
  `<InventoryConfiguration>${before}<Id>ci-a</Id><IsEnabled>true</IsEnabled>${destination}<Schedule><Frequency>Daily</Frequency></Schedule>` +
  `<IncludedObjectVersions>All</IncludedObjectVersions>${after}</InventoryConfiguration>`
/** A job has neither of these. */
const asJob = (xml: string): string =>
  xml.replace("<IsEnabled>true</IsEnabled>", "").replace(
    "<Schedule><Frequency>Daily</Frequency></Schedule>",
    "",
  )
const inner = (inside: string): string => to(own).replace("<Bucket>", `${inside}<Bucket>`)
const entity = (text: string, write: (code: number) => string): string =>
  [...text].map((c) => write(c.codePointAt(0)!)).join("")
const utf8 = new TextEncoder()
const utf16 = (text: string): Uint8Array<ArrayBuffer> => {
  const bytes = [0xff, 0xfe]
  for (const c of text) bytes.push(c.charCodeAt(0) & 0xff, c.charCodeAt(0) >> 8)
  return new Uint8Array(bytes)
}

const documents: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>> = {
  "another bucket": rule(to(evil)),
  "another bucket before everything else": rule("", to(evil)),
  "another bucket after everything else": rule("", "", to(evil)),
  "decimal references": rule(to(entity(evil, (code) => `&#${code};`))),
  "hexadecimal references": rule(to(entity(evil, (code) => `&#x${code.toString(16)};`))),
  "references of references": rule(to(entity(evil, (code) => `&amp;#${code};`))),
  "a reference to its own bucket within another": rule(to(`${own}&#47;..&#47;evil-1250000000`)),
  "CDATA": rule(to(`<![CDATA[${evil}]]>`)),
  "CDATA in pieces": rule(to(`<![CDATA[qcs::cos:]]>${demoBucket.region}<![CDATA[::evil]]>-1250000000`)),
  "its own bucket in a comment": rule(to(`<!--${own}-->${evil}`)),
  "another bucket around a comment": rule(to(`qcs::cos:${demoBucket.region}::ev<!-- -->il-1250000000`)),
  "a comment that hides its own bucket": rule(`<!-- ${to(own)} -->${to(evil)}`),
  "a comment that ends early": rule(`<!-- --> ${to(evil)} <!-- -->`),
  "a prefix of a namespace": rule(to(evil).replaceAll("<", "<x:").replaceAll("<x:/", "</x:"), ""),
  "a prefix of a namespace on the bucket alone": rule(
    to(own).replace("<Bucket>", `<x:Bucket>${evil}</x:Bucket><Bucket>`),
  ),
  "two prefixes on two buckets": rule(
    to(own).replace("<Bucket>", "<x:Bucket>").replace("</Bucket>", `</x:Bucket><y:Bucket>${evil}</y:Bucket>`),
  ),
  "two buckets": rule(to(own).replace("</Bucket>", `</Bucket><Bucket>${evil}</Bucket>`)),
  "two buckets in another order": rule(to(evil).replace("</Bucket>", `</Bucket><Bucket>${own}</Bucket>`)),
  "two bucket destinations": rule(
    to(own).replace(
      "</Destination>",
      `<COSBucketDestination><Bucket>${evil}</Bucket></COSBucketDestination></Destination>`,
    ),
  ),
  "two destinations": rule(to(own) + to(evil)),
  "two destinations in another order": rule(to(evil) + to(own)),
  "two destinations, apart": rule(to(own), "", to(evil)),
  "two rules": rule(to(own)) + rule(to(evil)),
  "a rule in a rule": rule(to(own), "", rule(to(evil))),
  "a bucket in a bucket": rule(to(`${own}<Bucket>${evil}</Bucket>`)),
  "a bucket in an unknown element": rule(to(own), `<Later><Bucket>${evil}</Bucket></Later>`),
  "a destination in an unknown element": rule(to(own), `<Later>${to(evil)}</Later>`),
  "a bucket beside the destination": rule(to(own), `<Bucket>${evil}</Bucket>`),
  "a bucket in the destination": rule(to(own).replace("<Destination>", `<Destination><Bucket>${evil}</Bucket>`)),
  "a bucket in the filter": rule(to(own), `<Filter><Bucket>${evil}</Bucket><Prefix>a</Prefix></Filter>`),
  "a bucket in the schedule": rule(to(own)).replace("<Schedule>", `<Schedule><Bucket>${evil}</Bucket>`),
  "a bucket in the encryption": rule(inner(`<Encryption><SSE-COS><Bucket>${evil}</Bucket></SSE-COS></Encryption>`)),
  "a bucket in a bare SSE-COS": rule(inner(`<SSE-COS><Bucket>${evil}</Bucket></SSE-COS>`)),
  "another kind of destination": rule(
    to(own).replace(
      "</Destination>",
      `<S3BucketDestination><Bucket>${evil}</Bucket></S3BucketDestination></Destination>`,
    ),
  ),
  "another bucket in lower case": rule(inner(`<bucket>${evil}</bucket>`)),
  "another bucket in upper case": rule(inner(`<BUCKET>${evil}</BUCKET>`)),
  "another destination in lower case": rule(to(own), to(evil).toLowerCase()),
  "another bucket as an attribute": rule(to(own).replace("<Bucket>", `<Bucket value="${evil}">`)),
  "another bucket as an attribute alone": rule(to("").replace("<Bucket></Bucket>", `<Bucket value="${evil}"/>`)),
  "an empty bucket": rule(to("")),
  "no bucket": rule(to(own).replace(/<Bucket>.*<\/Bucket>/u, "")),
  "no destination": rule(""),
  "a byte order mark": `\ufeff${rule(to(evil))}`,
  "UTF-16": utf16(rule(to(evil))),
  "UTF-16 by declaration": `<?xml version="1.0" encoding="UTF-16"?>${rule(to(evil))}`,
  "UTF-7 by declaration": `<?xml version="1.0" encoding="UTF-7"?>${rule(to("+AHE-cs"))}`,
  "an entity of its own": `<!DOCTYPE a [<!ENTITY e "${evil}">]>${rule(to("&e;"))}`,
  "an outer entity": `<!DOCTYPE a SYSTEM "https://evil.example/a.dtd">${rule(to(own))}`,
  "an instruction": rule(`<?include ${to(evil)}?>${to(own)}`),
  "something after the end": `${rule(to(own))}${to(evil)}`,
  "bytes that are no UTF-8": new Uint8Array([...utf8.encode(rule(to(own)).slice(0, -1)), 0xff, 0x3e]),
  "a NUL": rule(to(`${own}\0${evil}`)),
  "JSON": JSON.stringify({
    InventoryConfiguration: { Id: "ci-a", Destination: { COSBucketDestination: { Bucket: evil } } },
  }),
  "QCS in capitals": rule(to(evil.toUpperCase())),
  "cos in capitals": rule(to(evil.replace("cos", "COS"))),
  "another service": rule(to(evil.replace("cos", "cls"))),
  "an owner": rule(to(evil.replace("::evil", ":uid/1250000000:evil"))),
  "a path after its own bucket": rule(to(`${own}/../evil-1250000000`)),
  "a path before its own bucket": rule(to(`qcs::cos:${demoBucket.region}::evil-1250000000/${bucket}`)),
  "two names": rule(to(`${own} ${evil}`)),
  "two names with a comma": rule(to(`${own},${evil}`)),
  "two names on two lines": rule(to(`${own}\n${evil}`)),
  "a resource in a resource": rule(to(`${evil}${own}`)),
  "a short form": rule(to("evil-1250000000")),
  "a short form of its own": rule(to(bucket)),
  "a URL": rule(to("cos://evil-1250000000/ci/")),
  "a URL of its own": rule(to(`cos://${bucket}/ci/`)),
  "an encoded name": rule(to(evil.replaceAll(":", "%3A"))),
  "an encoded name, twice": rule(to(evil.replaceAll(":", "%253A"))),
  "a name with white space around": rule(to(` \n\t${evil} `)),
  "a name with a space of no width": rule(to(`\u200b${evil}`)),
  "its own name with a space of no width in it": rule(to(own.replace("example", "ex\u200bample"))),
  "its own name with a soft hyphen": rule(to(own.replace("example", "ex\u00adample"))),
  "its own name in wide letters": rule(to(own.replace("e", "\uff45"))),
  "its own name in another alphabet": rule(to(own.replace("e", "\u0435"))),
  "its own name in another account": rule(to(own.replace("1250000000", "1250000001"))),
  "a wide star": rule(to(own.replace("example", "*"))),
  "another region": rule(to(own.replace(demoBucket.region, "ap-guangzhou.evil.example"))),
  "no prefix": rule(to(own, "")),
  "an empty prefix": rule(to(own, "<Prefix></Prefix>")),
  "another prefix": rule(to(own, "<Prefix>other/</Prefix>")),
  "a prefix that only begins so": rule(to(own, "<Prefix>ci</Prefix>")),
  "a prefix with white space before": rule(to(own, "<Prefix> ci/</Prefix>")),
  "a prefix in capitals": rule(to(own, "<Prefix>CI/</Prefix>")),
  "two prefixes": rule(to(own, "<Prefix>ci/</Prefix><Prefix>other/</Prefix>")),
  "two prefixes in another order": rule(to(own, "<Prefix>other/</Prefix><Prefix>ci/</Prefix>")),
  "a prefix beside the destination": rule(to(own, ""), "<Prefix>ci/</Prefix>"),
  "a prefix in the filter alone": rule(to(own, ""), "<Filter><Prefix>ci/</Prefix></Filter>"),
}

/** What is right, however it is written: it has to get through, or nothing above would say anything. */
const right: Readonly<Record<string, string>> = {
  "plainly": rule(to(own)),
  "in another order": rule("", to(own)),
  "with another prefix below": rule(to(own, "<Prefix>ci/a/b</Prefix>")),
  "with white space around the bucket": rule(to(` \n${own}\t`)),
  "with references": rule(to(entity(own, (code) => `&#${code};`))),
  "in CDATA": rule(to(`<![CDATA[${own}]]>`)),
  "with prefixes of a namespace": rule(to(own).replaceAll("<", "<x:").replaceAll("<x:/", "</x:")),
  "with a byte order mark": `\ufeff${rule(to(own))}`,
  "with another bucket in a comment": rule(`<!-- ${to(evil)} -->${to(own)}`),
  "with an account": rule(to(own, "<Prefix>ci/</Prefix><AccountId>100000000002</AccountId>")),
  "with a bare SSE-COS": rule(inner("<SSE-COS></SSE-COS>")),
}

/** Another reader than the proxy's: every element of a name, wherever it stands. */
const all = (nodes: ReadonlyArray<TNode | string>, name: string): ReadonlyArray<string> =>
  nodes.flatMap((node) =>
    typeof node === "string" ? [] : [
      ...(node.tagName.toLowerCase().endsWith(name)
        ? [node.children.map((c) => typeof c === "string" ? c : "<>").join("")]
        : []),
      ...all(node.children, name),
    ]
  )

/** What reaches COS names one bucket, the sender's own, and a prefix that it may write under. */
const isOwn = ({ body }: HttpRequest): void => {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(body)
  assert.doesNotMatch(text, /evil|<!|&#|other\//u)
  const nodes = parse(text) as Array<TNode | string>
  assert.deepEqual(all(nodes, "bucket"), [own])
  assert.equal(all(nodes, "cosbucketdestination").length, 1)
  assert.match(all(nodes, "prefix").at(0) ?? "", /^ci\//u)
  assert.equal(all(nodes, "prefix").length, 1)
}

const isWrite = ({ method }: HttpRequest): boolean => method !== "GET"

for (const accept of [[], ["unknown-elements", "unknown-parameters"]] as const) {
  const policy = { ...policyForm, accept, limits: often }
  const how = accept.length === 0 ? "" : " and the policy accepts what is not known"
  test(`the proxy lets no report be written elsewhere when a rule is put or run in any odd form${how}`, () =>
    proxied({ policy }, async ({ ask, upstream }) => {
      const through: Array<string> = []
      for (const method of ["PUT", "POST"]) {
        for (const [what, document] of Object.entries(documents)) {
          const written = typeof document !== "string" || method === "PUT" ? document : asJob(document)
          const body = typeof written === "string" ? utf8.encode(written) : written
          const before = upstream().length
          const answer = await ask(method, `/${bucket}/?inventory&id=ci-a`, {
            token: "writer-token",
            body,
          })
          const sent = upstream().slice(before).filter(isWrite)
          sent.forEach(isOwn)
          if (sent.length > 0) through.push(`${method} ${what}`)
          assert.equal(upstream().length > before, sent.length > 0, what)
          if (sent.length === 0) {
            assert.ok(answer.status === 400 || answer.status === 403, `${what}: ${answer.status}`)
            assert.match(answer.text, /<Code>(?:MalformedXML|InvalidArgument|AccessDenied)<\/Code>/u, what)
          }
        }
      }
      // An attribute means nothing to COS, and is not sent
      assert.deepEqual(through, ["PUT another bucket as an attribute", "POST another bucket as an attribute"])
    }))
}

for (const [how, document] of Object.entries(right)) {
  test(`the proxy puts a rule whose destination is allowed when it is written ${how}`, () =>
    proxied({}, async ({ ask, upstream }) => {
      const answer = await ask("PUT", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token", body: document })
      assert.equal(answer.status, 200, answer.text)
      const sent = upstream().filter(isWrite)
      assert.equal(sent.length, 1)
      sent.forEach(isOwn)
    }))
}

test("the proxy passes on what it does not know, where the policy accepts it and it names no destination", () =>
  proxied({ policy: { ...policyForm, accept: ["unknown-elements"], limits: often } }, async ({ ask, upstream }) => {
    const kept = [
      rule(to(own), "<Later>1</Later>"),
      rule(inner("<Encryption><SSE-COS><KeyId>1</KeyId></SSE-COS></Encryption>")),
      rule(to(own), "<Filter><And><Prefix>ci/</Prefix><SizeOver>1</SizeOver></And></Filter>"),
    ]
    for (const body of kept) {
      const { status, text } = await ask("PUT", `/${bucket}/?inventory&id=ci-a`, { token: "writer-token", body })
      assert.equal(status, 200, text)
    }
    const sent = upstream().filter(isWrite).map(({ body }) => new TextDecoder().decode(body))
    assert.deepEqual(sent.map((text) => /<(?:Later|KeyId|SizeOver)>1<\//u.test(text)), [true, true, true])
  }))

const jsonRule = (destination: unknown, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    id: "ci-a",
    isEnabled: true,
    includedObjectVersions: "All",
    schedule: { frequency: "Daily" },
    destination,
    ...more,
  })
const place = { bucket: own, prefix: "ci/", format: "CSV" }
const apiRule = (destination: unknown, more: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({
    Id: "ci-a",
    IsEnabled: "true",
    IncludedObjectVersions: "All",
    Schedule: { Frequency: "Daily" },
    Destination: destination,
    ...more,
  })
const apiPlace = { COSBucketDestination: { Bucket: own, Prefix: "ci/", Format: "CSV" } }
const apiEvil = { COSBucketDestination: { Bucket: evil, Prefix: "ci/", Format: "CSV" } }
const twice = (json: string, member: string): string => json.replace(/^\{/u, `{${member},`)

const values: Readonly<Record<string, string>> = {
  "another bucket": jsonRule({ ...place, bucket: evil }),
  "a short form": jsonRule({ ...place, bucket: "evil-1250000000" }),
  "a URL": jsonRule({ format: "CSV", bucket: "cos://evil-1250000000/ci/" }),
  "a URL alone": jsonRule("cos://evil-1250000000/ci/"),
  "a URL of its own and another prefix": jsonRule({ format: "CSV", bucket: `cos://${bucket}/other/` }),
  "a URL of its own, another prefix in it, and its own beside": jsonRule({
    ...place,
    bucket: `cos://${bucket}/other/`,
  }),
  "a URL with a user": jsonRule({ ...place, bucket: `cos://${bucket}@evil-1250000000/ci/` }),
  "a URL with a region": jsonRule({ ...place, bucket: `cos://evil-1250000000@${demoBucket.region}/ci/` }),
  "COS in capitals": jsonRule({ ...place, bucket: "COS://evil-1250000000/ci/" }),
  "QCS in capitals": jsonRule({ ...place, bucket: evil.toUpperCase() }),
  "escapes": jsonRule({ ...place, bucket: evil }).replace("evil", "\\u0065vil"),
  "white space around": jsonRule({ ...place, bucket: ` ${evil}\n` }),
  "a list": jsonRule({ ...place, bucket: [own, evil] }),
  "an object": jsonRule({ ...place, bucket: { toString: evil } }),
  "two destinations in a list": jsonRule([place, { ...place, bucket: evil }]),
  "two destinations": twice(jsonRule({ ...place, bucket: evil }), `"destination":${JSON.stringify(place)}`),
  "two destinations in another order": twice(
    jsonRule(place),
    `"destination":${JSON.stringify({ ...place, bucket: evil })}`,
  ),
  "two destinations, one escaped": twice(
    jsonRule(place),
    `"\\u0064estination":${JSON.stringify({ ...place, bucket: evil })}`,
  ),
  "two buckets": jsonRule(place).replace('"bucket":', `"bucket":"${evil}","bucket":`),
  "a prototype": twice(jsonRule(place), `"__proto__":{"destination":{"bucket":"${evil}"}}`),
  "a prototype in the destination": jsonRule(place).replace('"bucket":', `"__proto__":{"bucket":"${evil}"},"bucket":`),
  "both shapes": jsonRule(place, { Destination: apiEvil }),
  "the API's shape": apiRule(apiEvil),
  "the API's shape with both": apiRule(apiPlace, { destination: { ...place, bucket: evil } }),
  "the API's shape around": JSON.stringify({ InventoryConfiguration: JSON.parse(apiRule(apiEvil)) }),
  "the API's shape, twice": twice(apiRule(apiPlace), `"Destination":${JSON.stringify(apiEvil)}`),
  "the API's shape with a list": apiRule([apiPlace, apiEvil]),
  "the API's shape with a bucket beside": apiRule({ ...apiPlace, Bucket: evil }),
  "an unknown element in the destination": jsonRule(place, {
    extra: [{ in: "/Destination/COSBucketDestination", xml: `<Bucket>${evil}</Bucket>` }],
  }),
  "an unknown element that is a destination": jsonRule(place, { extra: [{ in: "/", xml: to(evil) }] }),
  "an unknown element that closes what is around it": jsonRule(place, {
    extra: [{ in: "/Schedule", xml: `<a/></Schedule>${to(evil)}<Schedule>` }],
  }),
  "a filter that closes what is around it": jsonRule(place, { filter: { prefix: `</Prefix></Filter>${to(evil)}` } }),
  "another prefix": jsonRule({ ...place, prefix: "other/" }),
  "no prefix": jsonRule({ bucket: own, format: "CSV" }),
  "XML": rule(to(evil)),
  "two documents": `${jsonRule(place)}${jsonRule({ ...place, bucket: evil })}`,
  "two rules": JSON.stringify([JSON.parse(jsonRule(place)), JSON.parse(jsonRule({ ...place, bucket: evil }))]),
}

for (const accept of [[], ["unknown-elements"]] as const) {
  const how = accept.length === 0 ? "" : " and the policy accepts what is not known"
  test(`the proxy lets no report be written elsewhere when a rule comes as JSON in any odd form${how}`, () =>
    proxied({ policy: { ...policyForm, accept, limits: often } }, async ({ ask, upstream }) => {
      const through: Array<string> = []
      for (const [what, body] of Object.entries(values)) {
        for (const [method, path] of [["PUT", ""], ["POST", "/run"]] as const) {
          const before = upstream().length
          const answer = await ask(method, `/v1/buckets/${bucket}/inventories/ci-a${path}`, {
            token: "writer-token",
            headers: { "content-type": "application/json" },
            body: method === "PUT" ? body : body.replace(/"(?:isEnabled|schedule)":(?:true|\{[^}]*\}),/gu, ""),
          })
          const sent = upstream().slice(before).filter(isWrite)
          if (sent.length > 0) through.push(what)
          for (const request of sent) {
            const text = new TextDecoder().decode(request.body)
            // Text that looks like an element is text
            const nodes = parse(text.replaceAll("&lt;", "")) as Array<TNode | string>
            assert.deepEqual(all(nodes, "bucket"), [own], `${what}: ${text}`)
            assert.match(text, /<\/Bucket><Prefix>ci\//u, what)
          }
          if (sent.length === 0) assert.ok(answer.status >= 400 && answer.status < 500, `${what}: ${answer.status}`)
        }
      }
      assert.deepEqual([...new Set(through)], ["a filter that closes what is around it"])
      for (const destination of [place, { format: "CSV", bucket: `cos://${bucket}/ci/` }]) {
        const { status, text } = await ask("PUT", `/v1/buckets/${bucket}/inventories/ci-a`, {
          token: "writer-token",
          headers: { "content-type": "application/json" },
          body: jsonRule(destination),
        })
        assert.ok(status === 200 || status === 201, text)
      }
    }))
}
