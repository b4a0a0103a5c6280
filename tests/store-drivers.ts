/** The two drivers of the store, each in a place of its own. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { hashes } from "../adapters/hashes/node.ts"
import { makeTree } from "../adapters/store/mod.ts"
import { openSqlite } from "../adapters/sqlite/mod.ts"
import type { Driver, Opened } from "./store-world.ts"

export const tree: Driver = {
  name: "memory",
  isDurable: false,
  open: () => {
    const opened: Opened = {
      store: makeTree({ hashes }),
      files: () => [],
      reopened: () => Promise.resolve(opened),
      dispose: () => {},
    }
    return Promise.resolve(opened)
  },
}

export const sqlite: Driver = {
  name: "sqlite",
  isDurable: true,
  open: () => openIn(temporary()),
}

export const temporary = (): string => mkdtempSync(join(tmpdir(), "cos-inventory-store-"))

export const openIn = async (directory: string): Promise<Opened> => {
  const store = await Effect.runPromise(openSqlite(directory, { hashes }))
  return {
    store,
    files: () => readdirSync(join(directory, "bodies")),
    reopened: () => {
      store.close()
      return openIn(directory)
    },
    dispose: () => {
      try {
        store.close()
      } catch {
        // Closed already, to be opened again
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
