import { type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { Reader } from './open'

/**
 * For what every page asks: building a query and having SQLite compile it takes longer than its answer.
 * @param build makes a query that ends with `.prepare()`, with `sql.placeholder` where values change
 * @returns that query, made once for each connection; in a transaction anew
 */
export function prepared<T>(build: (db: Reader) => T): (db: Reader) => T {
  const made = new WeakMap<Reader, T>()
  return (db) => {
    const query = made.get(db) ?? build(db)
    made.set(db, query)
    return query
  }
}

/** In a prepared query: whether the column is one of `ids`, which is given as JSON, so that there may be any number. */
export const isAmong = (column: SQLiteColumn): SQL =>
  sql`${column} in (select value from json_each(${sql.placeholder('ids')}))`
