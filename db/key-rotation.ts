import { OPERATOR, record } from './audit'
import { type Installation, resealCanary } from './installation'
import { addFirstKey, type KeySettings, keySource, placeOfKey } from './key-file'
import { canaryKeyId, tokenKeyIds } from './key-use'
import type { Keyring } from './keyring'
import { type Clock, type Db, immediately, isBusy, type Tx } from './open'
import {
  countOtherTokens,
  otherKeyIds,
  ownersOfOtherTokens,
  readBatch,
  resealBatch,
  writeBatch,
} from './token-resealing'
import { countWorkersOnOtherKeys } from './workers'

/** More than a worker needs to tell of a new key, and than one that is gone counts as alive. */
const WORKERS_WAIT_MS = 20_000
const LOOK_EVERY_MS = 250
const NAMED_MAX = 10

/** Why the rotation did not come to its end, and what to do. */
class RotationRefused extends Error {
  override name = 'RotationRefused'
}

export interface RotationDeps {
  db: Db
  installation: Installation
  settings: KeySettings
  clock: Clock
  /** Takes a line for the operator. */
  say(line: string): void
  pause(ms: number): Promise<unknown>
}

/**
 * Seals canary and saved tokens with the first key of the ring: a new one, unless an earlier run left work
 * undone. Web and worker run on. Whenever it is killed, everything can be opened, and a further call goes on.
 * @throws RotationRefused
 */
export async function rotateKeys(deps: RotationDeps): Promise<void> {
  const { db, settings, say } = deps
  const ring = await takeFirstKey(deps)
  await waitForWorkers(deps, ring)
  for (;;) {
    const shut = await resealTokens(deps, ring)
    const left = await finish(deps, ring)
    if (!left) break
    // Any others were saved in between, by a process that has yet to be started with the new ring.
    if (left <= shut) throw unreadable(db, ring)
  }
  say(`Everything is sealed with key ${ring[0].id}.`)
  for (const { id } of ring.slice(1)) say(`Key ${id} may go: ${placeOfKey(settings, id)}.`)
  say('Backups of the database from before now still need the old keys: keep them for as long as those.')
}

/**
 * In a write transaction, as every sealing is: once it has ended, nobody seals with the key before.
 * @returns a ring that begins with the key to seal everything with
 */
async function takeFirstKey(deps: RotationDeps): Promise<Keyring> {
  const { installation, settings, clock, say } = deps
  const { ring, isNew } = await write(deps, (tx) => {
    const present = installation.sealingKeyring(tx)
    const [{ id }] = present
    const isUnfinished = [canaryKeyId(tx), ...tokenKeyIds(tx)].some((used) => used !== id)
    if (!isUnfinished && settings.tokenKeys)
      throw new RotationRefused(
        `Everything is sealed with key ${id} already, the first of TOKEN_KEYS. To rotate, put the output of \`openssl rand -base64 32\` and a comma before it, start Slipway again, and run this command again.`,
      )
    if (!isUnfinished) addFirstKey(settings.dataDir)
    const ring = installation.sealingKeyring(tx)
    record(tx, { action: 'keys_rotation_started', by: OPERATOR, target: ring[0].id }, clock)
    return { ring, isNew: !isUnfinished }
  })
  const [{ id }] = ring
  say(`${isNew ? 'Made a new key' : 'Going on with the first key'}, ${id}: ${placeOfKey(settings, id)}.`)
  return ring
}

/** What is sealed with a key that a worker doesn't have would fail its launches. */
async function waitForWorkers({ db, clock, settings, say, pause }: RotationDeps, [{ id }]: Keyring) {
  const deadline = clock() + WORKERS_WAIT_MS
  const isAnyBehind = () => countWorkersOnOtherKeys(db, id, clock) > 0
  if (isAnyBehind()) say('Waiting until the worker has read it …')
  while (isAnyBehind()) {
    if (clock() > deadline)
      throw new RotationRefused(
        `A running worker doesn't have key ${id} as its first. Start Slipway again, with the present ${keySource(settings)}, and run this command again. Nothing was re-encrypted.`,
      )
    await pause(LOOK_EVERY_MS)
  }
}

/** @returns how many tokens no key of the ring opens */
async function resealTokens(deps: RotationDeps, ring: Keyring): Promise<number> {
  const { db, say } = deps
  const total = countOtherTokens(db, ring)
  const number = new Intl.NumberFormat('en')
  let [done, shut] = [0, 0]
  for (const keyId of otherKeyIds(db, ring)) {
    let rows = readBatch(db, keyId, 0)
    while (rows.length) {
      const before = done
      const changes = resealBatch(ring, rows)
      await write(deps, (tx) => writeBatch(tx, ring, changes))
      done += rows.length
      shut += rows.length - changes.length
      if (Math.floor((10 * done) / total) > Math.floor((10 * before) / total))
        say(`${number.format(done)} of ${number.format(total)} tokens`)
      rows = readBatch(db, keyId, rows.at(-1)?.rowId ?? 0)
    }
  }
  return shut
}

/**
 * Moves the canary once no token is left behind. From then on nobody saves without the new key.
 * @returns how many are left
 */
const finish = (deps: RotationDeps, ring: Keyring) =>
  write(deps, (tx): number => {
    const left = countOtherTokens(tx, ring)
    if (left) return left
    resealCanary(tx, ring)
    record(tx, { action: 'keys_rotation_finished', by: OPERATOR, target: ring[0].id }, deps.clock)
    return 0
  })

function unreadable(db: Db, ring: Keyring): RotationRefused {
  const owners = ownersOfOtherTokens(db, ring, NAMED_MAX + 1)
  const named = [...owners.slice(0, NAMED_MAX), ...(owners.length > NAMED_MAX ? ['and more'] : [])]
  return new RotationRefused(
    `These saved tokens could not be opened, and were left as they are: ${named.join(', ')}. Have them saved again or cleared, then run this command again. Until then every key stays needed.`,
  )
}

/** A short write; whoever else writes goes first, for however long. */
async function write<T>({ db, say, pause }: RotationDeps, work: (tx: Tx) => T): Promise<T> {
  for (;;) {
    try {
      return immediately(db, work)
    } catch (error) {
      if (!isBusy(error)) throw error
      say('The database is busy; trying again …')
      await pause(LOOK_EVERY_MS)
    }
  }
}
