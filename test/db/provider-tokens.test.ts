import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { retryLaunch } from '~/db/launch-retries'
import { claimLaunch } from '~/db/machine-claims'
import { markFailed, markRunning } from '~/db/machine-outcomes'
import { launchMachine } from '~/db/machine-requests'
import { recordTokens } from '~/db/machine-tokens'
import { getMachine } from '~/db/machines'
import {
  clearProviderToken,
  listProviderTokens,
  openProviderTokens,
  saveProviderToken,
} from '~/db/provider-tokens'
import { seal } from '~/db/sealing'
import { AppError } from '~/errors'
import type { ProviderId } from '~/providers/registry'
import { mask, readToken, visiblePart } from '~/providers/token-format'
import { SOMEBODY } from '../support/actors'
import { testInstallation } from '../support/installation'

function withTokens() {
  const system = testInstallation()
  const save = (userId: string, provider: ProviderId, pasted: string) =>
    saveProviderToken(system, userId, provider, pasted, SOMEBODY)
  const opened = (userId: string) => openProviderTokens(system.db, system.installation, userId)
  return { ...system, save, opened }
}

describe('a saved token', () => {
  test('opens for its owner alone, and is listed by its first characters', () => {
    const { db, save, opened, admin, member } = withTokens()
    save(member.id, 'huggingface', ' hf_CANARYsaved0123\r\n')
    expect(opened(member.id).map(({ value }) => value)).toEqual(['hf_CANARYsaved0123'])
    expect(opened(admin.id)).toEqual([])
    expect(listProviderTokens(db, member.id)).toMatchObject([{ provider: 'huggingface', visible: 'hf_CAN' }])
    expect(JSON.stringify(listProviderTokens(db, member.id))).not.toContain('hf_CANA')
  })

  test('that is very short is never shown whole', () => {
    expect(['a', 'abcde', 'abcdef', 'abcdefg'].map(visiblePart)).toEqual(['', 'ab', 'abc', 'abcdef'])
  })

  test('is one for each user and provider: the last one', () => {
    const { save, opened, member } = withTokens()
    save(member.id, 'huggingface', 'hf_CANARYfirst')
    save(member.id, 'civitai', 'CANARYother')
    save(member.id, 'huggingface', 'hf_CANARYsecond')
    expect(
      opened(member.id)
        .map(({ value }) => value)
        .sort(),
    ).toEqual(['CANARYother', 'hf_CANARYsecond'])
  })

  test('once cleared is gone, and clearing nothing is fine', () => {
    const { db, save, opened, clock, admin, member } = withTokens()
    for (const { id } of [admin, member]) save(id, 'civitai', 'CANARYcleared')
    clearProviderToken(db, member.id, 'civitai', SOMEBODY, clock)
    clearProviderToken(db, member.id, 'civitai', SOMEBODY, clock)
    expect(opened(member.id)).toEqual([])
    expect(opened(admin.id)).toHaveLength(1)
  })

  test('is nowhere in the database file or its log', () => {
    const { db, save, dataDir, member } = withTokens()
    save(member.id, 'huggingface', 'hf_CANARYonDisk0123456789')
    const files = ['slipway.db', 'slipway.db-wal'].map((name) => readFileSync(`${dataDir}/${name}`, 'latin1'))
    expect(files.join('')).toContain('hf_CAN')
    expect(files.join('')).not.toContain('hf_CANARYonDisk')
    db.$client.pragma('wal_checkpoint(TRUNCATE)')
    expect(readFileSync(`${dataDir}/slipway.db`, 'latin1')).not.toContain('hf_CANARYonDisk')
  })

  test('that a machine holds is outdated when it was replaced or cleared, and not when it was saved again', () => {
    const { db, save, clock, member } = withTokens()
    save(member.id, 'huggingface', 'hf_CANARYheld')
    const ref = launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
    const claim = claimLaunch(db, ref, { leaseMs: 1000, clock })?.claim
    if (!claim) throw new Error('Nothing to claim.')
    recordTokens(db, claim, listProviderTokens(db, member.id), clock)
    markRunning(db, claim, [], clock)
    const outdated = () => getMachine(db, member.id, ref.machineId)?.tokens[0]?.outdated
    save(member.id, 'huggingface', 'hf_CANARYheld')
    expect(outdated()).toBe(false)
    save(member.id, 'huggingface', 'hf_CANARYother')
    expect(outdated()).toBe(true)
    clearProviderToken(db, member.id, 'huggingface', SOMEBODY, clock)
    expect(outdated()).toBe(true)
    save(member.id, 'civitai', 'CANARYlater')
    expect(getMachine(db, member.id, ref.machineId)?.missingTokens).toEqual(['civitai'])
  })
})

test('a further try of a launch has taken the same tokens when the first did, other tokens and a retry anew', () => {
  const { db, save, clock, member } = withTokens()
  save(member.id, 'huggingface', 'hf_CANARYheld')
  let ref = launchMachine(db, { userId: member.id, kind: 'comfyui', name: 'One' }, SOMEBODY, clock)
  /** Claims the launch some time later. */
  const takes = () => {
    clock.advance(5000)
    const claim = claimLaunch(db, ref, { leaseMs: 1000, clock })?.claim
    if (!claim) throw new Error('Nothing to claim.')
    const takenAt = recordTokens(db, claim, listProviderTokens(db, member.id), clock)
    return { claim, takenAt, now: clock() }
  }
  const first = takes()
  expect(first.takenAt).toBe(first.now)
  expect(takes().takenAt).toBe(first.now)
  save(member.id, 'civitai', 'CANARYlater')
  const another = takes()
  expect(another.takenAt).toBe(another.now)
  save(member.id, 'huggingface', 'hf_CANARYnewer')
  const newer = takes()
  expect(newer.takenAt).toBe(newer.now)
  markFailed(db, newer.claim, { errorClass: 'start_timeout', message: '', detail: '' }, clock)
  clock.advance(1)
  ref = retryLaunch(db, ref.machineId, SOMEBODY, clock)
  const retried = takes()
  expect(retried.takenAt).toBe(retried.now)
})

describe('fault 55: somebody saves a value that begins like a sealed one', () => {
  test('it is sealed like any other', () => {
    const { save, opened, installation, member } = withTokens()
    const context = { purpose: 'provider-token', owner: [member.id, 'civitai'] } as const
    for (const value of ['v1.', 'v1.abcd1234.AAAA', seal(installation.keyring(), context, 'CANARYinner')]) {
      save(member.id, 'civitai', value)
      expect(opened(member.id)[0]?.value).toBe(value)
    }
  })
})

describe('a pasted token', () => {
  const refused: [string, ProviderId, string, string][] = [
    ['empty', 'huggingface', '', 'Paste your Hugging Face token'],
    ['blank', 'civitai', ' \t\n', 'Paste your Civitai token'],
    ['with a blank inside', 'civitai', 'CANARY inside', 'no blanks or line breaks inside'],
    ['with a line break inside', 'huggingface', 'hf_CAN\nARY', 'no blanks or line breaks inside'],
    ['with a no-break space inside', 'civitai', 'CANARY\u00a0inside', 'no blanks'],
    ['with a control character', 'civitai', 'CANARY\u0000', 'only plain letters'],
    ['with a zero-width space', 'civitai', 'CANARY\u200bx', 'only plain letters'],
    ['of 513 characters', 'civitai', 'C'.repeat(513), 'at most 512 characters'],
    ['without its prefix', 'huggingface', 'CANARYnoprefix', 'begins with hf_ or api_org_'],
    ['of Slipway’s own', 'civitai', 'slipway_api_CANARY', 'one of Slipway’s own API tokens'],
    ['of nothing but its prefix', 'huggingface', 'hf_', 'begins with hf_ or api_org_'],
  ]
  test.each(refused)('%s is refused with the cure, and nothing is saved', (_what, provider, pasted, cure) => {
    const { db, save, member } = withTokens()
    let thrown: unknown
    try {
      save(member.id, provider, pasted)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(AppError)
    expect(thrown).toMatchObject({
      code: 'bad_input',
      field: 'token',
      message: expect.stringContaining(cure),
    })
    expect(String(thrown)).not.toContain('CANARY')
    expect(listProviderTokens(db, member.id)).toEqual([])
  })

  test.each([
    ['huggingface', 'hf_a'],
    ['huggingface', 'api_org_CANARY'],
    ['civitai', 'C'.repeat(512)],
  ] as const)('for %s is taken when it may be one (%#)', (provider, pasted) => {
    expect(readToken(provider, `\n ${pasted}\t`)).toEqual({ value: pasted })
  })

  test('is shown by 6 characters and 16 dots, whatever its length', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{7,512}$/), (token) => {
        expect(mask(visiblePart(token))).toBe(`${token.slice(0, 6)}${'•'.repeat(16)}`)
      }),
    )
  })
})
