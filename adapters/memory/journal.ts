/** What was asked of the local COS and what it said, for tests to look at: the last requests, without their secrets. */
import { type Recorded, recorded } from "../record.ts"
import type { Engine } from "./engine.ts"

export type { Recorded } from "../record.ts"

export interface Journal {
  readonly around: (engine: Engine) => Engine
  /** Oldest first. */
  readonly requests: () => ReadonlyArray<Recorded>
  readonly clear: () => void
}

/** More than any test makes; the oldest go first. */
const journalLength = 10_000

export const makeJournal = (): Journal => {
  let kept: Array<Recorded> = []
  const keep = (recorded: Recorded): void => {
    kept.push(recorded)
    if (kept.length >= 2 * journalLength) kept = kept.slice(-journalLength)
  }
  return {
    requests: () => kept.slice(-journalLength),
    clear: () => void (kept = []),
    around: (engine) => ({ answer: (request) => recorded(request, engine.answer(request), keep) }),
  }
}
