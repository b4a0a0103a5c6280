/** Keys, tokens and clocks that are right or wrong. */
import { strict as assert } from "node:assert"
import { refused } from "./world.mjs"

export const accessSteps = [
  {
    name: "is refused with a wrong secret, an unknown id, or a token its key does not have",
    run: async ({ at, client, put }) => {
      await put("secret", "body")
      const reading = (options) => refused(client(options).getObject({ ...at, Key: "secret" }))
      assert.deepEqual(await reading({ SecretKey: "another" }), [403, "SignatureDoesNotMatch"])
      assert.deepEqual(await reading({ SecretId: "AKIDunknown" }), [403, "InvalidAccessKeyId"])
      assert.deepEqual(await reading({ SecurityToken: "a-token" }), [403, "InvalidAccessKeyId"])
    },
  },
  {
    name: "is told what the server signed, and where",
    run: async ({ at, client, cos }) => {
      const refusal = (promise) => promise.then(() => undefined, (error) => error)
      const { error } = await refusal(client({ SecretKey: "another" }).getObject({ ...at, Key: "中" }))
      assert.match(error.StringToSign, /^sha1\n\d+;\d+\n[0-9a-f]{40}\n$/u)
      assert.match(error.FormatString, /^get\n\/中\n\n[^]*host=/u)
      assert.equal(error.Resource, `${at.Bucket}.cos.${at.Region}.myqcloud.com/中`)
      const missing = await refusal(cos.getObject({ ...at, Key: "missing" }))
      assert.equal(missing.RequestId, missing.error.RequestId)
      assert.ok(missing.RequestId)
    },
  },
  {
    name: "puts its clock right when the server says that a request has expired",
    run: async ({ at, client, put }) => {
      await put("clock", "body")
      const slow = client({ SystemClockOffset: -3_600_000 })
      const said = []
      const { error } = console
      console.error = (...words) => said.push(words.join(" "))
      try {
        assert.equal(String((await slow.getObject({ ...at, Key: "clock" })).Body), "body")
      } finally {
        console.error = error
      }
      assert.deepEqual(said, ["error: Local time is too skewed."])
      assert.ok(Math.abs(slow.options.SystemClockOffset) < 60_000, String(slow.options.SystemClockOffset))
    },
  },
]

/** For a server that knows a temporary key as well. */
export const tokenSteps = [
  {
    name: "signs with a temporary key and its token, which the server wants to see",
    run: async ({ at, client, linking, put, temporary }) => {
      await put("token", "body")
      const { secretId: SecretId, secretKey: SecretKey, sessionToken: SecurityToken } = temporary
      const keys = { SecretId, SecretKey, SecurityToken }
      const reading = (options) => client(options).getObject({ ...at, Key: "token" })
      assert.equal(String((await reading(keys)).Body), "body")
      assert.deepEqual(await refused(reading({ ...keys, SecurityToken: "another" })), [403, "InvalidAccessKeyId"])
      assert.deepEqual(await refused(reading({ ...keys, SecurityToken: "" })), [403, "InvalidAccessKeyId"])
      const url = linking(keys).getObjectUrl({ ...at, Key: "token" }, () => {})
      const response = await fetch(url)
      assert.deepEqual([response.status, await response.text()], [200, "body"])
    },
  },
]
