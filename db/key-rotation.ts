import { and, asc, count, eq, gt, inArray, sql } from 'drizzle-orm'
import { PROVIDERS } from '../providers/registry'
import { type Actor, record } from './audit'
import { type Installation, resealCanary } from './installation'
import { addFirstKey, type KeySettings, keySource, placeOfKey } from './key-file'
import { canaryKeyId, tokenKeyIds } from './key-use'
import type { Keyring } from './keyring'
import { type Clock, type Db, immediately, isBusy, type Tx } from './open'
import { tokenContext } from './provider-tokens'
import { providerTokens, users } from './schema'
import { reseal, UnsealError } from './sealing'
import { countWorkersOnOtherKeys } from './workers'

/** So few that whoever saves a token meanwhile doesn't notice. */
const BATCH = 250
/** More than a worker needs to tell of a new key, and than one that is gone counts as alive. */
const WORKERS_WAIT_MS = 20_000
const LOOK_EVERY_MS = 250
const NAMED_MAX = 10

const OPERATOR: Actor = { kind: 'operator', id: null, name: 'Operator', address: null }

/** Why the rotation did not come to its end, and what to do. */
export class RotationRefused extends Error {
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
  const { settings, say } = deps
  const ring = await takeFirstKey(deps)
  await waitForWorkers(deps, ring)
  await write(deps, (tx) => {
    if (canaryKeyId(tx) === ring[0].id) return
    resealCanary(tx, ring)
    record(tx, { action: 'keys_rotation_started', by: OPERATOR, target: ring[0].id }, deps.clock)
  })
  await resealTokens(deps, ring)
  await write(deps, (tx) => {
    assertNothingLeft(tx, ring)
    record(tx, { action: 'keys_rotation_finished', by: OPERATOR, target: ring[0].id }, deps.clock)
  })
  say(`Everything is sealed with key ${ring[0].id}.`)
  for (const { id } of ring.slice(1)) say(`Key ${id} may go: ${placeOfKey(settings, id)}.`)
  say('Backups of the database from before now still need the old keys: keep them for as long as those.')
}

/**
 * In a write transaction, as every sealing is: once it has ended, nobody seals with the key before.
 * @returns a ring that begins with the key to seal everything with
 */
async function takeFirstKey(deps: RotationDeps): Promise<Keyring> {
  const { installation, settings, say } = deps
  const { ring, isNew } = await write(deps, (tx) => {
    const present = installation.sealingKeyring(tx)
    const [{ id }] = present
    const isUnfinished = [canaryKeyId(tx), ...tokenKeyIds(tx)].some((used) => used !== id)
    if (isUnfinished) return { ring: present, isNew: false }
    if (settings.tokenKeys)
      throw new RotationRefused(
        `Everything is sealed with key ${id} already, the first of TOKEN_KEYS. To rotate, put the output of \`openssl rand -base64 32\` and a comma before it, start Slipway again, and run this command again.`,
      )
    addFirstKey(settings.dataDir)
    return { ring: installation.sealingKeyring(tx), isNew: true }
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

async function resealTokens(deps: RotationDeps, ring: Keyring): Promise<void> {
  const { db, say } = deps
  const oldKeyIds = tokenKeyIds(db).filter((id) => id !== ring[0].id)
  const total =
    db.select({ n: count() }).from(providerTokens).where(inArray(providerTokens.keyId, oldKeyIds)).get()?.n ??
    0
  const number = new Intl.NumberFormat('en')
  let done = 0
  for (const keyId of oldKeyIds) {
    let rows = readBatch(db, keyId, 0)
    while (rows.length) {
      const before = done
      done += await resealBatch(deps, ring, rows)
      if (Math.floor((10 * done) / total) > Math.floor((10 * before) / total))
        say(`${number.format(done)} of ${number.format(total)} tokens`)
      rows = readBatch(db, keyId, rows.at(-1)?.rowId ?? 0)
    }
  }
}

const rowId = sql<number>`rowid`

const readBatch = (db: Db, keyId: string, afterRowId: number) =>
  db
    .select({
      rowId,
      userId: providerTokens.userId,
      provider: providerTokens.provider,
      sealed: providerTokens.sealed,
    })
    .from(providerTokens)
    .where(and(eq(providerTokens.keyId, keyId), gt(rowId, afterRowId)))
    .orderBy(asc(rowId))
    .limit(BATCH)
    .all()

/** @returns how many are sealed anew; one that was saved meanwhile is, and one that doesn't open isn't touched */
async function resealBatch(deps: RotationDeps, ring: Keyring, rows: ReturnType<typeof readBatch>) {
  const changes = rows.flatMap(({ rowId, userId, provider, sealed }) => {
    try {
      return [{ rowId, before: sealed, after: reseal(ring, tokenContext(userId, provider), sealed) }]
    } catch (error) {
      if (error instanceof UnsealError) return []
      throw error
    }
  })
  const update = deps.db
    .update(providerTokens)
    .set({ sealed: sql`${sql.placeholder('after')}`, keyId: ring[0].id })
    .where(and(eq(rowId, sql.placeholder('rowId')), eq(providerTokens.sealed, sql.placeholder('before'))))
    .prepare()
  await write(deps, () => {
    for (const change of changes) update.run(change)
  })
  return changes.length
}

/** @throws RotationRefused naming whose tokens no key of the ring opens */
function assertNothingLeft(tx: Tx, [{ id }, ...others]: Keyring): void {
  const left = tokenKeyIds(tx).filter((used) => used !== id)
  if (!left.length) return
  const rows = tx
    .select({ name: users.name, provider: providerTokens.provider })
    .from(providerTokens)
    .innerJoin(users, eq(users.id, providerTokens.userId))
    .where(inArray(providerTokens.keyId, left))
    .limit(NAMED_MAX + 1)
    .all()
  const owners = rows
    .slice(0, NAMED_MAX)
    .map(({ name, provider }) => `${name} (${PROVIDERS[provider].label})`)
    .concat(rows.length > NAMED_MAX ? ['and more'] : [])
  throw new RotationRefused(
    `These saved tokens could not be opened, and were left as they are: ${owners.join(', ')}. Have them saved again or cleared, then run this command again. Until then keep ${others.map((key) => key.id).join(', ')} in the ring.`,
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
