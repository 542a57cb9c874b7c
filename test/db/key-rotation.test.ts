import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Installation, openInstallation } from '~/db/installation'
import type { KeySettings } from '~/db/key-file'
import { type RotationDeps, rotateKeys } from '~/db/key-rotation'
import { canaryKeyId, tokenKeyIds } from '~/db/key-use'
import { parseKeyring } from '~/db/keyring'
import { openDb } from '~/db/open'
import { listProviderTokens, openProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { auditEntries, providerTokens } from '~/db/schema'
import { createUser } from '~/db/users'
import { beat, signOff } from '~/db/workers'
import { SOMEBODY } from '../support/actors'
import { beating } from '../support/beat'
import { testInstallation } from '../support/installation'

const newKey = () => randomBytes(32).toString('base64')
const idOf = (key: string) => parseKeyring(key, 'the test')[0].id

/** Users with a token each, and a rotation as the command does it, on a connection of its own. */
function withUsers(count = 3) {
  const system = testInstallation()
  const { db, installation, clock, dataDir } = system
  const file = join(dataDir, 'token-keys')
  db.$client.pragma('synchronous = OFF')
  const users = Array.from({ length: count }, (_, n) =>
    createUser(db, { name: `User ${n}`, role: 'member' }, clock),
  )
  for (const { id } of users) saveProviderToken(system, id, 'huggingface', `hf_CANARY${id}`, SOMEBODY)
  const said: string[] = []
  const other = openDb(join(dataDir, 'slipway.db'))
  onTestFinished(() => {
    other.$client.close()
  })
  const rotate = (settings: Partial<KeySettings> = {}, deps: Partial<RotationDeps> = {}) => {
    const all = { tokenKeys: undefined, dataDir, ...settings }
    return rotateKeys({
      db: other,
      installation: openInstallation(other, all, clock),
      settings: all,
      clock,
      say: (line) => said.push(line),
      pause: async (ms) => clock.advance(ms),
      ...deps,
    })
  }
  const keys = () => readFileSync(file, 'utf8').trim().split('\n')
  const readable = (by: Installation = installation) =>
    users.filter(({ id }) => openProviderTokens(db, by, id)[0]?.value === `hf_CANARY${id}`).length
  const used = () => [...new Set([canaryKeyId(db), ...tokenKeyIds(db)])]
  return { ...system, file, users, rotate, said, keys, readable, used }
}

describe('a rotation of the file', () => {
  test('makes a new first key, seals everything with it and keeps the old one in the file', async () => {
    const { rotate, keys, readable, used, users, file, db, installation } = withUsers(300)
    const [old = ''] = keys()
    const before = listProviderTokens(db, users[0]?.id ?? '')
    await rotate()
    expect(keys()).toHaveLength(2)
    expect(keys()[1]).toBe(old)
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readable()).toBe(300)
    expect(listProviderTokens(db, users[0]?.id ?? '')).toEqual(before)
    expect(installation.keyring()[0].id).toBe(idOf(keys()[0] ?? ''))
  })

  test('says which key may go and from which line, and that backups need it; never a key', async () => {
    const { rotate, keys, said, file, db } = withUsers()
    await rotate()
    const [fresh = '', old = ''] = keys()
    expect(said[0]).toBe(`Made a new key, ${idOf(fresh)}: line 1 of ${file}.`)
    expect(said).toContain('3 of 3 tokens')
    expect(said).toContain(`Key ${idOf(old)} may go: line 2 of ${file}.`)
    expect(said.at(-1)).toContain('Backups of the database')
    for (const key of [fresh, old]) expect(JSON.stringify([said, audit(db)])).not.toContain(key)
  })

  test('leaves everything readable once the old key is gone from the file, without a restart', async () => {
    const { rotate, keys, readable, file, dataDir, db, clock } = withUsers()
    await rotate()
    writeFileSync(file, `${keys()[0]}\n`)
    expect(readable()).toBe(3)
    expect(readable(openInstallation(db, { tokenKeys: undefined, dataDir }, clock))).toBe(3)
  })

  test('keeps the fingerprints, so that no machine looks outdated', async () => {
    const { rotate, users, installation, dataDir, db, clock } = withUsers()
    await rotate()
    const again = openInstallation(db, { tokenKeys: undefined, dataDir }, clock)
    const id = users[0]?.id ?? ''
    const [saved] = listProviderTokens(db, id)
    for (const one of [again, installation])
      expect(one.fingerprint(id, 'huggingface', `hf_CANARY${id}`)).toBe(saved?.fingerprint)
  })

  test('again makes another key; the file keeps all of them', async () => {
    const { rotate, keys, readable, used } = withUsers()
    await rotate()
    await rotate()
    expect(keys()).toHaveLength(3)
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
    expect(readable()).toBe(3)
  })

  test('is written down, once with its beginning and once with its end', async () => {
    const { rotate, keys, db } = withUsers()
    await rotate()
    const target = idOf(keys()[0] ?? '')
    expect(audit(db)).toMatchObject([
      { action: 'keys_rotation_started', actorKind: 'operator', target },
      { action: 'keys_rotation_finished', actorKind: 'operator', target },
    ])
  })

  test('never overwrites a token that is saved between reading and writing', async () => {
    const { rotate, users, db, installation, clock, used, keys } = withUsers()
    const id = users[1]?.id ?? ''
    const save = () =>
      saveProviderToken({ db, installation, clock }, id, 'huggingface', 'hf_CANARYmeanwhile', SOMEBODY)
    // The first key, and then the tokens.
    await rotate({}, { db: beforeTransaction(2, db, save) })
    expect(openProviderTokens(db, installation, id)[0]?.value).toBe('hf_CANARYmeanwhile')
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
  })

  test('waits for whoever writes for long, and then goes on', async () => {
    const { rotate, db, said, readable, keys, used, dataDir } = withUsers()
    const busy = openDb(join(dataDir, 'slipway.db'))
    busy.$client.pragma('busy_timeout = 1')
    db.$client.exec('begin immediate')
    const release = async () => void (db.$client.inTransaction && db.$client.exec('commit'))
    await rotate({}, { db: busy, pause: release })
    busy.$client.close()
    expect(said[0]).toContain('busy')
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
    expect(readable()).toBe(3)
  })
})

describe('fault 57: a rotation that was killed', () => {
  // The first key, two batches of tokens, the canary.
  const stops = [1, 2, 3, 4]
  test.each(stops)('before its write %i leaves everything readable, and the next run ends it', async (n) => {
    const { rotate, db, dataDir, clock, readable, keys, used, said } = withUsers(300)
    const killed = beforeTransaction(n, db, () => {
      throw new Error('killed')
    })
    await expect(rotate({}, { db: killed })).rejects.toThrow('killed')
    expect(readable()).toBe(300)
    expect(readable(openInstallation(db, { tokenKeys: undefined, dataDir }, clock))).toBe(300)
    expect(said.join()).not.toContain('may go')
    await rotate()
    expect(keys()).toHaveLength(2)
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
    expect(readable()).toBe(300)
  })

  test('while it wrote the new file leaves a draft that the next run replaces', async () => {
    const { rotate, file, keys, readable } = withUsers()
    writeFileSync(`${file}.next`, 'half a k', { mode: 0o600 })
    await rotate()
    expect(existsSync(`${file}.next`)).toBe(false)
    expect(keys()).toHaveLength(2)
    expect(readable()).toBe(3)
  })
})

describe('a rotation on TOKEN_KEYS', () => {
  test('seals everything with the first of them, and says which may go', async () => {
    const { rotate, keys, said, used, readable, db, dataDir, clock } = withUsers()
    const [old = ''] = keys()
    const key = newKey()
    const tokenKeys = `${key},${old}`
    await rotate({ tokenKeys })
    expect(used()).toEqual([idOf(key)])
    expect(said).toContain(`Key ${idOf(old)} may go: key 2 of TOKEN_KEYS.`)
    expect(readable(openInstallation(db, { tokenKeys: key, dataDir }, clock))).toBe(3)
    expect(keys()).toEqual([old])
  })

  test('that has no key to move to says how to make one, and makes none', async () => {
    const { rotate, keys, used } = withUsers()
    const [old = ''] = keys()
    await expect(rotate({ tokenKeys: old })).rejects.toThrow(/openssl rand -base64 32.*start Slipway again/)
    expect(used()).toEqual([idOf(old)])
    expect(keys()).toEqual([old])
  })

  test('leaves nothing behind that a process without the new key saves until its end', async () => {
    const { rotate, keys, users, db, dataDir, clock, used } = withUsers()
    const [old = ''] = keys()
    const key = newKey()
    const stale = openInstallation(db, { tokenKeys: old, dataDir }, clock)
    const id = users[0]?.id ?? ''
    const save = () =>
      saveProviderToken({ db, installation: stale, clock }, id, 'civitai', 'CANARYlast', SOMEBODY)
    const tokenKeys = `${key},${old}`
    await rotate({ tokenKeys }, { db: beforeTransaction(3, db, save) })
    expect(used()).toEqual([idOf(key)])
    const after = openInstallation(db, { tokenKeys: key, dataDir }, clock)
    expect(openProviderTokens(db, after, id).map(({ value }) => value)).toContain('CANARYlast')
  })

  test('shuts a process out that was not started again: what it would save could not be opened later', async () => {
    const { rotate, keys, db, dataDir, clock, member } = withUsers()
    const [old = ''] = keys()
    const stale = openInstallation(db, { tokenKeys: old, dataDir }, clock)
    await rotate({ tokenKeys: `${newKey()},${old}` })
    const save = () =>
      saveProviderToken({ db, installation: stale, clock }, member.id, 'civitai', 'CANARYstale', SOMEBODY)
    expect(save).toThrow('Start Slipway again')
    expect(listProviderTokens(db, member.id)).toEqual([])
  })
})

describe('a worker that does not have the new key', () => {
  test('is waited for, and nothing is sealed before it has', async () => {
    const { rotate, db, clock, installation, used, keys, readable } = withUsers()
    const [old = ''] = keys()
    beat(db, beating('one', clock()), installation.keyring(), clock)
    const seen: unknown[] = []
    const pause = async (ms: number) => {
      clock.advance(ms)
      seen.push(used())
      if (seen.length === 3) beat(db, beating('one', clock()), installation.keyring(), clock)
    }
    await rotate({}, { pause })
    expect(seen).toEqual([[idOf(old)], [idOf(old)], [idOf(old)]])
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
    expect(readable()).toBe(3)
  })

  test('ends it when it stays so, and once it is gone a further run goes on with the same key', async () => {
    const { rotate, db, clock, keys, used } = withUsers()
    const [old = ''] = keys()
    const stale = parseKeyring(old, 'the test')
    beat(db, beating('stale', clock()), stale, clock)
    const pause = async (ms: number) => {
      clock.advance(ms)
      beat(db, beating('stale', clock()), stale, clock)
    }
    await expect(rotate({}, { pause })).rejects.toThrow(/doesn't have key .* Nothing was re-encrypted/)
    expect(used()).toEqual([idOf(old)])
    expect(keys()).toHaveLength(2)
    signOff(db, 'stale')
    await rotate()
    expect(keys()).toHaveLength(2)
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
  })
})

describe('a token that no key opens', () => {
  test('is left as it is, named by its owner, and keeps the old key needed', async () => {
    const { rotate, db, users, keys, said, used } = withUsers()
    const broken = eq(providerTokens.userId, users[1]?.id ?? '')
    const moved = db
      .select()
      .from(providerTokens)
      .where(eq(providerTokens.userId, users[0]?.id ?? ''))
      .get()
    db.update(providerTokens).set({ sealed: moved?.sealed }).where(broken).run()
    const error = await rotate().catch(String)
    expect(error).toContain('could not be opened, and were left as they are: User 1 (Hugging Face).')
    expect(error).toContain(`Until then every key stays needed`)
    expect(error).not.toContain('CANARY')
    expect(said.join()).not.toContain('may go')
    expect(db.select().from(providerTokens).where(broken).get()?.sealed).toBe(moved?.sealed)
    db.delete(providerTokens).where(broken).run()
    await rotate()
    expect(keys()).toHaveLength(2)
    expect(used()).toEqual([idOf(keys()[0] ?? '')])
  })
})

type Db = ReturnType<typeof openDb>

/** The database, with something that happens right before the n-th transaction. */
function beforeTransaction(n: number, db: Db, act: () => void): Db {
  let begun = 0
  return new Proxy(db, {
    get(target, name) {
      if (name === 'transaction' && ++begun === n) act()
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const audit = (db: Db) =>
  db
    .select()
    .from(auditEntries)
    .all()
    .filter(({ action }) => action.startsWith('keys_'))
