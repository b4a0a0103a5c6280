/** Buckets, rules, jobs and the rest of the small state: read once, then held in memory and written through. */
import {
  type BucketAttributes,
  type Catalog,
  type CatalogChange,
  type Filling,
  makeCatalog,
  type Rule,
  type Undo,
} from "../store/mod.ts"
import { type Database, numberOf, textOf } from "./database.ts"
import { quoted, unquoted } from "./rows.ts"

export interface CatalogRows extends Catalog {
  /** The number that a bucket goes by in other tables. */
  readonly number: (bucket: string) => number | undefined
}

interface Gathering extends BucketAttributes {
  readonly rules: Map<string, Rule>
  readonly jobs: Map<string, number>
}

export const readCatalog = (database: Database): CatalogRows => {
  const numbers = new Map<string, number>()
  const kept = new Map<number, Gathering>()
  for (const row of database.all("SELECT id, name, doc FROM buckets")) {
    const name = unquoted(textOf(row, "name"))
    numbers.set(name, numberOf(row, "id"))
    kept.set(numberOf(row, "id"), { ...JSON.parse(textOf(row, "doc")), name, rules: new Map(), jobs: new Map() })
  }
  for (const row of database.all("SELECT bucket, id, doc FROM rules ORDER BY place")) {
    kept.get(numberOf(row, "bucket"))?.rules.set(unquoted(textOf(row, "id")), JSON.parse(textOf(row, "doc")))
  }
  for (const row of database.all("SELECT bucket, id, started FROM jobs ORDER BY place")) {
    kept.get(numberOf(row, "bucket"))?.jobs.set(unquoted(textOf(row, "id")), numberOf(row, "started"))
  }
  const fillings = database.all("SELECT bucket, count, seed, untouched FROM fillings").map((row) =>
    [
      kept.get(numberOf(row, "bucket"))!.name,
      {
        count: numberOf(row, "count"),
        seed: numberOf(row, "seed"),
        isUntouched: numberOf(row, "untouched") === 1,
      } satisfies Filling,
    ] as const
  )
  const meta = database.get("SELECT doc FROM state WHERE name = 'meta'")
  const catalog = makeCatalog({
    buckets: kept.values(),
    fillings,
    ...(meta === undefined ? {} : { meta: JSON.parse(textOf(meta, "doc")) }),
  })

  const write = (change: CatalogChange, undo: Undo): void => {
    switch (change._tag) {
      case "BucketPut": {
        const { name, ...attributes } = change.bucket
        const row = database.get(
          "INSERT INTO buckets (name, doc) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET doc = excluded.doc RETURNING id",
          quoted(name),
          JSON.stringify(attributes),
        )
        return number(name, numberOf(row!, "id"), undo)
      }
      case "BucketDeleted": {
        const id = numbers.get(change.bucket)
        if (id === undefined) return
        database.run("DELETE FROM buckets WHERE id = ?", id)
        for (const table of ["rules", "jobs", "fillings", "versions", "uploads", "parts"]) {
          database.run(`DELETE FROM ${table} WHERE bucket = ?`, id)
        }
        return number(change.bucket, undefined, undo)
      }
      case "RulePut":
        return database.run(
          "INSERT INTO rules (bucket, id, doc) VALUES (?, ?, ?) ON CONFLICT (bucket, id) DO UPDATE SET doc = excluded.doc",
          numbers.get(change.bucket)!,
          quoted(change.rule.id),
          JSON.stringify(change.rule),
        )
      case "JobPut":
        return database.run(
          "INSERT INTO jobs (bucket, id, started) VALUES (?, ?, ?) " +
            "ON CONFLICT (bucket, id) DO UPDATE SET started = excluded.started",
          numbers.get(change.bucket)!,
          quoted(change.id),
          change.started,
        )
      case "RuleDeleted":
      case "JobDeleted": {
        const table = change._tag === "RuleDeleted" ? "rules" : "jobs"
        const id = numbers.get(change.bucket)
        if (id !== undefined) database.run(`DELETE FROM ${table} WHERE bucket = ? AND id = ?`, id, quoted(change.id))
        return
      }
      case "SyntheticPut":
        return database.run(
          "INSERT OR REPLACE INTO fillings (bucket, count, seed, untouched) VALUES (?, ?, ?, 1)",
          numbers.get(change.bucket)!,
          change.count,
          change.seed,
        )
      case "MetaPut":
        return database.run("INSERT OR REPLACE INTO state (name, doc) VALUES ('meta', ?)", JSON.stringify(change.meta))
    }
  }
  const number = (name: string, id: number | undefined, undo: Undo) => {
    const before = numbers.get(name)
    undo.push(() => assign(name, before))
    assign(name, id)
  }
  const assign = (name: string, id: number | undefined) => {
    if (id === undefined) numbers.delete(name)
    else numbers.set(name, id)
  }

  return {
    ...catalog,
    number: (bucket) => numbers.get(bucket),
    apply: (change, undo) => {
      catalog.apply(change, undo)
      write(change, undo)
    },
    touch: (bucket, undo) => {
      const isNews = catalog.touch(bucket, undo)
      if (isNews) database.run("UPDATE fillings SET untouched = 0 WHERE bucket = ?", numbers.get(bucket)!)
      return isNews
    },
  }
}
