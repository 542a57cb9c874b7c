import { type Placeholder, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import { connectionOf, type Db, type Reader } from './open'

/**
 * For what every page or launch asks: building a query and having SQLite compile it takes longer than its answer.
 * @param build makes a query that ends with `.prepare()`, with `sql.placeholder` where values change
 * @returns that query, made once for each connection; in a transaction it is part of that
 */
export function prepared<T>(build: (db: Db) => T): (db: Reader) => T {
  const made = new WeakMap<Db, T>()
  return (db) => {
    const connection = connectionOf(db)
    const query = made.get(connection) ?? build(connection)
    made.set(connection, query)
    return query
  }
}

/** Each by its own name, to be given when the query is run. */
export const placeholders = <Name extends string>(...names: Name[]) =>
  Object.fromEntries(names.map((name): [string, Placeholder] => [name, sql.placeholder(name)])) as Record<
    Name,
    Placeholder
  >

/**
 * For columns as SQLite has them: what stands for null is not told from a value by those of JSON and booleans.
 * @returns writes a row of these columns, and what others are by default
 */
export function preparedInsert<T extends SQLiteTable, C extends keyof T['$inferInsert'] & string>(
  table: T,
  ...columns: C[]
): (db: Reader, row: { [Column in C]: Exclude<T['$inferInsert'][Column], undefined> }) => void {
  const insert = prepared((db) =>
    db
      .insert(table)
      .values(placeholders(...columns) as T['$inferInsert'])
      .prepare(),
  )
  return (db, row) => void insert(db).run(row)
}

/** In a prepared query: whether the column is one of `ids`, which is given as JSON, so that there may be any number. */
export const isAmong = (column: SQLiteColumn): SQL =>
  sql`${column} in (select value from json_each(${sql.placeholder('ids')}))`
