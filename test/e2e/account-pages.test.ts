import type { Page } from 'playwright-core'
import { afterEach, describe, expect, it } from 'vitest'
import { createApiToken, listApiTokens } from '~/db/api-tokens'
import { record } from '~/db/audit'
import { sessions, userTokens } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { firstAdmin } from '~/db/users'
import { SOMEBODY, SOMEWHERE } from '../support/actors'
import { expectGood, expectQuiet, openSite } from './pages'

const site = openSite()
const now = () => Date.now()
const plain = { javaScriptEnabled: false }

afterEach(() => site.changeDatabase((db) => db.delete(userTokens).run()))

const me = () =>
  site.changeDatabase((db) => {
    const user = firstAdmin(db)
    if (!user) throw new Error('Nobody has signed in.')
    return user
  })
const tokens = () => site.changeDatabase((db) => listApiTokens(db, me().id))
const row = (page: Page, name: string) => page.getByRole('listitem', { name, exact: true })

function giveToken(name: string, expiresAt: number | null = null) {
  const token = { userId: me().id, type: 'api', name, scopes: ['read', 'machines:write'], expiresAt } as const
  site.changeDatabase((db) => createApiToken(db, token, SOMEBODY, now))
}

const addBrowsers = (count: number) =>
  site.changeDatabase((db) => {
    for (let n = 0; n < count; n++) createSession(db, { userId: me().id, from: SOMEWHERE }, now)
  })

async function makeToken(page: Page, name: string): Promise<string> {
  await page.goto('/profile')
  await page.getByRole('link', { name: 'New API token' }).click()
  await page.getByRole('heading', { name: 'New API token' }).waitFor()
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Create token' }).click()
  await page.getByRole('heading', { name: 'Your new API token' }).waitFor()
  return page.getByLabel('API token').inputValue()
}

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('API tokens: none, some, about to be revoked, revoked', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/profile')
      await page.getByText('No API tokens yet').waitFor()
      giveToken(`A name as long as they come ${'x'.repeat(32)}`)
      giveToken('Over', now() - 1)
      giveToken('CI', now() + 1e9)
      await page.reload()
      await page.getByText('1 revoked or expired token').click()
      await expectGood(page, 'API tokens')
      await row(page, 'CI').getByRole('link', { name: 'Revoke CI' }).click()
      await page.getByRole('link', { name: 'Keep it' }).waitFor()
      await expectGood(page, 'revoking')
      await page.getByRole('button', { name: 'Revoke for good' }).click()
      await page.getByText('“CI” is revoked.').waitFor()
    })
  })

  it('a new API token: the form, all its choices, refused, and made', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/profile/api-tokens/new')
      await expectGood(page, 'new token')
      await page.getByLabel('Name').fill('CI')
      await page.getByLabel('Fine-grained').check()
      await page.getByLabel('Never').check()
      await page.getByText('stays good when it leaks').waitFor()
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByText('Holds none; choose what the token may do').waitFor()
      await expectGood(page, 'refused token')
      await page.getByLabel('Machines: Read').check()
      await page.getByRole('button', { name: 'Create token' }).click()
      await page.getByText('Copy the token now').waitFor()
      await expectGood(page, 'made token')
      await page.goto('/profile/name')
      await expectGood(page, 'name')
    })
  })

  it('a username: the rules, refused, asked again, and chosen for good', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/profile')
      await page.getByRole('link', { name: 'Choose your username' }).click()
      await page.getByLabel('Username', { exact: true }).fill('Ada Lovelace')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByText('A username must be lower-case letters').waitFor()
      await page.getByLabel('Username', { exact: true }).fill('a'.repeat(39))
      await page.keyboard.press('Enter')
      await page.getByText('not even by an administrator').waitFor()
      await expectGood(page, 'asked username')
      await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('Another name')
      await page.keyboard.press('Enter')
      await page.getByLabel('Username', { exact: true }).fill('ada')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('button', { name: 'Choose it for good' }).click()
      await page.getByRole('definition').filter({ hasText: /^ada$/ }).waitFor()
      expect(await page.getByRole('link', { name: 'Choose your username' }).count()).toBe(0)
      await page.goto('/profile/username')
      await page.getByText('It can’t be changed').waitFor()
    })
  })

  it('sessions and activity', async () => {
    addBrowsers(2)
    await site.withPage({}, async (page) => {
      await page.goto('/profile/sessions')
      await expectGood(page, 'sessions')
      await page.getByRole('link', { name: 'End all other sessions' }).click()
      await page.getByRole('link', { name: 'Keep them' }).waitFor()
      await expectGood(page, 'ending')
      await page.getByRole('button', { name: 'End all others' }).click()
      await page.getByText('2 sessions ended.').waitFor()
      const by = { kind: 'user', ...me(), address: '2001:db8:85a3:8d3:1319:8a2e:370:7348' } as const
      site.changeDatabase((db) => {
        for (let n = 0; n < 60; n++) record(db, { action: 'sign_in', by, target: 'x'.repeat(60) }, now)
      })
      await page.goto('/profile/activity')
      await page.getByRole('link', { name: 'Older' }).waitFor()
      await expectGood(page, 'activity')
      await page.goto('/profile/activity?action=keys_rotation_started')
      await page.getByText('Nothing like that').waitFor()
      await page.goto('/profile/activity?from=2026-11-22&to=2026-11-21')
      await page.getByText('Is before the first day').waitFor()
      await expectGood(page, 'filters that can’t be')
      await page.getByLabel('To').fill('2026-11-23')
      await page.getByRole('button', { name: 'Filter' }).click()
      await page.getByText('Is before the first day').waitFor({ state: 'detached' })
    })
  })
})

describe('an API token is made on its page', () => {
  it.each([
    ['with scripts', {}],
    ['without', plain],
  ])('%s; reloading shows no token and makes no second one', async (_how, options) => {
    await site.withPage(options, async (page) => {
      const token = await makeToken(page, 'CI')
      const answer = await page.request.get('/trpc/machines.list', {
        headers: { authorization: `Bearer ${token}` },
      })
      expect(answer.status()).toBe(200)
      expect(page.url()).not.toContain(token.slice(-10))
      const cookies = await page.context().cookies()
      expect(JSON.stringify(cookies)).not.toContain(token.slice(-10))
      await page.reload()
      await page.getByRole('heading', { name: 'New API token' }).waitFor()
      expect(await page.content()).not.toContain(token)
      expect(tokens()).toHaveLength(1)
    })
  })

  it('and going back from another page does not show it either', async () => {
    await site.withPage({}, async (page) => {
      const token = await makeToken(page, 'CI')
      await page.getByRole('link', { name: 'I have copied it' }).click()
      await row(page, 'CI').waitFor()
      expect(
        await page.evaluate(() => JSON.stringify([history.state, sessionStorage, localStorage])),
      ).not.toContain(token)
      await page.goBack()
      await page.getByRole('heading', { name: 'New API token' }).waitFor()
      expect(await page.content()).not.toContain(token)
    })
  })

  it('and copied, or selected where the browser gives no clipboard', async () => {
    await site.withPage({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      const token = await makeToken(page, 'CI')
      await page.getByRole('button', { name: 'Copy' }).click()
      await page.getByText('Copied', { exact: true }).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(token)
      await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }))
      await page.getByRole('button', { name: 'Copy' }).click()
      await page.getByText('Selected; copy it').waitFor()
      expect(await page.evaluate(() => String(getSelection()))).toBe(token)
    })
  })

  it('and revoked there, by keyboard alone, the focus going where the work is', async () => {
    giveToken('CI')
    await site.withPage({}, async (page) => {
      const focused = () => page.evaluate(() => document.activeElement?.textContent)
      await page.goto('/profile')
      await page.getByRole('link', { name: 'Revoke CI' }).focus()
      await page.keyboard.press('Enter')
      await expect.poll(focused).toBe('Keep it')
      await page.keyboard.press('Shift+Tab')
      await page.keyboard.press('Enter')
      await expect.poll(focused).toContain('“CI” is revoked.')
      expect(tokens()[0]?.revokedAt).toEqual(expect.any(Number))
    })
  })
})

it('without scripts tokens are revoked, sessions ended, and activity filtered', async () => {
  giveToken('Plain')
  addBrowsers(3)
  await site.withPage(plain, async (page) => {
    await page.goto('/profile')
    await page.getByRole('link', { name: 'Revoke Plain' }).click()
    await page.getByRole('button', { name: 'Revoke for good' }).click()
    await page.getByText('“Plain” is revoked.').waitFor()
    await page.goto('/profile/sessions')
    await page.getByRole('link', { name: 'End the session of Firefox on Linux' }).first().click()
    await page.getByRole('button', { name: 'End session' }).click()
    await page.getByText('One session ended.').waitFor()
    await page.getByRole('link', { name: 'End all other sessions' }).click()
    await page.getByRole('button', { name: 'End all others' }).click()
    await page.getByText('2 sessions ended.').waitFor()
    expect(site.changeDatabase((db) => db.select().from(sessions).all())).toHaveLength(1)
    await page.goto('/profile/activity')
    await page.getByLabel('What').selectOption('API token revoked')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/[?&]action=/)
    await page.getByRole('cell', { name: 'API token revoked: Plain' }).waitFor()
    expect(await page.getByRole('cell', { name: 'Session ended' }).count()).toBe(0)
  })
})

it('no page complains in the browser’s console', async () => {
  giveToken('CI')
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/profile', '/profile/sessions', '/profile/activity', '/profile/name']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
      await makeToken(page, 'Quiet')
    }),
  )
})
