/** A Hono app that only forwards what it gets to the origin it is told, and looks at nothing. */
import { getRequestListener } from "@hono/node-server"
import { Hono } from "hono"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const [upstream] = process.argv.slice(2)

const app = new Hono()
app.all("*", (c) => {
  const { method, url, headers: given, body } = c.req.raw
  const headers = new Headers(given)
  headers.delete("host")
  return fetch(upstream + url.slice(url.indexOf("/", "http://".length)), {
    method,
    headers,
    redirect: "manual",
    ...(body === null ? {} : { body, duplex: "half" }),
  })
})

const server = createServer(getRequestListener(app.fetch))
server.keepAliveTimeout = 0
server.listen(0, "127.0.0.1", () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
