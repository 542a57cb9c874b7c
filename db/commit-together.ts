import { type Db, immediately, type Tx } from './open'

interface Write {
  /** In a savepoint of its own. @returns what tells its caller, once all of them are durable */
  begin(tx: Tx): () => void
  refuse(error: unknown): void
}

const waiting = new WeakMap<Db, Write[]>()

/**
 * Makes a write durable together with those that are asked for at about the same time: one wait for the disk instead
 * of one each. Each has a savepoint of its own, so that one that throws takes back nothing but itself.
 * @returns what it returned, once it is durable
 * @throws what it threw, or why none of them could be committed
 */
export function together<T>(db: Db, write: (tx: Tx) => T): Promise<T> {
  return new Promise((resolve, refuse) => {
    const begin = (tx: Tx) => {
      try {
        const result = immediately(tx, write)
        return () => resolve(result)
      } catch (error) {
        // Where SQLite has taken back all of it, none may go on.
        if (!db.$client.inTransaction) throw error
        return () => refuse(error)
      }
    }
    const others = waiting.get(db)
    if (others) return void others.push({ begin, refuse })
    waiting.set(db, [{ begin, refuse }])
    setImmediate(() => commit(db))
  })
}

function commit(db: Db): void {
  const writes = waiting.get(db) ?? []
  waiting.delete(db)
  try {
    const tell = immediately(db, (tx) => writes.map(({ begin }) => begin(tx)))
    for (const one of tell) one()
  } catch (error) {
    for (const { refuse } of writes) refuse(error)
  }
}
