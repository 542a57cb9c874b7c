import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openInstallation } from '~/db/installation'
import { KeyringError, parseKeyring } from '~/db/keyring'
import { openProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { installation as installationTable, providerTokens } from '~/db/schema'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'
import { race } from '../support/race'
import { temporaryFolder } from '../support/temp-folder'

const newKey = () => randomBytes(32).toString('base64')

describe('the first start', () => {
  test('makes a key file that only its owner may read', () => {
    const { dataDir } = testInstallation()
    expect(statSync(join(dataDir, 'token-keys')).mode & 0o777).toBe(0o600)
    expect(readdirSync(dataDir).filter((name) => name.startsWith('token-keys'))).toEqual(['token-keys'])
  })

  test('of several processes at once makes one key and one installation', async () => {
    const folder = temporaryFolder()
    onTestFinished(folder.remove)
    const dataDir = join(folder.path, 'data')
    const outcomes = await race<{ id: string; key: string }>(dataDir, 'install')
    expect(outcomes.map(({ refused }) => refused)).toEqual([undefined, undefined, undefined, undefined])
    expect(new Set(outcomes.map(({ result }) => JSON.stringify(result))).size).toBe(1)
    expect(readdirSync(dataDir).filter((name) => name.startsWith('token-keys'))).toEqual(['token-keys'])
  })

  test('again gives the same installation and the same fingerprints', () => {
    const { db, installation, dataDir, clock } = testInstallation()
    const again = openInstallation(db, { tokenKeys: undefined, dataDir }, clock)
    expect(again.id).toBe(installation.id)
    const [ada, mo] = [again, installation].map((one) => one.fingerprint('ada', 'civitai', 'CANARY'))
    expect(ada).toBe(mo)
    expect(again.fingerprint('mo', 'civitai', 'CANARY')).not.toBe(ada)
    expect(again.fingerprint('ada', 'huggingface', 'CANARY')).not.toBe(ada)
  })
})

describe('fault 56: a start with the wrong key, or with none', () => {
  const sealedSystem = () => {
    const system = testInstallation()
    const { db, installation, clock, admin } = system
    saveProviderToken({ db, installation, clock }, admin.id, 'huggingface', 'hf_CANARYkept', SOMEBODY)
    const contents = () => ({
      installation: db.select().from(installationTable).all(),
      tokens: db.select().from(providerTokens).all(),
    })
    return { ...system, file: join(system.dataDir, 'token-keys'), contents }
  }

  test('of another installation is refused, and nothing is overwritten', () => {
    const { db, dataDir, clock, file, contents } = sealedSystem()
    const [before, key] = [contents(), readFileSync(file)]
    const open = () => openInstallation(db, { tokenKeys: newKey(), dataDir }, clock)
    expect(open).toThrow(KeyringError)
    expect(open).toThrow('Nothing was changed')
    expect(contents()).toEqual(before)
    expect(readFileSync(file)).toEqual(key)
  })

  test('while the key file is missing is refused, and no new file is made', () => {
    const { db, dataDir, clock, file, contents, installation, admin } = sealedSystem()
    const [before, key] = [contents(), readFileSync(file, 'utf8')]
    rmSync(file)
    const open = (tokenKeys?: string) => openInstallation(db, { tokenKeys, dataDir }, clock)
    expect(() => open()).toThrow(`${file} is gone`)
    expect(existsSync(file)).toBe(false)
    expect(contents()).toEqual(before)
    expect(openProviderTokens(db, open(key), admin.id)[0]?.value).toBe('hf_CANARYkept')
    expect(open(key).id).toBe(installation.id)
  })

  test('with the right key behind a newer one is fine', () => {
    const { db, dataDir, clock, file, admin } = sealedSystem()
    const tokenKeys = `${newKey()}\n${readFileSync(file, 'utf8')}`
    const opened = openInstallation(db, { tokenKeys, dataDir }, clock)
    expect(openProviderTokens(db, opened, admin.id)[0]?.value).toBe('hf_CANARYkept')
  })

  test('with a TOKEN_KEYS that holds no key is refused, and no new key is made', () => {
    const { db, dataDir, clock, file, contents } = sealedSystem()
    const before = contents()
    rmSync(file)
    expect(() => openInstallation(db, { tokenKeys: ' , ', dataDir }, clock)).toThrow(KeyringError)
    expect(existsSync(file)).toBe(false)
    expect(contents()).toEqual(before)
  })

  test.each(['short', newKey().slice(4), `${newKey()}A`, `${newKey()},nonsense`, 'ä'.repeat(44)])(
    'that is not 32 bytes of base64 is refused without repeating it (%#)',
    (text) => {
      const error = (() => {
        try {
          return parseKeyring(text, 'TOKEN_KEYS')
        } catch (thrown) {
          return thrown
        }
      })()
      expect(error).toBeInstanceOf(KeyringError)
      expect(String(error)).not.toContain(text)
    },
  )
})
