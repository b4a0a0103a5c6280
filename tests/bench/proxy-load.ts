/**
 * Asks as fast as it is answered, on as many connections as it is given requests: each repeats its own, one after the
 * other. Reads one order a line and prints what came of it. Raw sockets, since a client of the runtime's would take more
 * of the machine than what is measured.
 */
import { connect, type Socket } from "node:net"
import { createInterface } from "node:readline"

export interface Order {
  readonly port: number
  readonly seconds: number
  /** Each as it goes over the wire. */
  readonly requests: ReadonlyArray<string>
}

export interface Came {
  readonly perSecond: number
  /** The seconds within which 99 of 100 were answered. */
  readonly p99: number
}

const answered = async ({ port, seconds, requests }: Order): Promise<Came> => {
  const sockets = await Promise.all(requests.map(() => opened(port)))
  const taken: Array<number> = []
  const begin = performance.now()
  const end = begin + seconds * 1000
  await Promise.all(requests.map((request, at) => asked(sockets[at]!, Buffer.from(request), end, taken)))
  const passed = (performance.now() - begin) / 1000
  for (const socket of sockets) socket.destroy()
  taken.sort((a, b) => a - b)
  return { perSecond: taken.length / passed, p99: taken[Math.floor(taken.length * 0.99)]! / 1000 }
}

const opened = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true }, () => resolve(socket))
    socket.once("error", reject)
  })

const asked = (socket: Socket, request: Buffer, end: number, taken: Array<number>): Promise<void> =>
  new Promise((resolve, reject) => {
    let got = ""
    let sent = 0
    const ask = () => {
      sent = performance.now()
      socket.write(request)
    }
    socket.on("data", (chunk) => {
      got += chunk.toString("latin1")
      const length = lengthOf(got)
      if (length === undefined || got.length < length) return
      if (!/^HTTP\/1\.1 2/u.test(got)) return reject(new Error(got))
      got = got.slice(length)
      const now = performance.now()
      taken.push(now - sent)
      if (now < end) ask()
      else resolve()
    })
    socket.once("close", () => reject(new Error(`The connection ended after ${taken.length} answers`)))
    socket.once("error", reject)
    ask()
  })

/** Of the whole answer, as soon as it can be told. */
const lengthOf = (got: string): number | undefined => {
  const head = got.indexOf("\r\n\r\n") + 4
  if (head < 4) return undefined
  const announced = /\r\ncontent-length: *(\d+)\r\n/iu.exec(got.slice(0, head))?.[1]
  if (announced !== undefined) return head + Number(announced)
  const last = got.indexOf("0\r\n\r\n", head)
  return last < 0 ? undefined : last + 5
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answered(JSON.parse(line) as Order)))
}
