import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import type { Actor } from '~/db/audit'
import { type Installation, openInstallation } from '~/db/installation'
import { rotateKeys } from '~/db/key-rotation'
import { type Db, immediately, openDb } from '~/db/open'
import { saveProviderToken, tokenContext } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { migrateDb } from '~/db/schema-version'
import { reseal, seal } from '~/db/sealing'
import { createUser } from '~/db/users'
import { besides, type Report, type Suite } from '../figures'
import { timed } from '../support'

const TOKENS = 100_000
const ROUNDS = 3
const BATCH = 250
const BENCH: Actor = { kind: 'operator', id: null, name: 'Bench', address: null }

/**
 * A rotation of many tokens, beside its two halves alone: opening and sealing the same values in memory,
 * and transactions of the same size that write values of the same length. The rounds alternate, so that
 * all three meet the same machine. Then the real command beside somebody who saves tokens.
 */
const keys: Suite = async (report) => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
  try {
    const settings = { tokenKeys: undefined, dataDir: folder }
    const db = openDb(join(folder, 'slipway.db'))
    migrateDb(db)
    const installation = openInstallation(db, settings, Date.now)
    const ids = seed(db, installation)
    const rotation = { db, installation, settings, clock: Date.now, say: () => undefined, pause }
    const took = { rotation: [] as number[], memory: [] as number[], writes: [] as number[] }
    for (let round = 0; round < ROUNDS; round++) {
      took.memory.push(await timed(async () => resealInMemory(db, installation)))
      took.writes.push(await timed(async () => bareTransactions(join(folder, `bare-${round}.db`))))
      took.rotation.push(await timed(() => rotateKeys(rotation)))
    }
    const rate = (samples: number[]) => (TOKENS * 1000) / Math.min(...samples)
    const figure = { what: 'keys:rotate, tokens', value: rate(took.rotation), unit: 'a second' as const }
    const note = `best of ${ROUNDS}, ${TOKENS} tokens`
    report({ ...figure, note, beside: { what: 'opening and sealing in memory', value: rate(took.memory) } })
    const bare = `transactions of ${BATCH} updates`
    report({ ...figure, note, beside: { what: bare, value: rate(took.writes) } })
    await savesMeanwhile(db, folder, installation, ids, report)
    db.$client.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
export default keys

function seed(db: Db, installation: Installation): string[] {
  const now = Date.now()
  return immediately(db, (tx) => {
    const ring = installation.sealingKeyring(tx)
    return Array.from({ length: TOKENS }, (_, n) => {
      const { id } = createUser(tx, { name: `User ${n}`, role: 'member' }, Date.now)
      const sealed = seal(ring, tokenContext(id, 'huggingface'), `hf_${'b'.repeat(34)}`)
      const row = { sealed, keyId: ring[0].id, visible: 'hf_bbb', fingerprint: id, updatedAt: now }
      tx.insert(providerTokens)
        .values({ userId: id, provider: 'huggingface', ...row })
        .run()
      return id
    })
  })
}

function resealInMemory(db: Db, installation: Installation): void {
  const rows = db.select().from(providerTokens).all()
  const ring = installation.keyring()
  for (const { userId, provider, sealed } of rows) reseal(ring, tokenContext(userId, provider), sealed)
}

function bareTransactions(file: string): void {
  const db = openDb(file)
  db.run(sql`create table bare (n integer primary key, text text, key text)`)
  db.run(sql`create index bare_by_key on bare (key)`)
  const insert = db.$client.prepare('insert into bare (text, key) values (?, ?)')
  immediately(db, () => {
    for (let n = 0; n < TOKENS; n++) insert.run('a'.repeat(100), 'old')
  })
  const update = db.$client.prepare('update bare set text = ?, key = ? where n = ?')
  for (let from = 1; from <= TOKENS; from += BATCH)
    immediately(db, () => {
      for (let n = from; n < from + BATCH; n++) update.run('b'.repeat(100), 'new', n)
    })
  db.$client.close()
}

/** What somebody who saves a token notices: with the real command beside, and without. */
async function savesMeanwhile(
  db: Db,
  folder: string,
  installation: Installation,
  ids: string[],
  report: Report,
): Promise<void> {
  const saveOne = (n: number) => {
    const from = performance.now()
    saveProviderToken(
      { db, installation, clock: Date.now },
      ids[(n * 7919) % TOKENS] ?? '',
      'huggingface',
      `hf_${String(n).padEnd(34, 's')}`,
      BENCH,
    )
    return performance.now() - from
  }
  const alone = await samples(saveOne, () => false, 200)
  const command = spawn(process.execPath, ['build/tools/rotate-keys.js'], {
    env: { PATH: process.env.PATH, DATA_DIR: folder, NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isOver = false
  const ended = once(command, 'close').then(() => {
    isOver = true
  })
  await once(command.stdout, 'data')
  command.stdout.resume()
  const beside = await samples(saveOne, () => isOver, Number.POSITIVE_INFINITY)
  await ended
  const figures = besides('saving a token while keys:rotate runs', beside, { what: 'alone', samples: alone })
  for (const figure of figures) report(figure)
}

async function samples(work: (n: number) => number, isOver: () => boolean, limit: number): Promise<number[]> {
  const taken: number[] = []
  while (!isOver() && taken.length < limit) {
    taken.push(work(taken.length))
    await pause(5)
  }
  return taken
}
