import { statSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { sql } from 'drizzle-orm'
import type { Db } from './open'
import { appliedMigrations } from './schema-version'

export interface DatabaseHealth {
  /** Of the file, and of the log of what is not in it yet. */
  bytes: number
  walBytes: number
  /** How many migrations made it what it is. */
  schemaVersion: number
  /** How long a read took. */
  answeredMs: number
}

export function databaseHealth(db: Db): DatabaseHealth {
  const begun = performance.now()
  db.get(sql`select count(*) from sqlite_master`)
  const answeredMs = performance.now() - begun
  const file = db.$client.name
  return {
    bytes: sizeOf(file),
    walBytes: sizeOf(`${file}-wal`),
    schemaVersion: appliedMigrations(db),
    answeredMs,
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
