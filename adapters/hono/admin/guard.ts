/** Who may use the admin paths: whoever is on this machine and is no browser, or knows the token. */
import type { IncomingMessage } from "node:http"
import { isLoopback } from "../../../core/host.ts"
import { header, type Headers } from "../../../core/http.ts"

export interface Denial {
  readonly status: 401 | 403
  readonly message: string
}

export interface Visitor {
  readonly headers: Headers
  /** The one Host, in lower case. */
  readonly host: string
  /** Absent where there is no socket. */
  readonly incoming?: IncomingMessage
}

/**
 * Undefined for a request that may pass.
 *
 * **Details**
 *
 * A page that a browser shows can make it send requests to this machine: with its `Origin` where it writes, and under the
 * page's own name as `Host` where that name was made to lead here (DNS rebinding). Reads of a page that the local COS
 * itself serves carry no `Origin`, but say `Sec-Fetch-Site`. A client elsewhere may write any `Host` it likes, so that
 * its address counts too.
 */
export const denialOf = ({ headers, host, incoming }: Visitor, token: string | undefined): Denial | undefined => {
  const given = header(headers, "authorization")
  if (given !== undefined && token !== undefined) {
    return isSame(given, `Bearer ${token}`) ? undefined : { status: 401, message: `The token is not this server's` }
  }
  const isElsewhere = incoming !== undefined && !isLoopback(addressOf(incoming))
  if (isElsewhere) return { status: 403, message: `Admin paths answer clients of this machine alone; ${others}` }
  if (!isLoopback(host.replace(/:\d{1,5}$/u, ""))) {
    return { status: 403, message: `Admin paths answer under a loopback address or localhost alone; ${others}` }
  }
  const fetchSite = header(headers, "sec-fetch-site") ?? "none"
  if (header(headers, "origin") !== undefined || fetchSite.toLowerCase() !== "none") {
    return { status: 403, message: `Admin paths do not answer pages in a browser; ${others}` }
  }
  return undefined
}

const others = "send the token that the server was started with in COS_LOCAL_TOKEN, as Authorization: Bearer"

/** A socket for both families shows an IPv4 address inside an IPv6 one (RFC 4291). */
const addressOf = ({ socket }: IncomingMessage): string => (socket.remoteAddress ?? "").replace(/^::ffff:/u, "")

/** How long it takes does not tell where the two differ. */
const isSame = (given: string, wanted: string): boolean => {
  let difference = given.length ^ wanted.length
  for (let i = 0; i < wanted.length; i++) difference |= given.charCodeAt(i) ^ wanted.charCodeAt(i)
  return difference === 0
}
