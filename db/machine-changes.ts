import { EventEmitter } from 'node:events'
import type Database from 'better-sqlite3'
import { changesAfter, lastMachineEventId } from './machine-events'
import { openDb } from './open'

const LOOK_EVERY_MS = 150

const ANY = Symbol('any')

/** Emitted per user, and per machine of theirs. */
type Listener = (machineId: string) => void

/**
 * Tells watchers in this process that a machine changed, whichever process changed it. One look at
 * SQLite's change counter serves all watchers, and nobody looks while nobody watches.
 */
export class MachineChanges {
  readonly #emitter = new EventEmitter().setMaxListeners(0)
  readonly #db
  #timer: NodeJS.Timeout | undefined
  #version = -1
  #lastEventId = 0

  /** A connection of its own: the counter doesn't count what its own connection writes. */
  constructor(file: string) {
    this.#db = openDb(file)
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
    this.#lastEventId = lastMachineEventId(this.#db)
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
    const changes = changesAfter(this.#db, this.#lastEventId)
    this.#lastEventId = changes.at(-1)?.id ?? this.#lastEventId
    // There may be more than one look takes.
    if (changes.length) this.#version = -1
    if (changes.length) this.#emitter.emit(ANY)
    const seen = new Set<string>()
    for (const { userId, machineId } of changes) {
      if (seen.has(machineId)) continue
      seen.add(machineId)
      this.#emitter.emit(userId, machineId)
    }
  }
}
