/** The parts of Cloudflare's platform that count, as far as a limiter sees them, under a clock of the test's. */
import type * as Clock from "effect/Clock"
import {
  type ObjectNamespace,
  type ObjectState,
  type RateLimitBinding,
  RateLimiterObject,
} from "../adapters/workers/mod.ts"

class Timed extends RateLimiterObject {
  readonly #clock: Clock.Clock
  constructor(state: ObjectState, clock: Clock.Clock) {
    super(state)
    this.#clock = clock
  }
  protected override now(): number {
    return this.#clock.currentTimeMillisUnsafe()
  }
}

export const objects = (clock: Clock.Clock) => {
  const stores = new Map<string, Map<string, unknown>>()
  const alarms = new Map<string, number>()
  const live = new Map<string, Timed>()
  let failing: string | undefined
  const storageOf = (name: string): ObjectState["storage"] => {
    const store = stores.get(name) ?? new Map<string, unknown>()
    stores.set(name, store)
    return {
      get: async (key) => {
        await Promise.resolve()
        return structuredClone(store.get(key))
      },
      put: async (key, value) => {
        await Promise.resolve()
        if (failing !== undefined) throw new Error(failing)
        store.set(key, structuredClone(value))
      },
      setAlarm: async (at) => {
        await Promise.resolve()
        alarms.set(name, at)
      },
      deleteAll: async () => {
        await Promise.resolve()
        store.clear()
      },
    }
  }
  const objectOf = (name: string): Timed => {
    const object = live.get(name) ?? new Timed({ storage: storageOf(name) }, clock)
    live.set(name, object)
    return object
  }
  const namespace: ObjectNamespace<string> = {
    idFromName: (name) => name,
    get: (name) => ({ fetch: (url, init) => objectOf(name).fetch(new Request(url, init)) }),
  }
  return {
    namespace,
    stores,
    alarms,
    objectOf,
    /** As the platform does with what is idle: memory goes, the storage stays. */
    evict: () => live.clear(),
    failWith: (problem: string | undefined) => void (failing = problem),
  }
}

/** So many in each period, which begins with the first. */
export const windows = (clock: Clock.Clock, most: number, seconds: number): RateLimitBinding => {
  const counts = new Map<string, { until: number; count: number }>()
  return {
    limit: async ({ key }) => {
      await Promise.resolve()
      const now = clock.currentTimeMillisUnsafe()
      const known = counts.get(key)
      const window = known !== undefined && now < known.until ? known : { until: now + seconds * 1000, count: 0 }
      counts.set(key, window)
      window.count++
      return { success: window.count <= most }
    },
  }
}
