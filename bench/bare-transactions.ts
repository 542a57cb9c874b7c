import { sql } from 'drizzle-orm'
import { type Db, immediately } from '~/db/open'

/** As many durable transactions as the database commits one after the other. @param db an empty one */
export function bareTransactions(db: Db, count: number): void {
  db.run(sql`create table bare (n integer primary key, text text)`)
  for (let n = 0; n < count; n++)
    immediately(db, (tx) =>
      tx.run(sql`insert into bare (text) values ('a machine, an attempt and an event')`),
    )
}
