import { expect, it } from 'vitest'
import { saveProviderToken } from '~/db/provider-tokens'
import { downloads, providerTokens } from '~/db/schema'
import type { TokenAnswer } from '~/providers/token-check'
import { SOMEBODY } from '../support/actors'
import { type SiteOptions, startSite } from './site'
import { cookieOf, dataOf, type Visitor } from './visitor'

interface FirstSteps {
  isHidden: boolean
  isDone: boolean
  savedToken: string | null
  steps: { step: string; isDone: boolean }[]
}
const VALID: TokenAnswer = { state: 'valid', account: 'mo', role: null, expiresAt: null, warnings: [] }
const ALLOWED = { ALLOW_UNISOLATED: '1' }

async function siteOfBeginner(env: SiteOptions['env'] = { ...ALLOWED, TOKEN_CHECKS: 'on' }) {
  const site = await startSite({ env })
  const browser = site.signedIn(site.member)
  const ask = async (who: Visitor = browser) => dataOf<FirstSteps>(await who.query('account.firstSteps'))
  return {
    ...site,
    browser,
    ask,
    done: async () => (await ask()).steps.filter(({ isDone }) => isDone).map(({ step }) => step),
    saveToken: () =>
      saveProviderToken(site.services, site.member.id, 'huggingface', 'hf_CANARYsteps', SOMEBODY),
    keepDownload: (userId = site.member.id) =>
      site.db
        .insert(downloads)
        .values({ id: 'one', userId, machineId: 'gone', at: 1, bytes: 1, host: 'huggingface.co', name: 'a' })
        .run(),
  }
}

it('each step is done by what its owner has done, and the guide is gone after the last', async () => {
  const { browser, ask, done, saveToken, db, runMachine, member, keepDownload } = await siteOfBeginner()
  expect(await ask()).toEqual({
    isHidden: false,
    isDone: false,
    savedToken: null,
    steps: ['save-token', 'check-token', 'launch', 'download'].map((step) => ({ step, isDone: false })),
  })
  saveToken()
  expect(await done()).toEqual(['save-token'])
  expect((await browser.get('/machines')).text).toContain('Get started')
  expect((await ask()).savedToken).toBe('huggingface')
  db.update(providerTokens).set({ check: VALID, checkedAt: 1 }).run()
  expect(await done()).toEqual(['save-token', 'check-token'])
  runMachine(member)
  expect(await done()).toEqual(['save-token', 'check-token', 'launch'])
  keepDownload()
  expect(await ask()).toMatchObject({ isDone: true })
  const { text } = await browser.get('/machines')
  expect(text).toContain('Launch a machine')
  expect(text).not.toContain('Get started')
})

it('a check that refused, or reached nobody, is no step; what its issuer said before still is', async () => {
  const { done, saveToken, db } = await siteOfBeginner()
  saveToken()
  const unreached = { state: 'not_checked', message: 'Away.', failures: 1 } as const
  const checks = [
    { check: { state: 'refused', message: 'No.' } as const, isDone: false },
    { check: { ...unreached, lastAnswer: null }, isDone: false },
    { check: { ...unreached, lastAnswer: { check: VALID, checkedAt: 1 } }, isDone: true },
  ]
  for (const { check, isDone } of checks) {
    db.update(providerTokens).set({ check, checkedAt: 1 }).run()
    expect([check, (await done()).includes('check-token')]).toEqual([check, isDone])
  }
})

it('where issuers are never asked, nobody is told to have a token checked', async () => {
  const { ask } = await siteOfBeginner(ALLOWED)
  expect((await ask()).steps.map(({ step }) => step)).toEqual(['save-token', 'launch', 'download'])
})

it('what others did is no step of one’s own', async () => {
  const { done, admin, runMachine, keepDownload } = await siteOfBeginner()
  runMachine(admin)
  keepDownload(admin.id)
  expect(await done()).toEqual([])
})

it('the guide is hidden in one browser, for whoever hid it there, until it is brought back', async () => {
  const { browser, ask, visitor, signedIn, admin, member } = await siteOfBeginner()
  const hiding = await browser.submit('/first-steps', { show: 'no' })
  expect([hiding.status, hiding.headers.location]).toEqual([302, '/machines'])
  const cookie = cookieOf(hiding)
  const hidden = visitor(`${browser.cookie}; ${cookie}`)
  expect(await ask(hidden)).toMatchObject({ isHidden: true, isDone: false })
  expect((await hidden.get('/machines')).text).not.toContain('Get started')
  expect((await hidden.get('/profile')).text).toContain('Show first steps')
  expect((await browser.get('/profile')).text).not.toContain('Show first steps')
  for (const other of [signedIn(member), visitor(`${signedIn(admin).cookie}; ${cookie}`)])
    expect(await ask(other)).toMatchObject({ isHidden: false })
  const shown = await hidden.submit('/first-steps', { show: 'yes' })
  expect(shown.headers['set-cookie']).toMatch(/^slipway_guide=; Path=\/; Max-Age=0/)
})
