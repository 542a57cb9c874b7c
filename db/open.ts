import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
import * as schema from './schema'

export type Db = BetterSQLite3Database<typeof schema> & { $client: Database.Database }
/** Inside a transaction. Every statement needs its `.run()`, `.get()` or `.all()`. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/** Milliseconds since 1970. An argument everywhere, so that tests hold the clock. */
export type Clock = () => number

/**
 * Opens a database file, creating it when absent.
 * WAL lets the web and the worker read while the other writes; FULL keeps a token that was shown once
 * through a power cut. A statement waits at most 2 s for the other writer, and the process with it.
 */
export function openDb(file: string): Db {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // SQLite gives its log files the mode of the database.
  closeSync(openSync(file, 'a', 0o600))
  const client = new Database(file, { timeout: 2000 })
  turnToWal(client)
  client.pragma('synchronous = FULL')
  client.pragma('foreign_keys = ON')
  return drizzle(client, { schema, casing: 'snake_case' }) as Db
}

/**
 * Turning a fresh file to WAL is refused at once while another process writes, whatever the timeout says;
 * asking for the write lock waits.
 */
function turnToWal(client: Database.Database, attempts = 5): void {
  try {
    client.pragma('journal_mode = WAL')
  } catch (error) {
    if (!isBusy(error) || attempts === 1) throw error
    client.exec('BEGIN IMMEDIATE; COMMIT')
    turnToWal(client, attempts - 1)
  }
}

/** The connection that a transaction is under way on. */
const connections = new WeakMap<object, Db>()

/** The connection behind a transaction; what is prepared for it takes part in whatever is under way there. */
export const connectionOf = (db: Reader): Db => connections.get(db) ?? (db as Db)

function noting<T, A extends Reader>(db: Reader, work: (at: A) => T) {
  const connection = connectionOf(db)
  return (at: A) => {
    connections.set(at, connection)
    return work(at)
  }
}

/**
 * The only way to write after reading: a deferred transaction that turns into a write fails at once
 * with SQLITE_BUSY when the other process wrote in between, whatever the timeout says. Within another one it is a
 * savepoint of that.
 */
export const immediately = <T>(db: Db | Tx, work: (tx: Tx) => T): T =>
  connectionOf(db).transaction(noting(db, work), { behavior: 'immediate' })

/** A transaction of its own, or a part of the one that is under way: what it throws takes back all of that. */
export const joining = <T>(db: Db | Tx, work: (tx: Tx) => T): T =>
  connections.has(db) ? work(db as Tx) : immediately(db, work)

/** Whatever can be read from, in a transaction or not. */
export type Reader = Pick<Db, 'select'>

/** Several reads that see one moment: between reads of its own the other process may write. */
export const atOneMoment = <T>(db: Db, read: (at: Reader) => T): T =>
  db.transaction(noting(db, read), { behavior: 'deferred' })

/** Bookkeeping that no reader should fail or wait for: left out when it can't be written just now. */
export function ifPossible(write: () => unknown): void {
  try {
    write()
  } catch (error) {
    if (!isBusy(error) && !isDiskFull(error)) throw error
  }
}

/** Whether all that went wrong is that the other process wrote for longer than a statement waits. */
export const isBusy = (error: unknown): boolean => hasCode(error, 'SQLITE_BUSY')

/** Whether a write had no room; the transaction that it belonged to changed nothing. */
export const isDiskFull = (error: unknown): boolean => hasCode(error, 'SQLITE_FULL')

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error &&
  ((error instanceof Database.SqliteError && error.code.startsWith(code)) || hasCode(error.cause, code))
