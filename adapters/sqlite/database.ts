/** One SQLite database through `node:sqlite`, with its statements prepared once. */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite"

export type Row = Readonly<Record<string, SQLOutputValue>>
type Values = ReadonlyArray<SQLInputValue>

export interface Database {
  readonly run: (sql: string, ...values: Values) => void
  readonly get: (sql: string, ...values: Values) => Row | undefined
  readonly all: (sql: string, ...values: Values) => ReadonlyArray<Row>
  /** The rows must be read to their end, and nothing be written meanwhile. */
  readonly each: (sql: string, ...values: Values) => Iterable<Row>
  /** Several statements, which return nothing. */
  readonly script: (sql: string) => void
  readonly transaction: <A>(body: () => A) => A
  readonly close: () => void
}

export const databaseOf = (connection: DatabaseSync): Database => {
  const prepared = new Map<string, StatementSync>()
  const statement = (sql: string): StatementSync => {
    const known = prepared.get(sql)
    if (known !== undefined) return known
    const made = connection.prepare(sql)
    prepared.set(sql, made)
    return made
  }
  return {
    run: (sql, ...values) => void statement(sql).run(...values),
    get: (sql, ...values) => statement(sql).get(...values),
    all: (sql, ...values) => statement(sql).all(...values),
    each: (sql, ...values) => statement(sql).iterate(...values),
    script: (sql) => connection.exec(sql),
    transaction: (body) => {
      statement("BEGIN IMMEDIATE").run()
      try {
        const result = body()
        statement("COMMIT").run()
        return result
      } catch (cause) {
        // SQLite itself has rolled back after some failures, a full disk among them
        try {
          statement("ROLLBACK").run()
        } catch {
          // Then there is nothing to roll back
        }
        throw cause
      }
    },
    close: () => connection.close(),
  }
}

/** Columns as what the schema says they are. */
export const textOf = (row: Row, column: string): string => {
  const value = row[column]
  if (typeof value === "string") return value
  throw corrupt(column)
}
export const numberOf = (row: Row, column: string): number => {
  const value = row[column]
  if (typeof value === "number") return value
  throw corrupt(column)
}
export const bytesOf = (row: Row, column: string): Uint8Array => {
  const value = row[column]
  if (value instanceof Uint8Array) return value
  throw corrupt(column)
}

const corrupt = (column: string): Error =>
  new Error(`Cannot read the database: "${column}" holds another type; restore a copy of the data directory`)
