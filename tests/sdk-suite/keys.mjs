/** Object keys that clients and servers like to take for something else. */
import { strict as assert } from "node:assert"
import { etag } from "./world.mjs"

const keys = {
  "Chinese": "odd/中文/文件.txt",
  "emoji": "odd/😀🎉👩‍👩‍👧.txt",
  "a combining accent": "odd/u\u0308",
  "spaces at both ends": "odd/ in between ",
  "a plus": "odd/a+b+c",
  "a percent sign": "odd/100%",
  "what looks like an escape": "odd/%41%2F%",
  "the signs of a query": "odd/a&b=c?d#e;f:g@h,i$j",
  "quotes": "odd/\"double\"'single'`back`",
  "markup": "odd/<a>&amp;]]><!--",
  "brackets and a pipe": "odd/[a]{b}|c^d",
  "a backslash": "odd/a\\b",
  "two slashes": "odd/a//b",
  "a slash at its end": "odd/folder/",
  "two dots": "odd/a/../b",
  "a dot": "odd/a/./b",
  "all that is signed as an escape": "odd/!'()*~-_.",
  "a tab": "odd/a\tb",
  "850 bytes": `odd/${"k".repeat(846)}`,
}

export const keySteps = [
  ...Object.entries(keys).map(([kind, key]) => ({
    name: `puts, reads, lists and deletes a key with ${kind}`,
    run: async ({ at, cos, put, get, head }) => {
      const body = `The object ${key}`
      assert.equal((await put(key, body)).ETag, etag(body))
      assert.equal(String((await get(key)).Body), body)
      assert.equal((await head(key)).ETag, etag(body))
      const listed = await cos.getBucket({ ...at, Prefix: key })
      assert.deepEqual(listed.Contents.map(({ Key }) => Key), [key])
      const encoded = await cos.getBucket({ ...at, Prefix: key, EncodingType: "url" })
      assert.equal(encoded.EncodingType, "url")
      assert.deepEqual(encoded.Contents.map(({ Key }) => decodeURIComponent(Key)), [key])
      const { Deleted } = await cos.deleteMultipleObject({ ...at, Objects: [{ Key: key }] })
      assert.deepEqual(Deleted.map(({ Key }) => Key), [key])
      assert.deepEqual((await cos.getBucket({ ...at, Prefix: key })).Contents, [])
    },
  })),
  {
    name: "keeps keys apart that differ in a slash, a dot or a case alone",
    run: async ({ at, cos, put, get }) => {
      const alike = ["apart/a/b", "apart/a//b", "apart/a/./b", "apart/b", "apart/a/../b", "apart/A/b", "apart/a%2Fb"]
      for (const key of alike) await put(key, key)
      for (const key of alike) assert.equal(String((await get(key)).Body), key)
      const { Contents } = await cos.getBucket({ ...at, Prefix: "apart/" })
      assert.deepEqual(Contents.map(({ Key }) => Key), alike.toSorted((a, b) => a < b ? -1 : 1))
    },
  },
  {
    // It cuts the first slash of every key, without `UseRawKey` (sdk/util.js, `apiWrapper`)
    name: "puts a key with a slash before it as one without",
    run: async ({ at, cos, put, get }) => {
      await put("/cut", "body")
      assert.equal(String((await get("cut")).Body), "body")
      assert.deepEqual((await cos.getBucket({ ...at, Prefix: "cut" })).Contents.map(({ Key }) => Key), ["cut"])
    },
  },
  {
    // It refuses to read what a path could make of it a bucket, though COS would have such a key (`ObjectKeySimplifyCheck`)
    name: "will not read a key that leads back to its bucket",
    run: async ({ at, cos, client, put, get }) => {
      await put("back/..", "body")
      const said = await get("back/..").then(() => undefined, ({ message }) => message)
      assert.equal(said, "The Getobject Key is illegal")
      const { Body } = await client({ ObjectKeySimplifyCheck: false }).getObject({ ...at, Key: "back/.." })
      assert.equal(String(Body), "body")
      await cos.deleteObject({ ...at, Key: "back/.." })
    },
  },
]
