/** The span in which a signature and its signing key hold, in epoch seconds. */
export interface KeyTime {
  readonly start: number
  readonly end: number
}

export interface KeyTimeOptions {
  /** How far back the span starts at least, so that a server whose clock is behind takes the signature. */
  readonly backSeconds?: number
  /** How long the span lasts from its start; at least one minute more than `backSeconds`. */
  readonly lifetimeSeconds?: number
}

const minute = 60

/**
 * The span to sign with at a moment.
 *
 * It starts on a whole minute, so that all requests of a minute share one signing key and the key can be cached.
 */
export const keyTimeAt = (nowSeconds: number, options: KeyTimeOptions = {}): KeyTime => {
  const { backSeconds = minute, lifetimeSeconds = 15 * minute } = options
  const start = Math.floor((nowSeconds - backSeconds) / minute) * minute
  return { start, end: start + lifetimeSeconds }
}

export const writeKeyTime = ({ start, end }: KeyTime): string => `${start};${end}`

const pattern = /^\d{1,11};\d{1,11}$/

/** Reads `<start>;<end>`; undefined when it is neither that nor a span. */
export const readKeyTime = (text: string): KeyTime | undefined => {
  if (!pattern.test(text)) return undefined
  const between = text.indexOf(";")
  const keyTime = { start: Number(text.slice(0, between)), end: Number(text.slice(between + 1)) }
  return keyTime.start <= keyTime.end ? keyTime : undefined
}
