/** What lies behind the proxy, and behind what it is measured beside: has every rule that it is asked for. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { ruleDocument } from "./documents.ts"

const mark = "\u0000"
const template = ruleDocument(mark)

const server = createServer((incoming, outgoing) => {
  const { method, url = "" } = incoming
  incoming.resume()
  incoming.once("end", () => {
    outgoing.setHeader("x-cos-request-id", "NWEzYzNiMGNfOTBmYTNkMGFfM2QwMF8x")
    if (method !== "GET") return outgoing.end()
    outgoing.setHeader("content-type", "application/xml")
    outgoing.end(template.replaceAll(mark, /[?&]id=([^&]*)/u.exec(url)?.[1] ?? ""))
  })
})
server.keepAliveTimeout = 0
server.listen(0, "127.0.0.1", () => console.log(`ready at http://127.0.0.1:${(server.address() as AddressInfo).port}`))
