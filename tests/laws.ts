/**
 * The laws of COS inventory, for every Transport that claims to speak it. A law sees COS only through the client, so
 * that memory, memory behind a socket, and whatever comes between a client and COS can be held to the same ones.
 */
import * as Effect from "effect/Effect"
import { effect } from "./harness.ts"
import { listing } from "./laws-listing.ts"
import { refusing } from "./laws-refusing.ts"
import { running } from "./laws-running.ts"
import { storing } from "./laws-storing.ts"
import { type Open, opened } from "./laws-world.ts"

export type { Cos, Open } from "./laws-world.ts"

export const cosLaws = (subject: string, open: Open): void => {
  for (const [title, law] of Object.entries({ ...storing, ...listing, ...running, ...refusing })) {
    effect(`${subject} ${title}`, Effect.flatMap(opened(open), law))
  }
}
