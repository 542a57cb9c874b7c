import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openInstallation } from '~/db/installation'
import { placeOfKey } from '~/db/key-file'
import { KeyringError, parseKeyring } from '~/db/keyring'
import { openDb } from '~/db/open'
import { openProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const newKey = () => randomBytes(32).toString('base64')
const idOf = (key: string) => parseKeyring(key, 'the test')[0].id

/** An installation whose key file the test changes under it. */
function running() {
  const system = testInstallation()
  const { db, installation, admin, dataDir } = system
  const file = join(dataDir, 'token-keys')
  saveProviderToken(system, admin.id, 'huggingface', 'hf_CANARYbefore', SOMEBODY)
  return {
    ...system,
    file,
    oldKey: readFileSync(file, 'utf8').trim(),
    write: (...keys: string[]) => writeFileSync(file, `${keys.join('\n')}\n`),
    save: (value: string) => saveProviderToken(system, admin.id, 'huggingface', value, SOMEBODY),
    opened: () => openProviderTokens(db, installation, admin.id).map(({ value }) => value),
    usedKeys: () =>
      db
        .select()
        .from(providerTokens)
        .all()
        .map(({ keyId }) => keyId),
  }
}

describe('a process that runs', () => {
  test('seals with the new first key of the file at once, and still opens what the old one sealed', () => {
    const { write, save, opened, usedKeys, oldKey } = running()
    const key = newKey()
    write(key, oldKey)
    expect(opened()).toEqual(['hf_CANARYbefore'])
    save('hf_CANARYafter')
    expect(usedKeys()).toEqual([idOf(key)])
    expect(opened()).toEqual(['hf_CANARYafter'])
  })

  test('opens what another process sealed with a key that was added meanwhile', () => {
    const system = running()
    const { write, oldKey, dataDir, clock, admin, opened } = system
    write(newKey(), oldKey)
    const db = openDb(join(dataDir, 'slipway.db'))
    const installation = openInstallation(db, { tokenKeys: undefined, dataDir }, clock)
    saveProviderToken(
      { ...system, db, installation },
      admin.id,
      'huggingface',
      'hf_CANARYelsewhere',
      SOMEBODY,
    )
    db.$client.close()
    expect(opened()).toEqual(['hf_CANARYelsewhere'])
  })

  test('goes on opening tokens without the file, but takes none that could never be opened again', () => {
    const { file, save, opened, usedKeys, oldKey } = running()
    renameSync(file, `${file}.aside`)
    expect(opened()).toEqual(['hf_CANARYbefore'])
    expect(() => save('hf_CANARYlost')).toThrow(KeyringError)
    renameSync(`${file}.aside`, file)
    save('hf_CANARYback')
    expect(opened()).toEqual(['hf_CANARYback'])
    expect(usedKeys()).toEqual([idOf(oldKey)])
  })

  test.each([
    ['half written', () => 'c2hvcnQ='],
    ['empty', () => ''],
    ['of another installation', newKey],
  ])('lets a file that is %s change nothing', (_, text) => {
    const { write, save, opened, oldKey } = running()
    write(text())
    expect(opened()).toEqual(['hf_CANARYbefore'])
    expect(() => save('hf_CANARYlost')).toThrow(KeyringError)
    write(oldKey)
    save('hf_CANARYback')
    expect(opened()).toEqual(['hf_CANARYback'])
  })

  test('on TOKEN_KEYS never looks at the file', () => {
    const system = running()
    const { db, dataDir, clock, oldKey, file, admin } = system
    const installation = openInstallation(db, { tokenKeys: oldKey, dataDir }, clock)
    rmSync(file)
    saveProviderToken({ ...system, installation }, admin.id, 'huggingface', 'hf_CANARYset', SOMEBODY)
    expect(openProviderTokens(db, installation, admin.id)[0]?.value).toBe('hf_CANARYset')
  })
})

describe('fault 56: a key that was removed while tokens were still sealed with it', () => {
  test('keeps Slipway from starting, by name and with the cure, and changes nothing', () => {
    const system = running()
    const { db, dataDir, clock, write, oldKey, save, opened } = system
    const [newer, third] = [newKey(), newKey()]
    write(newer, oldKey)
    save('hf_CANARYkept')
    // The canary is still the old key's, so that it alone would let the start through.
    write(oldKey)
    const before = db.select().from(providerTokens).all()
    const start = (tokenKeys?: string) => openInstallation(db, { tokenKeys, dataDir }, clock)
    expect(start).toThrow(/removed too early.*Put it back.*keys:rotate.*Nothing was changed/)
    expect(() => start(`${third},${oldKey}`)).toThrow(`key ${idOf(newer)}, which TOKEN_KEYS doesn't hold`)
    expect(db.select().from(providerTokens).all()).toEqual(before)
    write(oldKey, newer)
    start()
    expect(opened()).toEqual(['hf_CANARYkept'])
  })
})

describe('the place of a key', () => {
  test('is told by line, and by position where a line holds several', () => {
    const { dataDir, write, file } = running()
    const [one, two, three] = [newKey(), newKey(), newKey()]
    write(one, `${two}, ${three}`)
    const place = (key: string) => placeOfKey({ tokenKeys: undefined, dataDir }, idOf(key))
    expect([one, two, three].map(place)).toEqual([
      `line 1 of ${file}`,
      `key 1 in line 2 of ${file}`,
      `key 2 in line 2 of ${file}`,
    ])
    expect(placeOfKey({ tokenKeys: `${one},${two}`, dataDir }, idOf(two))).toBe('key 2 of TOKEN_KEYS')
  })
})
