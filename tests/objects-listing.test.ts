/** Lists of objects, versions and uploads against a plain model: every page, in byte order, each entry once. */
import { strict as assert } from "node:assert"
import { test } from "node:test"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { encodedMarker } from "../adapters/memory/buckets/assumptions.ts"
import { hashes } from "../adapters/hashes/node.ts"
import { makeEngine } from "../adapters/memory/engine.ts"
import { settingsOf } from "../adapters/memory/options.ts"
import { makeTree, type Upload, type Version } from "../adapters/store/mod.ts"
import { encodeKey, type Key, keyOfRaw, keyOfText, textOfKey } from "../core/key.ts"
import { noBody } from "../core/http.ts"
import { readXml } from "../core/wire/xml/mod.ts"
import { prop } from "./harness.ts"
import {
  asItStands,
  byKey,
  elementsIn,
  fill,
  keyFrom,
  Listing,
  namesIn,
  pagesOf,
  shownName,
  textIn,
  versionsOf,
} from "./buckets-world.ts"
import { bucket, hostOfBucket, refused, start, type World, world } from "./objects-world.ts"

const lawful = (check: () => Promise<void>): Effect.Effect<boolean, unknown> =>
  Effect.as(Effect.tryPromise({ try: check, catch: (cause) => cause }), true)

const queryOf = ({ prefix, delimiter, size }: Listing, limit: string): string =>
  `prefix=${encodeKey(keyFrom(prefix))}&delimiter=${encodeKey(delimiter)}&${limit}=${size}`

const checkPages = (
  names: ReadonlyArray<ReadonlyArray<ReadonlyArray<Key>>>,
  expected: ReadonlyArray<Key>,
  size: number,
): void => {
  const pages = names.map(([groups, items]) => [...groups!, ...items!].sort(byKey))
  for (const lists of names) for (const list of lists) assert.deepEqual(list, [...list].sort(byKey))
  assert.deepEqual(pages.flat(), expected)
  assert.deepEqual(pages.map(({ length }) => length), chunks(expected.length, size))
}

/** Full pages and a rest; an empty list is one empty page. */
const chunks = (length: number, size: number): ReadonlyArray<number> =>
  length <= size ? [length] : [size, ...chunks(length - size, size)]

const objectsIn = (all: ReadonlyArray<ReadonlyArray<Version>>, { prefix, delimiter }: Listing): ReadonlyArray<Key> => {
  const start = keyFrom(prefix)
  const shown = all.filter(([newest]) => !newest!.isDeleteMarker && newest!.key.startsWith(start))
  return [...new Set(shown.map(([newest]) => shownName(newest!.key, start, delimiter)))].sort(byKey)
}

prop(
  "GetBucket's pages together are the objects and groups of the model, in byte order, each once",
  Listing,
  (asked) =>
    lawful(async () => {
      const cos = world()
      const expected = objectsIn(fill(cos.store, asked.keys), asked)
      const pages = await pagesOf(
        cos,
        `/?encoding-type=url&${queryOf(asked, "max-keys")}`,
        { marker: "NextMarker" },
        asItStands,
      )
      checkPages(pages.map(({ text }) => namesIn(text, "Contents")), expected, asked.size)
    }),
)

/** Only what begins like a marker of the local COS's own has to be written as one. */
const markerOf = (key: Key): Key => {
  const sign = keyOfText(encodedMarker)
  return key.startsWith(sign) ? sign + encodeKey(key) : key
}

prop("GetBucket lists what sorts behind a marker, whatever it is", Listing, (asked) =>
  lawful(async () => {
    const cos = world()
    const marker = keyFrom(asked.marker)
    const expected = objectsIn(fill(cos.store, asked.keys), asked).filter((name) => name > marker)
    const query = queryOf({ ...asked, size: 1000 }, "max-keys")
    const page = await cos.ask("GET", `/?encoding-type=url&${query}&marker=${encodeKey(markerOf(marker))}`)
    assert.deepEqual(namesIn(page.text, "Contents").flat().sort(byKey), expected)
  }))

prop(
  "GetBucket comes to its end without an encoding too, and every page is XML",
  Listing,
  (asked) =>
    lawful(async () => {
      const cos = world()
      const expected = objectsIn(fill(cos.store, asked.keys), asked)
      const pages = await pagesOf(cos, `/?${queryOf(asked, "max-keys")}`, { marker: "NextMarker" })
      for (const { text } of pages) assert.ok(Result.isSuccess(readXml(text)), text)
      const listed = pages.flatMap(({ text }) => elementsIn(text, "CommonPrefixes", "Contents"))
      assert.equal(listed.length, expected.length)
    }),
)

const versionsIn = (xml: string) =>
  elementsIn(xml, "Version", "DeleteMarker").map((found) =>
    [
      found.name,
      keyOfRaw(textIn(found.xml, "Key")),
      textIn(found.xml, "VersionId"),
      textIn(found.xml, "IsLatest"),
    ] as const
  )

const inVersioned = (): World => world({ buckets: [{ ...bucket, versioning: "Enabled" }] })
const versionMarkers = { "key-marker": "NextKeyMarker", "version-id-marker": "NextVersionIdMarker" }

prop(
  "GetBucketObjectVersions' pages together are the versions of the model, newest first, each once",
  Listing,
  (asked) =>
    lawful(async () => {
      const cos = inVersioned()
      const prefix = keyFrom(asked.prefix)
      const all = fill(cos.store, asked.keys).filter(([newest]) => newest!.key.startsWith(prefix))
      const inGroup = ([newest]: ReadonlyArray<Version>) =>
        asked.delimiter !== "" && newest!.key.includes(asked.delimiter, prefix.length)
      const pages = await pagesOf(
        cos,
        `/?versions&encoding-type=url&${queryOf(asked, "max-keys")}`,
        versionMarkers,
        asItStands,
      )
      assert.deepEqual(
        pages.flatMap(({ text }) => versionsIn(text)),
        all.filter((versions) => !inGroup(versions)).flatMap((versions) =>
          versions.map(({ isDeleteMarker, key, versionId }, at) =>
            [isDeleteMarker ? "DeleteMarker" : "Version", key, versionId, String(at === 0)] as const
          )
        ),
      )
      assert.deepEqual(
        pages.flatMap(({ text }) => namesIn(text, "Version")[0]!),
        [...new Set(all.filter(inGroup).map(([newest]) => shownName(newest!.key, prefix, asked.delimiter)))],
      )
      const counts = pages.map(({ text }) => elementsIn(text, "Version", "DeleteMarker", "CommonPrefixes").length)
      assert.deepEqual(counts, chunks(counts.reduce((sum, count) => sum + count, 0), asked.size))
    }),
)

prop(
  "a client that deletes each page of versions before it asks for the next empties the bucket",
  Listing,
  (asked) =>
    lawful(async () => {
      const cos = inVersioned()
      const all = fill(cos.store, asked.keys)
      const deleting: Pick<World, "ask"> = {
        ask: async (method, target) => {
          const page = await cos.ask(method, target)
          cos.store.commit(
            versionsIn(page.text).map(([, key, versionId]) =>
              ({ _tag: "VersionDeleted", bucket: bucket.name, key, versionId }) as const
            ),
          )
          return page
        },
      }
      const target = `/?versions&encoding-type=url&max-keys=${asked.size}`
      const pages = await pagesOf(deleting, target, versionMarkers, asItStands)
      assert.equal(pages.flatMap(({ text }) => versionsIn(text)).length, all.flat().length)
      assert.deepEqual([...cos.store.entries(bucket.name, "")], [])
    }),
)

const uploadsOf = (keys: Listing["keys"]): ReadonlyArray<Upload> =>
  keys.flatMap(({ name, markers }, of) =>
    markers.map((_, at) => ({
      bucket: bucket.name,
      id: `${start + of}-${at}`,
      key: keyFrom(name),
      initiated: start,
      storageClass: "STANDARD",
      headers: [],
      tags: [],
    }))
  ).sort((a, b) => byKey(a.key, b.key) || byKey(a.id, b.id))

prop(
  "ListMultipartUploads' pages together are the uploads of the model, each once",
  Listing,
  (asked) =>
    lawful(async () => {
      const cos = world()
      const prefix = keyFrom(asked.prefix)
      const uploads = uploadsOf(asked.keys)
      cos.store.commit(uploads.map((upload) => ({ _tag: "UploadPut", upload } as const)))
      const pages = await pagesOf(
        cos,
        `/?uploads&encoding-type=url&${queryOf({ ...asked, delimiter: "" }, "max-uploads")}`,
        { "key-marker": "NextKeyMarker", "upload-id-marker": "NextUploadIdMarker" },
        asItStands,
      )
      assert.deepEqual(
        pages.flatMap(({ text }) => elementsIn(text, "Upload")).map(({ xml }) => textIn(xml, "UploadId")),
        uploads.filter(({ key }) => key.startsWith(prefix)).map(({ id }) => id),
      )
      const grouped = await pagesOf(
        cos,
        `/?uploads&encoding-type=url&${queryOf({ ...asked, delimiter: "/" }, "max-uploads")}`,
        { "key-marker": "NextKeyMarker", "upload-id-marker": "NextUploadIdMarker" },
        asItStands,
      )
      const shown = uploads.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => shownName(key, prefix, "/"))
      assert.deepEqual(
        grouped.flatMap(({ text }) => namesIn(text, "Upload")[0]!),
        [...new Set(shown.filter((name) => name.slice(prefix.length).endsWith("/")))],
      )
    }),
)

test("GetBucket writes a page as the documentation prints it", async () => {
  const cos = world({ buckets: [{ name: "examplebucket-1250000000", region: "ap-beijing" }] })
  cos.setTime(Date.parse("2019-05-27T11:26:14.567Z"))
  for (const key of ["example-folder-1/example-object-1.jpg", "example-object-1.jpg", "example-object-2.jpg"]) {
    await cos.ask("PUT", `/${key}`, [], "hello")
  }
  const page = await cos.ask("GET", "/?delimiter=%2F&max-keys=2")
  assert.equal(page.header("x-cos-bucket-region"), "ap-beijing")
  assert.equal(page.header("content-type"), "application/xml")
  assert.equal(
    page.text,
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><Name>examplebucket-1250000000</Name><Prefix></Prefix>' +
      "<Marker></Marker><MaxKeys>2</MaxKeys><Delimiter>/</Delimiter><IsTruncated>true</IsTruncated>" +
      "<NextMarker>example-object-1.jpg</NextMarker><CommonPrefixes><Prefix>example-folder-1/</Prefix></CommonPrefixes>" +
      "<Contents><Key>example-object-1.jpg</Key><LastModified>2019-05-27T11:26:14.000Z</LastModified>" +
      "<ETag>&quot;5d41402abc4b2a76b9719d911017c592&quot;</ETag><Size>5</Size>" +
      "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner>" +
      "<StorageClass>STANDARD</StorageClass></Contents></ListBucketResult>",
  )
})

test("GetBucketObjectVersions writes versions and delete markers as the documentation prints them", async () => {
  const cos = world({ buckets: [{ name: "examplebucket-1250000000", region: "ap-beijing" }] })
  cos.store.commit([
    ...versionsOf("a&b", [true, false]).map((
      version,
    ) => ({ _tag: "VersionPut", bucket: bucket.name, version } as const)),
  ])
  const text = async () => (await cos.ask("GET", "/?versions&max-keys=1&key-marker=")).text
  const owner = "<Owner><ID>1250000000</ID><DisplayName>1250000000</DisplayName></Owner>"
  const documented = (id: string) =>
    '<?xml version="1.0" encoding="UTF-8"?><ListVersionsResult><Name>examplebucket-1250000000</Name><Prefix></Prefix>' +
    "<KeyMarker></KeyMarker><VersionIdMarker></VersionIdMarker><MaxKeys>1</MaxKeys><IsTruncated>true</IsTruncated>" +
    `<NextKeyMarker>a&amp;b</NextKeyMarker><NextVersionIdMarker>${id}</NextVersionIdMarker>` +
    `<DeleteMarker><Key>a&amp;b</Key><VersionId>${id}</VersionId><IsLatest>true</IsLatest>` +
    `<LastModified>2025-11-21T04:40:02.000Z</LastModified>${owner}</DeleteMarker></ListVersionsResult>`
  assert.equal(await text(), documented(""), "a bucket that never had versioning shows no ids (page 35521)")
  const status = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>"
  assert.equal((await cos.ask("PUT", "/?versioning", [], status)).status, 200)
  assert.equal(await text(), documented(versionsOf("a&b", [true, false])[0]!.versionId))
})

test("a list repeats what it was asked for, and encodes it when the keys are encoded", async () => {
  const { ask } = world()
  const plain = await ask("GET", "/?prefix=%E8%85%BE%26&marker=%E8%85%BE%2B&delimiter=%26")
  assert.deepEqual(
    ["Prefix", "Marker", "Delimiter", "MaxKeys", "EncodingType"].map(plain.element),
    ["腾&", "腾+", "&", "1000", ""],
  )
  const encoded = await ask("GET", "/?prefix=%E8%85%BE%26&marker=%E8%85%BE%2B&delimiter=%26&encoding-type=url")
  assert.deepEqual(
    ["Prefix", "Marker", "Delimiter", "EncodingType"].map(encoded.element),
    ["%E8%85%BE%26", "%E8%85%BE%2B", "&", "url"],
  )
})

test("a list takes every byte of its parameters for one, and a plus for a space", async () => {
  const cos = world()
  fill(cos.store, [])
  for (const key of ["\xff", "%FF", "a b", "a+b"]) {
    cos.store.commit([{ _tag: "VersionPut", bucket: bucket.name, version: versionsOf(key, [false])[0]! }])
  }
  const keys = async (prefix: string) =>
    namesIn((await cos.ask("GET", `/?encoding-type=url&prefix=${prefix}`)).text, "Contents")[1]
  assert.deepEqual(await keys("%FF"), ["\xff"])
  assert.deepEqual(await keys("%25FF"), ["%FF"])
  assert.deepEqual(await keys("a+"), ["a b"])
  assert.deepEqual(await keys("a%2B"), ["a+b"])
})

test("a list refuses a limit, an encoding or a marker that the documentation does not allow", async () => {
  const { ask } = world()
  for (const limit of ["-1", "1001", "1.5", "ten", "1e3", "99999999999"]) {
    refused(await ask("GET", `/?max-keys=${limit}`), "InvalidArgument")
    refused(await ask("GET", `/?versions&max-keys=${limit}`), "InvalidArgument")
    refused(await ask("GET", `/?uploads&max-uploads=${limit}`), "InvalidArgument")
  }
  for (const list of ["", "versions&", "uploads&"]) {
    refused(await ask("GET", `/?${list}encoding-type=base64`), "InvalidArgument")
    refused(await ask("GET", `/?${list}prefix=${"x".repeat(1025)}`), "InvalidURI")
    assert.equal((await ask("GET", `/?${list}prefix=${"x".repeat(1024)}`)).status, 200)
  }
  refused(await ask("GET", "/?list-type=2"), "NotImplemented")
})

test("an empty page that was asked for is not truncated, so that nobody asks for the next one for ever", async () => {
  const cos = world()
  await cos.ask("PUT", "/a", [], "a")
  const page = await cos.ask("GET", "/?max-keys=0")
  assert.deepEqual(["MaxKeys", "IsTruncated", "Key"].map(page.element), ["0", "false", ""])
})

test("a page is as short as a fault makes it, and the list goes on behind it", async () => {
  const { ask, store } = world()
  for (const key of ["a", "b", "c"]) await ask("PUT", `/${key}`, [], key)
  const settings = { ...settingsOf({ buckets: [], keys: [], verifySignatures: false }, hashes), pageSize: () => 1 }
  const engine = makeEngine({ store, settings, onJob: () => Effect.void, skew: () => 0 })
  const origin = `http://${hostOfBucket(bucket)}`
  const request = { method: "GET", origin, target: "/?max-keys=3", headers: [], body: noBody }
  const { body } = await Effect.runPromise(engine.answer(request))
  assert.match(
    new TextDecoder().decode(body as Uint8Array),
    /<MaxKeys>3<.*<IsTruncated>true<.*<NextMarker>a<(?:(?!<Key>).)*<Key>a<(?!.*<Key>)/u,
  )
})

test("a list of groups and a list from the middle look at few keys, however many there are", async () => {
  const tree = makeTree({ hashes })
  let looked = 0
  const store = {
    ...tree,
    *entries(name: string, from: Key) {
      for (const versions of tree.entries(name, from)) {
        looked++
        yield versions
      }
    },
  }
  const cos = world({ store })
  const digits = (at: number) => String(at).padStart(4, "0")
  cos.store.commit(
    Array.from({ length: 5000 }, (_, at) => ({
      _tag: "VersionPut",
      bucket: bucket.name,
      version: versionsOf(`folder-${digits(Math.floor(at / 500))}/${digits(at)}`, [false])[0]!,
    })),
  )
  const lookedAt = async (target: string, expected: number) => {
    looked = 0
    const page = await cos.ask("GET", target)
    assert.equal(elementsIn(page.text, "Contents", "Version", "CommonPrefixes").length, expected)
    return looked
  }
  assert.ok(await lookedAt("/?delimiter=/", 10) <= 11)
  assert.ok(await lookedAt("/?versions&delimiter=/", 10) <= 11)
  assert.ok(await lookedAt("/?max-keys=5&marker=folder-0007/3700", 5) <= 7)
  assert.ok(await lookedAt("/?versions&max-keys=5&key-marker=folder-0007/3700", 5) <= 7)
  assert.ok(await lookedAt("/?prefix=folder-0003/15&max-keys=100", 100) <= 101)
  assert.ok(await lookedAt("/?delimiter=/&marker=folder-0003/", 6) <= 7)
})

test("a key that XML cannot hold is listed percent-encoded, and is told from others by the url encoding alone", async () => {
  const cos = world()
  const keys = ["\x01", "%01", "\xff", keyOfText("\ufffe"), keyOfText("é")]
  for (const key of keys) {
    cos.store.commit([{ _tag: "VersionPut", bucket: bucket.name, version: versionsOf(key, [false])[0]! }])
  }
  const plain = await cos.ask("GET", "/")
  assert.deepEqual(plain.elements("Key"), ["%01", "%01", "é", "%EF%BF%BE", "%FF"])
  const encoded = await cos.ask("GET", "/?encoding-type=url")
  assert.deepEqual(encoded.elements("Key"), ["%01", "%2501", "%C3%A9", "%EF%BF%BE", "%FF"])
  assert.equal(textOfKey("\xff"), undefined)
})
