/** A Durable Object that counts for one principal, wherever its requests arrive. */
import { type Bucket, endOfDay, giveBackRun, type Runs, takeRequest, takeRun } from "../policy/allowance.ts"
import { holds, isQuestion, type Question } from "./question.ts"

/** What is used of the platform's own types. */
export interface ObjectState {
  readonly storage: {
    readonly get: (key: string) => Promise<unknown>
    readonly put: (key: string, value: unknown) => Promise<void>
    readonly setAlarm: (at: number) => Promise<void>
    readonly deleteAll: () => Promise<void>
  }
}

export interface ObjectNamespace<Id = unknown> {
  readonly idFromName: (name: string) => Id
  readonly get: (id: Id) => { readonly fetch: (url: string, init: RequestInit) => Promise<Response> }
}

/**
 * The rate is kept in the object's memory, since a bucket is full again by the time an idle object is put away; the runs
 * of a day are stored, and removed when the day is over.
 */
export class RateLimiterObject {
  readonly #storage: ObjectState["storage"]
  #bucket: Bucket | undefined
  #runs: Runs | undefined
  #loading: Promise<void> | undefined

  constructor({ storage }: ObjectState) {
    this.#storage = storage
  }

  async fetch(request: Request): Promise<Response> {
    const question: unknown = await request.json()
    return isQuestion(question) ? Response.json(await this.#answer(question)) : new Response(null, { status: 400 })
  }

  /** An alarm may come late, when another day has begun to count. */
  async alarm(): Promise<void> {
    await this.#loaded()
    if (this.#runs === undefined || endOfDay(this.#runs.day) <= this.now()) {
      this.#runs = undefined
      await this.#storage.deleteAll()
    } else await this.#storage.setAlarm(endOfDay(this.#runs.day))
  }

  protected now(): number {
    return Date.now()
  }

  async #answer(question: Question): Promise<unknown> {
    if (question._tag === "TakeRequest") {
      const [bucket, taken] = takeRequest(this.#bucket, question.limits, this.now())
      this.#bucket = bucket
      return taken
    }
    await this.#loaded()
    if (question._tag === "GiveBackRun") {
      await this.#keep(giveBackRun(this.#runs, question.day))
      return { isTaken: true }
    }
    const [runs, run] = takeRun(this.#runs, question.limits, this.now())
    if (run.isTaken) await this.#keep(runs)
    return run
  }

  /** Once: from then on memory is ahead of the storage, and what is counted between two waits is counted by one alone. */
  #loaded(): Promise<void> {
    return this.#loading ??= this.#storage.get(key).then((stored) => {
      this.#runs = isRuns(stored) ? stored : undefined
    }).catch((cause) => {
      this.#loading = undefined
      throw cause
    })
  }

  async #keep(runs: Runs | undefined): Promise<void> {
    const isNewDay = runs?.day !== this.#runs?.day
    this.#runs = runs
    if (runs === undefined) return
    await this.#storage.put(key, runs)
    if (isNewDay) await this.#storage.setAlarm(endOfDay(runs.day))
  }
}

const isRuns = (stored: unknown): stored is Runs => holds(stored, "day", "count")
const key = "runs"
