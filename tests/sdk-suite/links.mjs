/** Links that anybody may open who has them, for as long as they are signed for. */
import { strict as assert } from "node:assert"
import { request } from "node:http"

const urlOf = (cos, parameters) =>
  new Promise((resolve, reject) =>
    cos.getObjectUrl(parameters, (error, data) => error ? reject(error) : resolve(data.Url))
  )

const open = async (url, init) => {
  const response = await fetch(url, init)
  return { status: response.status, body: await response.text(), headers: response.headers }
}

/** A request that `fetch` would not send as it is. */
const ask = (address, options) => {
  const [hostname, port] = address.split(":")
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, ...options })
    asked.once("error", reject).once("response", async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      resolve({ status: response.statusCode, headers: response.headers, body: String(Buffer.concat(chunks)) })
    })
    asked.end()
  })
}

export const linkSteps = [
  {
    name: "gives a link that opens an object",
    run: async ({ at, linking, put }) => {
      const Key = "links/中 文+&.txt"
      await put(Key, "through a link", { ContentType: "text/plain" })
      const url = await urlOf(linking(), { ...at, Key })
      const { status, body } = await open(url)
      assert.deepEqual([status, body], [200, "through a link"])
      const range = await open(url, { headers: { Range: "bytes=0-6" } })
      assert.deepEqual([range.status, range.body], [206, "through"])
      const { status: other, body: why } = await open(url, { method: "PUT", body: "x" })
      assert.deepEqual([other, /<Code>SignatureDoesNotMatch</u.test(why)], [403, true])
    },
  },
  {
    name: "gives a link whose answer has other headers",
    run: async ({ at, linking, put }) => {
      await put("links/headers", "body", { ContentType: "text/plain" })
      const Query = { "response-content-type": "application/json" }
      const { headers, status } = await open(await urlOf(linking(), { ...at, Key: "links/headers", Query }))
      assert.deepEqual([status, headers.get("content-type")], [200, "application/json"])
    },
  },
  {
    name: "gives a link that puts an object, and one that heads it",
    run: async ({ at, get, linking }) => {
      const here = { ...at, Key: "links/put" }
      const put = await open(await urlOf(linking(), { ...here, Method: "PUT" }), { method: "PUT", body: "by link" })
      assert.equal(put.status, 200)
      assert.equal(String((await get("links/put")).Body), "by link")
      const head = await open(await urlOf(linking(), { ...here, Method: "HEAD" }), { method: "HEAD" })
      assert.deepEqual([head.status, head.headers.get("content-length"), head.body], [200, "7", ""])
    },
  },
  {
    name: "gives a link for COS's own host, which opens at this server",
    run: async ({ address, at, client, put }) => {
      await put("links/host", "own host")
      const url = new URL(await urlOf(client(), { ...at, Key: "links/host" }))
      assert.equal(url.host, `${at.Bucket}.cos.${at.Region}.myqcloud.com`)
      const { body } = await ask(address, { path: url.pathname + url.search, headers: { Host: url.host } })
      assert.equal(body, "own host")
    },
  },
  {
    name: "gives a link that opens no more when its time is over",
    run: async ({ at, linking, put }) => {
      await put("links/late", "late")
      // As if it had been made an hour ago, for a minute
      const hourAgo = linking({ SystemClockOffset: -3_600_000 })
      const { status, body } = await open(await urlOf(hourAgo, { ...at, Key: "links/late", Expires: 60 }))
      assert.equal(status, 403)
      assert.match(body, /<Code>AccessDenied<\/Code>[^]*<Message>Request has expired<\/Message>/u)
    },
  },
  {
    name: "gives a link that opens nothing else",
    run: async ({ at, linking, put }) => {
      await put("links/one", "one")
      await put("links/two", "two")
      const url = await urlOf(linking(), { ...at, Key: "links/one" })
      for (
        const changed of [
          url.replace("links/one", "links/two"),
          url.replace(/q-ak=AKID/u, "q-ak=BKID"),
          url.split("?")[0],
        ]
      ) {
        const { status, body } = await open(changed)
        assert.deepEqual([status, /<Error>/u.test(body)], [403, true], body)
      }
    },
  },
  {
    name: "gives a link that a page from another origin may ask about before it opens it",
    run: async ({ address, at, cos, linking, put }) => {
      await put("links/page", "page")
      const CORSRules = [{ AllowedOrigin: "https://example.com", AllowedMethod: ["GET"], AllowedHeader: "*" }]
      await cos.putBucketCors({ ...at, CORSRules })
      const url = await urlOf(linking(), { ...at, Key: "links/page" })
      const preflight = (Origin) =>
        ask(address, {
          method: "OPTIONS",
          path: url.slice(url.indexOf("/links/")),
          // Browsers sign nothing
          headers: { Origin, "Access-Control-Request-Method": "GET" },
        })
      const { status, headers } = await preflight("https://example.com")
      assert.deepEqual([status, headers["access-control-allow-origin"]], [200, "https://example.com"])
      assert.equal((await preflight("https://example.org")).status, 403)
      const opened = await open(url, { headers: { Origin: "https://example.com" } })
      assert.deepEqual([opened.body, opened.headers.get("access-control-allow-origin")], [
        "page",
        "https://example.com",
      ])
      await cos.deleteBucketCors(at)
    },
  },
]
