/** The store that is kept on a disk, through SQLite and files. */
export { openSqlite, type SqliteOptions } from "./store.ts"
