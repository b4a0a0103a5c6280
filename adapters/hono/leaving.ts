/** Clients that leave before they have their answer. */
import type { IncomingMessage, ServerResponse } from "node:http"

/** Aborted when nobody waits for the answer any more. */
export const leaving = (incoming: IncomingMessage, outgoing: ServerResponse): AbortSignal => {
  const leaving = new AbortController()
  onLeaving(incoming, outgoing, () => leaving.abort())
  return leaving.signal
}

/**
 * Tells, once, that nobody waits for the answer any more. A client that ends its side after its request counts as gone:
 * one that is ended looks no different, and what it asked for may take hours.
 */
export const onLeaving = (incoming: IncomingMessage, outgoing: ServerResponse, left: () => void): void => {
  const { headers, socket } = incoming
  let hasLeft = false
  const leave = () => {
    if (hasLeft) return
    hasLeft = true
    left()
  }
  const lookOut = () => {
    if (hasLeft) return
    impatient.add(outgoing)
    socket.once("end", leave)
    if (socket.readableEnded) leave()
  }
  outgoing.once("close", () => {
    impatient.delete(outgoing)
    socket.off("end", leave)
    leave()
  })
  // Until its body is in, a client that ends its side has cut it, and is told so
  const isBodiless = headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0
  if (isBodiless) lookOut()
  else incoming.once("end", lookOut)
}

/** Bun 1.4.5 tells of the end of a client's side only while its server allows none. */
export const allowsHalfOpen = (): boolean => impatient.size === 0
const impatient = new Set<ServerResponse>()
