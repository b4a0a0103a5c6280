/** Versions of objects, and the markers that deleting leaves. */
import { strict as assert } from "node:assert"
import { etag, refused } from "./world.mjs"

const versioned = async ({ bucket, cos }, name) => {
  const own = await bucket(name)
  await cos.putBucketVersioning({ ...own, VersioningConfiguration: { Status: "Enabled" } })
  return own
}

export const versionSteps = [
  {
    name: "turns versioning on and off",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-versioning")
      const state = async () => (await cos.getBucketVersioning(own)).VersioningConfiguration
      assert.deepEqual(await state(), {})
      for (const Status of ["Enabled", "Suspended", "Enabled"]) {
        const { statusCode } = await cos.putBucketVersioning({ ...own, VersioningConfiguration: { Status } })
        assert.equal(statusCode, 200)
        assert.deepEqual(await state(), { Status })
      }
    },
  },
  {
    name: "puts, reads, lists and deletes versions",
    run: async (world) => {
      const { cos } = world
      const own = await versioned(world, "sdk-versions")
      const here = { ...own, Key: "中 key" }
      const [first, second] = [
        await cos.putObject({ ...here, Body: "first" }),
        await cos.putObject({ ...here, Body: "second" }),
      ]
      assert.ok(first.VersionId && second.VersionId && first.VersionId !== second.VersionId)
      const newest = await cos.getObject(here)
      assert.deepEqual([String(newest.Body), newest.VersionId], ["second", second.VersionId])
      const older = await cos.getObject({ ...here, VersionId: first.VersionId })
      assert.deepEqual([String(older.Body), older.VersionId, older.ETag], ["first", first.VersionId, etag("first")])
      assert.equal((await cos.headObject({ ...here, VersionId: first.VersionId })).ETag, etag("first"))

      const marker = await cos.deleteObject(here)
      assert.deepEqual([marker.statusCode, marker.DeleteMarker], [204, "true"])
      assert.ok(marker.VersionId)
      assert.deepEqual(await refused(cos.getObject(here)), [404, "NoSuchKey"])
      assert.equal(String((await cos.getObject({ ...here, VersionId: second.VersionId })).Body), "second")
      assert.deepEqual((await cos.getBucket(own)).Contents, [])

      const listed = await cos.listObjectVersions(own)
      assert.deepEqual(
        listed.Versions.map(({ Key, VersionId, IsLatest, Size }) => [Key, VersionId, IsLatest, Size]),
        [[here.Key, second.VersionId, "false", "6"], [here.Key, first.VersionId, "false", "5"]],
      )
      assert.deepEqual(
        listed.DeleteMarkers.map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]),
        [[here.Key, marker.VersionId, "true"]],
      )

      // Without its marker the object is there again
      const unmarked = await cos.deleteObject({ ...here, VersionId: marker.VersionId })
      assert.deepEqual([unmarked.VersionId, unmarked.DeleteMarker], [marker.VersionId, "true"])
      assert.equal(String((await cos.getObject(here)).Body), "second")
      await cos.deleteObject({ ...here, VersionId: second.VersionId })
      assert.equal(String((await cos.getObject(here)).Body), "first")
      assert.deepEqual(await refused(cos.deleteBucket(own)), [409, "BucketNotEmpty"])
      const Objects = [{ Key: here.Key, VersionId: first.VersionId }]
      const { Deleted } = await cos.deleteMultipleObject({ ...own, Objects })
      assert.deepEqual(Deleted.map(({ Key, VersionId }) => [Key, VersionId]), [[here.Key, first.VersionId]])
      assert.equal((await cos.deleteBucket(own)).statusCode, 204)
    },
  },
  {
    name: "lists versions page by page",
    run: async (world) => {
      const { cos } = world
      const own = await versioned(world, "sdk-pages")
      const put = []
      for (const Key of ["a", "b", "b", "b", "c"]) {
        put.push([Key, (await cos.putObject({ ...own, Key, Body: Key })).VersionId])
      }
      const seen = []
      let markers = {}
      for (let isMore = true; isMore;) {
        const page = await cos.listObjectVersions({ ...own, MaxKeys: 2, ...markers })
        seen.push(...page.Versions.map(({ Key, VersionId }) => [Key, VersionId]))
        isMore = page.IsTruncated === "true"
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      }
      // The newest of each key first
      assert.deepEqual(seen, [put[0], put[3], put[2], put[1], put[4]])
    },
  },
  {
    name: "keeps what was there before versioning as the version null",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-null")
      const here = { ...own, Key: "key" }
      await cos.putObject({ ...here, Body: "before" })
      const state = (Status) => cos.putBucketVersioning({ ...own, VersioningConfiguration: { Status } })
      await state("Enabled")
      const { VersionId } = await cos.putObject({ ...here, Body: "during" })
      assert.equal(String((await cos.getObject({ ...here, VersionId: "null" })).Body), "before")
      await state("Suspended")
      await cos.putObject({ ...here, Body: "after" })
      assert.equal(String((await cos.getObject({ ...here, VersionId: "null" })).Body), "after")
      assert.equal(String((await cos.getObject({ ...here, VersionId })).Body), "during")
      const { Versions } = await cos.listObjectVersions(own)
      assert.deepEqual(Versions.map((version) => version.VersionId), ["null", VersionId])
    },
  },
  {
    name: "tags and copies one version",
    run: async (world) => {
      const { cos, source } = world
      const own = await versioned(world, "sdk-version-tags")
      const here = { ...own, Key: "key" }
      const { VersionId } = await cos.putObject({ ...here, Body: "first" })
      await cos.putObject({ ...here, Body: "second" })
      await cos.putObjectTagging({ ...here, VersionId, Tags: [{ Key: "a", Value: "1" }] })
      assert.deepEqual((await cos.getObjectTagging({ ...here, VersionId })).Tags, [{ Key: "a", Value: "1" }])
      assert.deepEqual((await cos.getObjectTagging(here)).Tags, [])
      await cos.putObjectCopy({ ...own, Key: "copy", CopySource: `${source("key", own)}?versionId=${VersionId}` })
      assert.equal(String((await cos.getObject({ ...own, Key: "copy" })).Body), "first")
    },
  },
  {
    name: "is told when a version is not there",
    run: async (world) => {
      const { cos } = world
      const own = await versioned(world, "sdk-no-version")
      const { VersionId } = await cos.putObject({ ...own, Key: "key", Body: "body" })
      const missing = cos.getObject({
        ...own,
        Key: "key",
        VersionId: VersionId.replace(/.$/u, (c) => c === "0" ? "1" : "0"),
      })
      assert.equal((await refused(missing))[0], 404)
      assert.deepEqual(await refused(cos.getObject({ ...own, Key: "other", VersionId }).then()), [404, "NoSuchVersion"])
    },
  },
]
