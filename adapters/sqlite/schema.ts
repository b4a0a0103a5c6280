/** What the database looks like, and the refusal of one that this version does not know. */
import { type Database, numberOf } from "./database.ts"

/**
 * Whatever text the contract lets in, and that is not in a `doc`, is written as a JSON string: Deno 2.9.6 reads text up to
 * its first NUL. Keys are blobs, so that their order is that of their bytes.
 */
const first = `
  CREATE TABLE state (name TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE buckets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, doc TEXT NOT NULL);
  CREATE TABLE rules (place INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, id TEXT NOT NULL, doc TEXT NOT NULL,
    UNIQUE (bucket, id));
  CREATE TABLE jobs (place INTEGER PRIMARY KEY, bucket INTEGER NOT NULL, id TEXT NOT NULL, started INTEGER NOT NULL,
    UNIQUE (bucket, id));
  CREATE TABLE versions (bucket INTEGER NOT NULL, key BLOB NOT NULL, sequence INTEGER NOT NULL, version TEXT NOT NULL,
    owns INTEGER NOT NULL, doc TEXT NOT NULL, PRIMARY KEY (bucket, key, sequence DESC, version)) WITHOUT ROWID;
  CREATE TABLE uploads (bucket INTEGER NOT NULL, id TEXT NOT NULL, key BLOB NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (bucket, id)) WITHOUT ROWID;
  CREATE TABLE parts (bucket INTEGER NOT NULL, upload TEXT NOT NULL, number INTEGER NOT NULL, doc TEXT NOT NULL,
    PRIMARY KEY (bucket, upload, number)) WITHOUT ROWID;
  CREATE TABLE runs (id INTEGER PRIMARY KEY, doc TEXT NOT NULL);
  -- A body without bytes is a file
  CREATE TABLE bodies (id INTEGER PRIMARY KEY, size INTEGER NOT NULL, bytes BLOB);
  -- Bodies that lost their owner while they were being read
  CREATE TABLE leaving (id INTEGER PRIMARY KEY);
`

/** What each version of the schema added to the one before. What was written once stays as it is: add another. */
const steps: ReadonlyArray<string> = [
  first,
  `CREATE TABLE fillings (bucket INTEGER PRIMARY KEY, count INTEGER NOT NULL, seed INTEGER NOT NULL,
    untouched INTEGER NOT NULL)`,
]
const schemaVersion = steps.length

/** Creates the tables of a new database and brings an older one up; otherwise why this one cannot be used, if so. */
export const prepareSchema = (database: Database): string | undefined => {
  const found = numberOf(database.get("PRAGMA user_version")!, "user_version")
  if (found === schemaVersion) return
  if (found > schemaVersion) {
    return `its schema has version ${found}, and this program knows version ${schemaVersion} at most`
  }
  if (found < 1 && database.get("SELECT name FROM sqlite_master LIMIT 1") !== undefined) {
    return "it is a database of another program"
  }
  database.transaction(() =>
    database.script([...steps.slice(Math.max(0, found)), `PRAGMA user_version = ${schemaVersion}`].join(";\n"))
  )
  return
}
