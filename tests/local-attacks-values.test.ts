/** Parameters, headers and bodies that are none, too much or not what they say, before a whole local COS. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import type { Headers } from "../core/http.ts"
import { call } from "./door.ts"
import {
  type Asked,
  bucket,
  exchanged,
  hostOfBucket,
  local,
  localHost,
  md5Of,
  refused,
  replyOf,
  utf8,
  wellFormed,
  type World,
  written,
} from "./local-attacks-world.ts"

const world = local()

const letters = "abcdefghij"
const opened = async (): Promise<World> => {
  const found = await world()
  assert.equal((await found.ask({ method: "PUT", target: "/a", body: letters })).status, 200)
  return found
}
const uploadOf = async ({ ask }: World, key = "m"): Promise<string> =>
  `/${key}?uploadId=${(await ask({ method: "POST", target: `/${key}?uploads` })).element("UploadId")}`

const lists: ReadonlyArray<readonly [query: string, code: string]> = [
  ...["", "versions&", "uploads&"].flatMap((list) => {
    const most = list === "uploads&" ? "max-uploads" : "max-keys"
    const marker = list === "" ? "marker" : "key-marker"
    return [
      ...["-1", "abc", "1.5", "1e3", "0x10", "1001", "99999999", "9".repeat(40), "%00", "%E8%85%BE", "+1"].map((
        value,
      ) => [`${list}${most}=${value}`, "InvalidArgument"] as const),
      [`${list}encoding-type=base64`, "InvalidArgument"],
      [`${list}prefix=${"p".repeat(1025)}`, "InvalidURI"],
      [`${list}delimiter=${"%ff".repeat(1025)}`, "InvalidURI"],
      [`${list}${marker}=${"m".repeat(1025)}`, "InvalidURI"],
    ] as const
  }),
  ["list-type=2", "NotImplemented"],
  ["inventory&continuation-token=AAAA", "InvalidArgument"],
  ["inventory&continuation-token=%00%ff", "InvalidArgument"],
  ["inventory&id=%00", "InventoryConfigurationNotFoundError"],
  ["acl", "NotImplemented"],
  ["%00", "NotImplemented"],
  ["versions&uploads", "NotImplemented"],
]
test("a list refuses each limit, encoding, marker and parameter that makes no sense", async () => {
  const { ask } = await opened()
  for (const [query, code] of lists) {
    const reply = await ask({ target: `/?${query}` })
    assert.equal(reply.code, code, `${query}: ${reply.text}`)
  }
})

test("a list goes on from whatever marker it is handed, and repeats it so that XML can be read", async () => {
  const { ask } = await opened()
  for (
    const marker of ["%00", "%ff%fe", "%F4%8F%BF%BD", "%F4%8F%BF%BD%2500", "%zz", "%EF%BF%BF", "%1b", "m".repeat(1024)]
  ) {
    for (
      const query of [
        `marker=${marker}`,
        `versions&key-marker=${marker}`,
        `versions&key-marker=a&version-id-marker=${marker}`,
        `uploads&key-marker=${marker}`,
        `uploads&key-marker=a&upload-id-marker=${marker}`,
        `prefix=${marker}&delimiter=${marker}&encoding-type=url`,
      ]
    ) {
      const reply = await ask({ target: `/?${query}` })
      assert.equal(reply.status, 200, `${query}: ${reply.text}`)
    }
  }
})

test("the list of buckets takes any range, time and limit for none that it does not know", async () => {
  const { ask } = await opened()
  for (const range of ["", "lt", "__proto__", "constructor", "hasOwnProperty", "%00"]) {
    for (const time of ["", "abc", "1", "99999999999", "-1"]) {
      const reply = await ask({ host: localHost, target: `/?range=${range}&create-time=${time}&max-keys=${time}` })
      assert.equal(reply.status, 200, reply.text)
      const isLater = range === "lt" && (time === "1" || time === "-1" || time === "")
      assert.deepEqual(reply.elements("Name"), isLater ? [] : [bucket], `${range} ${time}`)
    }
  }
})

/** A range, and what it gives of ten letters: all of them where it is passed over. */
const ranges: ReadonlyArray<readonly [range: string, status: number, body: string]> = [
  ["bytes=0-0", 206, "a"],
  ["bytes=9-", 206, "j"],
  ["bytes=0-99999999999", 206, letters],
  ["bytes=-3", 206, "hij"],
  ["bytes=-99", 206, letters],
  ["bytes=10-", 416, ""],
  ["bytes=-0", 416, ""],
  ["bytes=999999999999999-", 416, ""],
  ...[
    "bytes",
    "bytes=",
    "bytes=-",
    "bytes=a-b",
    "bytes=5-2",
    "bytes=0-1,3-4",
    "bytes=0x0-0x1",
    "bytes=--1",
    "bytes=1.0-2",
    "bytes=+1-2",
    "Bytes=0-1;",
    "lines=0-1",
    "0-1",
    `bytes=${"9".repeat(40)}-`,
    `bytes=0-${"9".repeat(40)}`,
    "bytes=\xb2-\xb3",
    "bytes=0-1\t,",
  ].map((range) => [range, 200, letters] as const),
]
test("GetObject gives what a range asks for, 416 where there is nothing, and the whole for what is no range", async () => {
  const { ask } = await opened()
  for (const [range, status, body] of ranges) {
    const reply = await ask({ target: "/a", headers: [["Range", range]] })
    assert.equal(reply.status, status, `${range}: ${reply.text}`)
    if (status < 300) assert.equal(reply.body, body, range)
    else assert.deepEqual([reply.code, reply.header("content-range")], ["InvalidRange", "bytes */10"])
  }
})

test("GetObject passes over conditions that are none", async () => {
  const { ask } = await opened()
  for (const when of ["", "never", "0", "\xff", "Fri, 31 Feb 2026", "9".repeat(100), "2026"]) {
    const headers: Headers = [["If-Modified-Since", when], ["If-Unmodified-Since", when]]
    assert.equal((await ask({ target: "/a", headers })).body, letters, when)
  }
  assert.equal((await ask({ target: "/a", headers: [["If-None-Match", "*"]] })).status, 304)
  refused(await ask({ target: "/a", headers: [["If-Match", '"\xff"']] }), "PreconditionFailed")
})

const sources: ReadonlyArray<readonly [source: string, code: string]> = [
  ["", "InvalidCopySource"],
  ["a", "InvalidCopySource"],
  ["/", "InvalidCopySource"],
  ["//", "NoSuchCopySource"],
  [hostOfBucket, "InvalidCopySource"],
  [`${hostOfBucket}/`, "InvalidCopySource"],
  [`https://${hostOfBucket}/`, "InvalidCopySource"],
  [`${hostOfBucket}/a?versionId=`, "InvalidCopySource"],
  [`${hostOfBucket}/a?versionId=%00`, "NoSuchVersion"],
  [`${hostOfBucket}/a?versionId=${"v".repeat(5000)}`, "NoSuchVersion"],
  [`${hostOfBucket}/a?acl`, "NoSuchCopySource"],
  [`${hostOfBucket}/%00`, "NoSuchCopySource"],
  [`${hostOfBucket}/..%2fa`, "NoSuchCopySource"],
  [`${hostOfBucket}/${"k".repeat(5000)}`, "NoSuchCopySource"],
  [`${hostOfBucket}/\xff`, "NoSuchCopySource"],
  [`${bucket}.cos.ap-nanjing.myqcloud.com/a`, "NoSuchCopySource"],
  ["unknown-1250000000.cos.ap-guangzhou.myqcloud.com/a", "NoSuchCopySource"],
  ["/unknown-1250000000/a", "NoSuchCopySource"],
  [`${bucket}/none`, "NoSuchCopySource"],
  ["http://[::1]:99999/none", "NoSuchCopySource"],
  ["http://user:password@example.com/none", "NoSuchCopySource"],
  ["file:///etc/passwd", "NoSuchCopySource"],
]
test("copies refuse every source that is none, and read nothing but this COS's own objects", async () => {
  const cos = await opened()
  const upload = await uploadOf(cos)
  for (const [source, code] of sources) {
    for (const target of ["/copy", `${upload}&partNumber=1`]) {
      const reply = await cos.ask({ method: "PUT", target, headers: [["x-cos-copy-source", source]] })
      assert.equal(reply.code, code, `${source}: ${reply.text}`)
    }
  }
  for (const range of ["0-1", "bytes=0-", "bytes=-1", "bytes=2-1", "bytes=a-b", "bytes=0-1,2-3", "\xff"]) {
    const headers: Headers = [["x-cos-copy-source", "/a"], ["x-cos-copy-source-range", range]]
    refused(await cos.ask({ method: "PUT", target: `${upload}&partNumber=1`, headers }), "InvalidArgument")
  }
  const beyond: Headers = [["x-cos-copy-source", "/a"], ["x-cos-copy-source-range", "bytes=0-10"]]
  refused(await cos.ask({ method: "PUT", target: `${upload}&partNumber=1`, headers: beyond }), "InvalidRange")
  assert.equal((await cos.ask({ method: "DELETE", target: upload })).status, 204)
})

test("a copy finds a source whose name its client did not encode", async () => {
  const { ask } = await opened()
  await ask({ method: "PUT", target: "/%E8%85%BE%E8%AE%AF", body: "found" })
  for (const source of [utf8("/腾讯"), utf8(`${hostOfBucket}/腾%E8%AE%AF`), "/%e8%85%be%e8%ae%af"]) {
    const reply = await ask({ method: "PUT", target: "/copy", headers: [["x-cos-copy-source", source]] })
    assert.equal(reply.status, 200, reply.text)
  }
  assert.equal((await ask({ target: "/copy" })).body, "found")
})

const puts: ReadonlyArray<readonly [header: string, value: string, code: string]> = [
  ...["=", "abc", "A".repeat(22), "A".repeat(24), "\xff", "900150983cd24fb0d6963f7d28e17f72"].map((value) =>
    ["Content-MD5", value, "InvalidDigest"] as const
  ),
  ["Content-MD5", md5Of("another"), "BadDigest"],
  ["x-cos-meta-a", "x".repeat(2048), "InvalidArgument"],
  ["x-cos-meta-a", "\xff".repeat(2048), "InvalidArgument"],
  ["x-cos-meta-a_b", "1", "InvalidArgument"],
  ["x-cos-meta-", "1", "InvalidArgument"],
  ["x-cos-meta-a!b", "1", "InvalidArgument"],
  ["x-cos-storage-class", "COLDEST", "NotSupportedStorageClass"],
  ["x-cos-storage-class", "__proto__", "NotSupportedStorageClass"],
  ["x-cos-storage-class", "\xff", "NotSupportedStorageClass"],
  ["x-cos-server-side-encryption", "ROT13", "InvalidArgument"],
  ["x-cos-server-side-encryption", "cos/kms", "NotImplemented"],
  ["x-cos-server-side-encryption-customer-algorithm", "AES256", "NotImplemented"],
  ["x-cos-forbid-overwrite", "maybe", "InvalidArgument"],
  ["x-cos-forbid-overwrite", "true", "FileAlreadyExists"],
  ["x-cos-traffic-limit", "1", "InvalidArgument"],
  ["x-cos-traffic-limit", "fast", "InvalidArgument"],
  ["x-cos-acl", "public-read", "NotImplemented"],
  ["x-cos-grant-read", 'id="1"', "NotImplemented"],
  ["x-cos-nonsense", "1", "NotImplemented"],
  ["x-cos-tagging", Array.from({ length: 11 }, (_, at) => `${at}=`).join("&"), "InvalidTag"],
  ["x-cos-tagging", "a=1&a=2", "InvalidTag"],
  ["x-cos-tagging", "=1", "InvalidTag"],
  ["x-cos-tagging", "a=%00", "InvalidTag"],
  ["x-cos-tagging", "a=%0d%0a", "InvalidTag"],
  ["x-cos-tagging", "a=%ff", "InvalidTag"],
  ["x-cos-tagging", `${"k".repeat(129)}=`, "InvalidTag"],
  ["x-cos-tagging", `k=${"v".repeat(257)}`, "InvalidTag"],
]
test("PutObject refuses each header that it cannot keep its word about, and leaves the object as it was", async () => {
  const { ask, cos } = await opened()
  const used = cos.store.bodies.used()
  for (const [name, value, code] of puts) {
    for (const method of ["PUT", "POST"]) {
      if (method === "POST" && (name === "Content-MD5" || name === "x-cos-forbid-overwrite")) continue
      const target = method === "PUT" ? "/a" : "/a?uploads"
      const reply = await ask({ method, target, headers: [[name, value]], body: method === "PUT" ? "new" : "" })
      assert.equal(reply.code, code, `${method} ${name}: ${value.slice(0, 50)}: ${reply.text}`)
    }
  }
  assert.equal((await ask({ target: "/a" })).body, letters)
  assert.equal(cos.store.bodies.used(), used)
})

test("an object gives back the bytes of its headers as they came, escapes, repeats and all", async () => {
  const { ask } = await opened()
  const given: Headers = [
    ["x-cos-meta-text", utf8("腾讯云😀")],
    ["X-COS-Meta-Bytes", "\x80\xff\xfe"],
    ["x-cos-meta-escapes", "a%0d%0aX-Injected: yes"],
    ["x-cos-meta-twice", "1"],
    ["x-cos-meta-twice", "2"],
    ["x-cos-meta-empty", ""],
    ["x-cos-meta-markup", `<a b="c">&amp;`],
    ["x-cos-meta-tab", "a\tb"],
    ["Content-Disposition", utf8(`attachment; filename="é.txt"`)],
    ["Content-Type", "text/plain; charset=\xff"],
  ]
  const put = await ask({
    method: "PUT",
    target: "/h",
    headers: given,
    body: "x",
    signature: { signed: { headers: [] } },
  })
  assert.equal(put.status, 200, put.text)
  for (const method of ["GET", "HEAD"]) {
    const reply = await ask({ method, target: "/h" })
    const own = reply.headers.filter(([name]) => given.some(([other]) => other.toLowerCase() === name.toLowerCase()))
    const lower = (headers: Headers) => headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).sort()
    assert.deepEqual(lower(own), lower(given))
    assert.equal(reply.header("x-injected"), undefined)
  }
})

test("custom headers are kept up to 2 KiB of names and values together", async () => {
  const { ask } = await opened()
  const put = (length: number) =>
    ask({ method: "PUT", target: "/h", headers: [["x-cos-meta-a", "v".repeat(length)]], body: "" })
  assert.equal((await put(2047)).status, 200)
  refused(await put(2048), "InvalidArgument")
})

test("no header of an answer is written by a parameter, whatever is in it", async () => {
  const { ask } = await opened()
  for (const value of ["a%0d%0aX-Injected:%20yes", "%00", "%7f", "a%0ab"]) {
    for (const name of ["content-type", "content-disposition", "cache-control", "expires", "content-encoding"]) {
      refused(await ask({ target: `/a?response-${name}=${value}` }), "InvalidArgument")
    }
    for (const method of ["GET", "DELETE"]) {
      refused(await ask({ method, target: `/a?versionId=${value}` }), "InvalidArgument")
      refused(await ask({ method, target: `/a?tagging&VersionId=${value}` }), "InvalidArgument")
    }
    assert.equal((await ask({ method: "HEAD", target: `/a?versionId=${value}` })).status, 400)
  }
  refused(await ask({ method: "DELETE", target: "/a?versionId=%E8%85%BE" }), "InvalidArgument")
  const reply = await ask({ target: "/a?response-content-disposition=%E8%85%BE" })
  assert.equal(reply.header("content-disposition"), utf8("腾"))
})

test("a part has a number from 1 to 10000 and an upload of its own key, or it is refused", async () => {
  const cos = await opened()
  const upload = await uploadOf(cos)
  const put = (target: string) => cos.ask({ method: "PUT", target, body: "part" })
  for (const number of ["0", "-1", "10001", "abc", "", "1.0", "1e3", "%00", "%D9%A1", "9".repeat(30), "0x1"]) {
    refused(await put(`${upload}&partNumber=${number}`), "InvalidArgument")
  }
  for (const number of ["1", "10000", "0002"]) assert.equal((await put(`${upload}&partNumber=${number}`)).status, 200)
  const id = upload.slice(upload.indexOf("=") + 1)
  for (const wrong of ["", "none", "%00", "__proto__", `${id}0`, id.slice(1), "x".repeat(5000)]) {
    refused(await put(`/m?partNumber=1&uploadId=${wrong}`), "NoSuchUpload")
    for (const method of ["GET", "DELETE"]) {
      refused(await cos.ask({ method, target: `/m?uploadId=${wrong}` }), "NoSuchUpload")
    }
  }
  refused(await put(`/other?partNumber=1&uploadId=${id}`), "NoSuchUpload")
  for (const paging of ["max-parts=0", "max-parts=1001", "max-parts=abc", "part-number-marker=-1"]) {
    refused(await cos.ask({ target: `${upload}&${paging}` }), "InvalidArgument")
  }
  assert.deepEqual((await cos.ask({ target: upload })).elements("PartNumber"), ["1", "2", "10000"])
  assert.equal((await cos.ask({ method: "DELETE", target: upload })).status, 204)
})

test("a body that ends early is refused and forgotten, of an object, a part or a document", async () => {
  const cos = await opened()
  const upload = await uploadOf(cos)
  const { bodies } = cos.cos.store
  const used = bodies.used()
  const cut: ReadonlyArray<Asked> = [
    { method: "PUT", target: "/a", body: "x".repeat(100) },
    { method: "PUT", target: "/a", body: "x".repeat(3_000_000) },
    { method: "PUT", target: `${upload}&partNumber=1`, body: "x".repeat(2_000_000) },
    { method: "PUT", target: "/?versioning", body: "<VersioningConfiguration/>".padEnd(100) },
    { method: "PUT", target: "/a", body: "x".repeat(2_000_000), framing: "chunked" },
  ]
  for (const asked of cut) {
    const bytes = written(asked)
    const caller = call(cos.port)
    caller.write(bytes.subarray(0, bytes.byteLength - 60))
    caller.end()
    const reply = replyOf(await caller.closed)
    wellFormed(reply, asked)
    refused(reply, "IncompleteBody")
  }
  assert.equal(bodies.used(), used)
  assert.equal((await cos.ask({ target: "/a" })).body, letters)
  assert.equal((await cos.ask({ method: "DELETE", target: upload })).status, 204)
})

test("what follows a body of its announced length is no part of the object", async () => {
  const cos = await opened()
  const bytes = written({ method: "PUT", target: "/short", body: "abc" })
  const caller = call(cos.port)
  caller.write(Buffer.concat([bytes, Buffer.from("GET /a HTTP/1.1\r\n")]))
  caller.end()
  const answers = await caller.closed
  assert.match(answers, /^HTTP\/1\.1 200 /u)
  assert.equal((await cos.ask({ target: "/short" })).body, "abc")
})

test("an object or a part is refused when it comes with neither a length nor chunks", async () => {
  const cos = await opened()
  const upload = await uploadOf(cos)
  for (const target of ["/unannounced", `${upload}&partNumber=1`]) {
    refused(await cos.ask({ method: "PUT", target, framing: "none" }), "MissingContentLength")
    const { body } = replyOf(await exchanged(cos.port, oldHttp(written({ method: "PUT", target, framing: "none" }))))
    assert.match(body, /<Code>MissingContentLength</u)
    assert.equal((await cos.ask({ method: "PUT", target })).status, 200)
  }
})

/** The same request of HTTP/1.0, which knows no chunks. */
const oldHttp = (request: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(request).toString("latin1").replace(" HTTP/1.1", " HTTP/1.0"), "latin1")

test("an announced body larger than COS takes is refused before it is sent", async () => {
  const cos = await opened()
  const upload = await uploadOf(cos)
  for (const target of ["/huge", `${upload}&partNumber=1`]) {
    const asked: Asked = {
      method: "PUT",
      target,
      framing: "none",
      headers: [["Content-Length", String(5 * 2 ** 30 + 1)]],
    }
    const caller = call(cos.port)
    caller.write(written(asked))
    const { head, body } = await caller.answer()
    caller.hangUp()
    const reply = replyOf(`${head}\r\n\r\n${body}`)
    wellFormed(reply, asked)
    refused(reply, "EntityTooLarge")
  }
})

test("an operation that is not there is called by the parameter that the one that is there does not take", async () => {
  const { ask } = await opened()
  const named = async (asked: Asked) => /does not implement &quot;(.*?)&quot;/u.exec((await ask(asked)).text)?.[1]
  assert.equal(await named({ method: "PUT", target: "/?versioning&acl" }), "PUT Bucket acl")
  assert.equal(await named({ method: "PUT", target: "/?acl&versioning" }), "PUT Bucket acl")
  assert.equal(await named({ target: "/?inventory&id=list1&foo=1" }), "GET Bucket foo")
  assert.equal(await named({ target: "/?prefix=a&domain&policy" }), "GET Bucket domain")
  assert.equal(await named({ method: "PUT", target: "/a?tagging&append" }), "PUT Object append")
  assert.equal(await named({ method: "PATCH", target: "/a" }), "PATCH Object")
  refused(await ask({ method: "PATCH", target: "/?inventory&id=list1&foo=1" }), "MethodNotAllowed")
})

test("a header that would have an image processed is refused by its name where an object is written", async () => {
  const { ask } = await opened()
  const headers: Headers = [["X-CI-Process", "imageMogr2/strip"]]
  const upload = await uploadOf(await opened())
  for (const target of ["/a", `${upload}&partNumber=1`]) {
    const reply = await ask({ method: "PUT", target, headers, body: "abc" })
    refused(reply, "NotImplemented")
    assert.match(reply.text, /x-ci-process/u)
  }
})

test("every method that no operation has is refused by its name", async () => {
  const { ask } = await opened()
  for (const method of ["PATCH", "TRACE", "PROPFIND", "COPY", "SEARCH", "LOCK"]) {
    for (const target of ["/", "/a", "/a?tagging"]) refused(await ask({ method, target }), "NotImplemented")
    refused(await ask({ method, target: "/?inventory&id=a" }), "MethodNotAllowed")
  }
  refused(await ask({ method: "OPTIONS", target: "/a" }), "InvalidRequest")
  refused(
    await ask({
      method: "OPTIONS",
      target: "/a",
      headers: [["Origin", "http://a"], ["Access-Control-Request-Method", "GET"]],
      signature: "none",
    }),
    "AccessForbidden",
  )
})
