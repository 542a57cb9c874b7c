import { EventEmitter } from 'node:events'
import type Database from 'better-sqlite3'
import { changesAfter, lastMachineEventId } from './machine-events'
import { lastRequestRevision, requestChangesAfter } from './model-request-changes'
import { type Db, openDb } from './open'

/** A page is to know within 100 ms. A look takes some 5 µs. */
const LOOK_EVERY_MS = 50

const ANY = Symbol('any')

/** Something of a user's that changed. `id` rises from change to change. */
export interface Change {
  id: number
  userId: string
  subjectId: string
}

interface Source {
  /** The id of the latest change. */
  last(db: Db): number
  /** What changed after that, in order; at most as much as one look takes. */
  after(db: Db, id: number): Change[]
}

/** Emitted per user, and per thing of theirs. */
type Listener = (subjectId: string) => void

/**
 * Tells watchers in this process that something changed, whichever process changed it. One look at
 * SQLite's change counter serves all watchers, and nobody looks while nobody watches.
 */
export class ChangeFeed {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #db
  readonly #source
  #timer: NodeJS.Timeout | undefined
  #version = -1
  #last = 0

  /** A connection of its own: the counter doesn't count what its own connection writes. */
  constructor(file: string, source: Source) {
    this.#db = openDb(file)
    this.#source = source
  }

  /** @returns how to stop listening */
  onChange(userId: string, listener: Listener): () => void {
    return this.#listen(userId, listener)
  }

  /** Once for all that changed at a time, whoever it belongs to. @returns how to stop listening */
  onAnyChange(listener: () => void): () => void {
    return this.#listen(ANY, listener)
  }

  #listen(event: string | symbol, listener: Listener): () => void {
    if (!this.#timer) this.#begin()
    this.#emitter.on(event, listener)
    return () => {
      this.#emitter.off(event, listener)
      if (this.#emitter.eventNames().length === 0) this.#end()
    }
  }

  close(): void {
    this.#end()
    this.#db.$client.close()
  }

  #begin(): void {
    this.#last = this.#source.last(this.#db)
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  #end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #look(): void {
    const client: Database.Database = this.#db.$client
    const version = client.pragma('data_version', { simple: true }) as number
    if (version === this.#version) return
    this.#version = version
    const changes = this.#source.after(this.#db, this.#last)
    // Where the latest rows were removed, what comes next may be below what was seen.
    this.#last = changes.at(-1)?.id ?? Math.min(this.#last, this.#source.last(this.#db))
    // There may be more than one look takes.
    if (changes.length) this.#version = -1
    if (changes.length) this.#emitter.emit(ANY)
    const seen = new Set<string>()
    for (const { userId, subjectId } of changes) {
      if (seen.has(subjectId)) continue
      seen.add(subjectId)
      this.#emitter.emit(userId, subjectId)
    }
  }
}

/** What happens to machines. */
export const machineChanges = (file: string): ChangeFeed =>
  new ChangeFeed(file, { last: lastMachineEventId, after: changesAfter })

/** What happens to requests to models. */
export const requestChanges = (file: string): ChangeFeed =>
  new ChangeFeed(file, { last: lastRequestRevision, after: requestChangesAfter })
