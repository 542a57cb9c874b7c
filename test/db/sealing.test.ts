import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseKeyring } from '~/db/keyring'
import { openProviderTokens, saveProviderToken } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { type SealingContext, seal, UnsealError, unseal } from '~/db/sealing'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

const newKey = () => randomBytes(32).toString('base64')
const keyring = parseKeyring(newKey(), 'the test')
const mine: SealingContext = { purpose: 'provider-token', owner: ['ada', 'huggingface'] }

describe('a sealed value', () => {
  test('opens to what was sealed, and never looks like it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 2000 }), (value) => {
        const sealed = seal(keyring, mine, value)
        expect(unseal(keyring, mine, sealed)).toBe(value)
        if (value.length > 3) expect(sealed).not.toContain(value)
      }),
    )
  })

  test('is different each time', () => {
    const sealed = Array.from({ length: 100 }, () => seal(keyring, mine, 'hf_CANARYsame'))
    expect(new Set(sealed).size).toBe(100)
  })

  test('is written with the first key of the ring and read with all of them', () => {
    const older = newKey()
    const sealed = seal(parseKeyring(older, 'the test'), mine, 'hf_CANARYold')
    const both = parseKeyring(`${newKey()},${older}`, 'the test')
    expect(unseal(both, mine, sealed)).toBe('hf_CANARYold')
    expect(seal(both, mine, 'x').split('.')[1]).toBe(both[0].id)
  })
})

describe('fault 53: a sealed value is moved', () => {
  const elsewhere: SealingContext[] = [
    { purpose: 'provider-token', owner: ['bob', 'huggingface'] },
    { purpose: 'provider-token', owner: ['ada', 'civitai'] },
    { purpose: 'provider-token', owner: ['ada'] },
    { purpose: 'provider-token', owner: ['ada","huggingface'] },
    { purpose: 'canary', owner: ['ada', 'huggingface'] },
  ]
  test.each(elsewhere)('it does not open as %j', (context) => {
    expect(() => unseal(keyring, context, seal(keyring, mine, 'hf_CANARYmoved'))).toThrow(UnsealError)
  })

  test('to another user’s row it does not open, and their launch gets no token', () => {
    const { db, installation, clock, admin, member } = testInstallation()
    for (const { id } of [admin, member])
      saveProviderToken({ db, installation, clock }, id, 'huggingface', `hf_CANARY${id}`, SOMEBODY)
    const [row] = db.select().from(providerTokens).where(eq(providerTokens.userId, admin.id)).all()
    db.update(providerTokens).set({ sealed: row?.sealed }).where(eq(providerTokens.userId, member.id)).run()
    expect(() => openProviderTokens(db, installation, member.id)).toThrow(UnsealError)
    expect(openProviderTokens(db, installation, admin.id)[0]?.value).toBe(`hf_CANARY${admin.id}`)
  })
})

describe('fault 54: a sealed value is damaged', () => {
  const secret = 'hf_CANARYdamaged'
  const sealed = seal(keyring, mine, secret)
  const [format, keyId, encoded = ''] = sealed.split('.')
  const bytes = Buffer.from(encoded, 'base64url')
  const refuse = (value: string) => {
    let thrown: unknown
    try {
      unseal(keyring, mine, value)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(UnsealError)
    expect(String(thrown)).not.toContain('CANARY')
  }
  const withBytes = (changed: Buffer) => [format, keyId, changed.toString('base64url')].join('.')

  test('no flipped bit goes unnoticed', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      refuse(withBytes(changed))
    }
  })

  test('no missing or added byte goes unnoticed, a tag of 4 bytes least of all', () => {
    for (let length = 0; length < bytes.length; length++) refuse(withBytes(bytes.subarray(0, length)))
    refuse(withBytes(Buffer.concat([bytes, Buffer.from([0])])))
  })

  test('nothing that was never sealed opens', () => {
    fc.assert(fc.property(fc.string(), (value) => refuse(value)))
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (value) => refuse(withBytes(Buffer.from(value)))),
    )
  })

  test('empty, in parts, huge, of another format or another key is refused as well', () => {
    const other = parseKeyring(newKey(), 'the test')[0].id
    for (const value of [
      '',
      '.',
      '..',
      'v1',
      `v1.${keyId}`,
      `v1.${keyId}.`,
      `v2.${keyId}.${encoded}`,
      `v1.${other}.${encoded}`,
      `${sealed}.`,
      `${sealed}.${encoded}`,
      withBytes(randomBytes(5_000_000)),
    ])
      refuse(value)
  })
})
