/** Two things measured side by side: in turns, over many rounds, so that both see the same machine. */

/** Medians over the rounds: seconds, bytes. */
export interface Pair {
  readonly ours: number
  readonly theirs: number
}

/** Seconds that one call takes. */
export const timeCalls = (ours: () => unknown, theirs: () => unknown): Pair => {
  const ourCount = countFor(ours)
  const theirCount = countFor(theirs)
  const rounds: Array<Pair> = []
  for (let round = 0; round < roundCount; round++) {
    // Whoever goes second pays for the garbage of the first
    if (round % 2 === 0) {
      const time = timeOf(ours, ourCount)
      rounds.push({ ours: time, theirs: timeOf(theirs, theirCount) })
    } else {
      const time = timeOf(theirs, theirCount)
      rounds.push({ ours: timeOf(ours, ourCount), theirs: time })
    }
  }
  return medians(rounds)
}

/** The same for what is measured once a turn, such as a process. The first turn of each only warms the caches of files. */
export const takeTurns = async (
  turns: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Pair> => {
  const rounds: Array<Pair> = []
  for (let turn = 0; turn <= turns; turn++) rounds.push({ ours: await ours(), theirs: await theirs() })
  return medians(rounds.slice(1))
}

const medians = (rounds: ReadonlyArray<Pair>): Pair => ({
  ours: median(rounds.map((round) => round.ours)),
  theirs: median(rounds.map((round) => round.theirs)),
})

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

const roundCount = 31
const roundSeconds = 0.02
const warmUpSeconds = 0.5

/** Warms up, and finds how many calls fill a round. */
const countFor = (call: () => unknown): number => {
  const begin = performance.now()
  let fastest = Infinity
  while (performance.now() - begin < warmUpSeconds * 1000) fastest = Math.min(fastest, timeOf(call, 10))
  return Math.max(1, Math.round(roundSeconds / fastest))
}

/** Takes every result, so that no compiler can leave a call out. */
export const results: { last: unknown } = { last: undefined }

const timeOf = (call: () => unknown, count: number): number => {
  const begin = performance.now()
  for (let i = 0; i < count; i++) results.last = call()
  return (performance.now() - begin) / 1000 / count
}
