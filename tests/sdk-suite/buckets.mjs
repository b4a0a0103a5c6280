/** Buckets, their lists, and their rules for other origins. */
import { strict as assert } from "node:assert"
import { refused } from "./world.mjs"

export const bucketSteps = [
  {
    name: "creates a bucket, finds it, lists it and deletes it",
    run: async ({ cos, at, bucket }) => {
      const own = await bucket("sdk-life")
      assert.equal((await cos.headBucket(own)).statusCode, 200)
      const { Buckets, Owner } = await cos.getService()
      const found = Buckets.find(({ Name }) => Name === own.Bucket)
      assert.deepEqual([found.Location, found.BucketType ?? "cos"], [at.Region, "cos"])
      assert.ok(!Number.isNaN(Date.parse(found.CreationDate)), found.CreationDate)
      assert.match(Owner.ID, /^qcs::cam::uin\/\d+:uin\/\d+$/u)
      assert.equal((await cos.deleteBucket(own)).statusCode, 204)
      assert.deepEqual(await refused(cos.getBucket(own)), [404, "NoSuchBucket"])
    },
  },
  {
    name: "lists the buckets of one region",
    run: async ({ cos, at, client }) => {
      const other = { Bucket: "sdk-elsewhere-1250000000", Region: "ap-shanghai" }
      await cos.putBucket(other)
      const names = async (Region) => (await client().getService({ Region })).Buckets.map(({ Name }) => Name)
      assert.deepEqual(await names(other.Region), [other.Bucket])
      assert.ok(!(await names(at.Region)).includes(other.Bucket))
      assert.ok((await names(at.Region)).includes(at.Bucket))
      await cos.deleteBucket(other)
    },
  },
  {
    name: "is told when a bucket exists, or is not empty",
    run: async ({ cos, bucket }) => {
      const own = await bucket("sdk-full")
      // Page 7738: whose bucket it is decides on the code
      assert.equal((await refused(cos.putBucket(own)))[0], 409)
      await cos.putObject({ ...own, Key: "a", Body: "a" })
      assert.deepEqual(await refused(cos.deleteBucket(own)), [409, "BucketNotEmpty"])
      await cos.deleteObject({ ...own, Key: "a" })
      assert.equal((await cos.deleteBucket(own)).statusCode, 204)
    },
  },
  {
    name: "lists objects by prefix and delimiter, page by page",
    run: async ({ cos, bucket }) => {
      const own = await bucket("sdk-list")
      const keys = ["a/1", "a/2", "a/b/3", "c", "d/4"]
      for (const Key of keys) await cos.putObject({ ...own, Key, Body: Key })
      const whole = await cos.getBucket(own)
      assert.deepEqual(whole.Contents.map(({ Key }) => Key), keys)
      assert.deepEqual([whole.Name, whole.IsTruncated, whole.MaxKeys], [own.Bucket, "false", "1000"])
      assert.deepEqual(whole.Contents.map(({ Size, StorageClass }) => [Size, StorageClass]), [
        ["3", "STANDARD"],
        ["3", "STANDARD"],
        ["5", "STANDARD"],
        ["1", "STANDARD"],
        ["3", "STANDARD"],
      ])

      const level = await cos.getBucket({ ...own, Delimiter: "/" })
      assert.deepEqual(level.CommonPrefixes, [{ Prefix: "a/" }, { Prefix: "d/" }])
      assert.deepEqual(level.Contents.map(({ Key }) => Key), ["c"])
      const below = await cos.getBucket({ ...own, Delimiter: "/", Prefix: "a/" })
      assert.deepEqual(below.CommonPrefixes, [{ Prefix: "a/b/" }])
      assert.deepEqual(below.Contents.map(({ Key }) => Key), ["a/1", "a/2"])

      const seen = []
      let marker
      do {
        const page = await cos.getBucket({ ...own, MaxKeys: 2, ...(marker === undefined ? {} : { Marker: marker }) })
        assert.ok(page.Contents.length <= 2)
        seen.push(...page.Contents.map(({ Key }) => Key))
        marker = page.IsTruncated === "true" ? page.NextMarker : undefined
      } while (marker !== undefined)
      assert.deepEqual(seen, keys)
    },
  },
  {
    name: "lists an empty bucket as empty lists",
    run: async ({ cos, bucket }) => {
      const { Contents, CommonPrefixes, IsTruncated } = await cos.getBucket(await bucket("sdk-empty"))
      assert.deepEqual([Contents, CommonPrefixes, IsTruncated], [[], [], "false"])
    },
  },
  {
    name: "puts, gets and deletes rules for other origins",
    run: async ({ cos, bucket }) => {
      const own = await bucket("sdk-cors")
      // It takes a bucket without rules, a 404, for one with no rules
      const none = await cos.getBucketCors(own)
      assert.deepEqual([none.CORSRules, none.statusCode], [[], 404])
      const rules = [
        {
          ID: "first",
          AllowedOrigins: ["https://example.com", "http://localhost:3000"],
          AllowedMethods: ["GET", "PUT"],
          AllowedHeaders: ["*"],
          ExposeHeaders: ["ETag", "x-cos-request-id"],
          MaxAgeSeconds: "600",
        },
        {
          AllowedOrigins: ["*"],
          AllowedMethods: ["HEAD"],
          AllowedHeaders: [],
          ExposeHeaders: [],
          MaxAgeSeconds: "5",
        },
      ]
      assert.equal((await cos.putBucketCors({ ...own, CORSRules: rules })).statusCode, 200)
      assert.deepEqual((await cos.getBucketCors(own)).CORSRules, rules)

      const asked = { ...own, Key: "a", Origin: "https://example.com", AccessControlRequestMethod: "PUT" }
      const allowed = await cos.optionsObject({ ...asked, AccessControlRequestHeaders: "x-cos-meta-a" })
      assert.equal(allowed.statusCode, 200)
      assert.equal(allowed.AccessControlAllowOrigin, "https://example.com")
      assert.match(allowed.AccessControlAllowMethods, /PUT/u)
      assert.match(allowed.AccessControlAllowHeaders, /^(?:\*|x-cos-meta-a)$/iu)
      assert.equal(allowed.AccessControlMaxAge, "600")
      // It takes a refusal for an answer
      const forbidden = await cos.optionsObject({ ...asked, AccessControlRequestMethod: "DELETE" })
      assert.deepEqual(forbidden, { OptionsForbidden: true, statusCode: 403 })

      await cos.putObject({ ...own, Key: "a", Body: "a" })
      const { headers } = await cos.getObject({ ...own, Key: "a", Headers: { Origin: "https://example.com" } })
      assert.equal(headers["access-control-allow-origin"], "https://example.com")

      assert.equal((await cos.deleteBucketCors(own)).statusCode, 204)
      assert.deepEqual((await cos.getBucketCors(own)).CORSRules, [])
    },
  },
  {
    name: "is told which operation is not implemented",
    run: async ({ cos, at, put }) => {
      await put("plain", "plain")
      const outside = {
        getBucketLifecycle: at,
        getBucketAcl: at,
        getBucketWebsite: at,
        putBucketPolicy: { ...at, Policy: { version: "2.0", Statement: [] } },
        getObjectAcl: { ...at, Key: "plain" },
        appendObject: { ...at, Key: "plain", Body: "more", Position: 5 },
      }
      for (const [method, parameters] of Object.entries(outside)) {
        assert.deepEqual(await refused(cos[method](parameters)), [501, "NotImplemented"], method)
      }
      assert.equal(String((await cos.getObject({ ...at, Key: "plain" })).Body), "plain")
    },
  },
]
