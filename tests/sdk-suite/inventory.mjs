/** The inventory operations that the SDK has: put, get, list, delete. */
import { strict as assert } from "node:assert"
import { refused } from "./world.mjs"

/** The SDK's own live test object (its `test/test.js`). */
const ruleOf = (Id, { Bucket, Region }, rest = {}) => ({
  Id,
  IsEnabled: "true",
  Destination: {
    COSBucketDestination: {
      Format: "CSV",
      AccountId: "100000000001",
      Bucket: `qcs::cos:${Region}::${Bucket}`,
      Prefix: "inventory_prefix_1",
      Encryption: { SSECOS: "" },
    },
  },
  Schedule: { Frequency: "Daily" },
  Filter: { Prefix: "myPrefix" },
  IncludedObjectVersions: "All",
  OptionalFields: ["Size"],
  ...rest,
})

export const inventorySteps = [
  {
    name: "puts, gets, lists, replaces and deletes an inventory rule",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-inventory")
      const put = (Id, rest) => cos.putBucketInventory({ ...own, Id, InventoryConfiguration: ruleOf(Id, own, rest) })
      const get = async (Id) => (await cos.getBucketInventory({ ...own, Id })).InventoryConfiguration
      assert.equal((await put("first")).statusCode, 200)
      assert.deepEqual(await get("first"), ruleOf("first", own))

      const rest = {
        IsEnabled: "false",
        Schedule: { Frequency: "Monthly", MonthlyDate: "28" },
        Filter: {
          And: { Prefix: "中 & <b>", Tag: [{ Key: "a", Value: "1" }, { Key: "b", Value: "2" }] },
          Period: { StartTime: "1568688761", EndTime: "1568688762" },
        },
        OptionalFields: ["Size", "LastModifiedDate", "ETag", "StorageClass", "Tag", "Crc64", "x-cos-meta-*"],
      }
      await put("second", rest)
      assert.deepEqual(await get("second"), ruleOf("second", own, rest))
      await put("first", { Schedule: { Frequency: "Weekly" } })

      const { InventoryConfigurations, IsTruncated } = await cos.listBucketInventory(own)
      assert.deepEqual(InventoryConfigurations, [
        ruleOf("first", own, { Schedule: { Frequency: "Weekly" } }),
        ruleOf("second", own, rest),
      ])
      assert.equal(IsTruncated, "false")
      for (const Id of ["first", "second", "second"]) {
        assert.equal((await cos.deleteBucketInventory({ ...own, Id })).statusCode, 204)
      }
      assert.deepEqual(await refused(get("first")), [404, "InventoryConfigurationNotFoundError"])
      assert.deepEqual((await cos.listBucketInventory(own)).InventoryConfigurations, [])
    },
  },
  {
    name: "follows the pages of a list of rules",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-inventories")
      const ids = Array.from({ length: 101 }, (_, at) => `rule-${at}`)
      for (const Id of ids) await cos.putBucketInventory({ ...own, Id, InventoryConfiguration: ruleOf(Id, own) })
      const first = await cos.listBucketInventory(own)
      assert.deepEqual([first.InventoryConfigurations.length, first.IsTruncated], [100, "true"])
      const rest = await cos.listBucketInventory({ ...own, ContinuationToken: first.NextContinuationToken })
      assert.equal(rest.IsTruncated, "false")
      const seen = [...first.InventoryConfigurations, ...rest.InventoryConfigurations].map(({ Id }) => Id)
      assert.deepEqual(seen, ids)
    },
  },
  {
    // It makes a list of one field, but not of one tag
    name: "gets the only tag of a filter as no list",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-tag")
      const Filter = { And: { Prefix: "p", Tag: [{ Key: "age", Value: "18" }] } }
      const InventoryConfiguration = ruleOf("one", own, { Filter, OptionalFields: ["Tag"] })
      await cos.putBucketInventory({ ...own, Id: "one", InventoryConfiguration })
      const { InventoryConfiguration: got } = await cos.getBucketInventory({ ...own, Id: "one" })
      assert.deepEqual(got.Filter.And.Tag, { Key: "age", Value: "18" })
    },
  },
  {
    // A GET with an empty id brings it a list, in which it looks for a rule and throws where nobody can catch it
    name: "is refused a rule that means nothing, or has no id",
    run: async ({ bucket, cos }) => {
      const own = await bucket("sdk-refused")
      const put = (Id, rest) =>
        refused(cos.putBucketInventory({ ...own, Id, InventoryConfiguration: ruleOf(Id, own, rest) }))
      assert.deepEqual(await put("a", { IncludedObjectVersions: "" }), [400, "MalformedXML"])
      assert.deepEqual(await put("a", { Schedule: { Frequency: "Hourly" } }), [400, "InvalidArgument"])
      assert.deepEqual(await put(""), [400, "InvalidArgument"])
      assert.deepEqual(await refused(cos.deleteBucketInventory({ ...own, Id: "" })), [400, "InvalidArgument"])
      const missing = { ...own, Bucket: "missing-1250000000" }
      assert.deepEqual(await refused(cos.listBucketInventory(missing)), [404, "NoSuchBucket"])
    },
  },
]
