import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Db, openDb } from '~/db/open'
import { providerTokens } from '~/db/schema'
import { type App, startApp } from '../support/app'
import { startBrowser } from '../support/browser'
import { isSuspended } from '../support/processes'
import { until } from '../support/until'

const TOKEN = 'hf_CANARYpages0123456789'

let app: App
let browser: Browser
/** What signing in once gives; every test's browser begins with it. */
let cookies: Awaited<ReturnType<BrowserContext['storageState']>>

beforeAll(async () => {
  app = await startApp()
  browser = await startBrowser()
  await withPage({}, async (page) => {
    await page.goto(await app.signInLink())
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.waitForURL(`${app.url}/machines`)
    cookies = await page.context().storageState()
  })
})

afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

afterEach(() => changeTokens((db) => db.delete(providerTokens).run()))

async function withPage(options: BrowserContextOptions, work: (page: Page) => Promise<void>) {
  const context = await browser.newContext({ baseURL: app.url, storageState: cookies, ...options })
  context.setDefaultTimeout(15_000)
  try {
    await work(await context.newPage())
  } finally {
    await context.close()
  }
}

const status = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name: new RegExp(`${name}$`) }).waitFor()
const row = (page: Page, label: string) => page.getByRole('listitem', { name: label })

async function launch(page: Page, name: string) {
  await page.goto('/machines')
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Launch' }).click()
  await page.waitForURL(/\/machines\/[a-z2-7]{16}$/)
}

async function save(page: Page, label: string, token: string) {
  await page.goto('/profile')
  await row(page, label).getByLabel(`${label} token`).fill(token)
  await row(page, label).getByRole('button', { name: 'Save' }).click()
  await row(page, label).getByText('••••••••••••••••').waitFor()
}

async function clear(page: Page, label: string) {
  await page.goto('/profile')
  await row(page, label)
    .getByRole('link', { name: `Clear the ${label} token` })
    .click()
  await row(page, label).getByRole('button', { name: 'Clear token' }).click()
  await row(page, label).getByLabel(`${label} token`).waitFor()
}

const COLOR_RULES = ['color-contrast', 'link-in-text-block']

/** In light, dark, and on the narrowest phone. */
async function expectGood(page: Page, what: string) {
  await page.setViewportSize({ width: 360, height: 740 })
  expect([what, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([what, 360])
  await page.setViewportSize({ width: 1280, height: 800 })
  const found: string[] = []
  const check = async (colorScheme: 'light' | 'dark', axe: AxeBuilder) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const { id, nodes } of (await axe.analyze()).violations)
      found.push(`${what}, ${colorScheme}: ${id} at ${nodes.map(({ html }) => html)}`)
  }
  await check('light', new AxeBuilder({ page }))
  // What isn't about colors is the same in both.
  await check('dark', new AxeBuilder({ page }).withRules(COLOR_RULES))
  expect(found).toEqual([])
}

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('sign-in, with and without a link that works', async () => {
    await withPage({ storageState: undefined }, async (page) => {
      await page.goto('/sign-in')
      await expectGood(page, 'sign-in')
      await page.goto(await app.signInLink())
      await expectGood(page, 'link')
      await page.goto('/sign-in/used')
      await page.getByText('This link no longer works').waitFor()
      await expectGood(page, 'dead link')
    })
  })

  it('the profile: empty, refused, saved, about to be replaced, about to be cleared', async () => {
    await withPage({}, async (page) => {
      await page.goto('/profile')
      await expectGood(page, 'empty')
      await row(page, 'Hugging Face').getByLabel('Hugging Face token').fill('no prefix')
      await row(page, 'Hugging Face').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').waitFor()
      await expectGood(page, 'refused')
      await save(page, 'Hugging Face', TOKEN)
      await expectGood(page, 'saved')
      await row(page, 'Hugging Face').getByRole('link', { name: 'Replace the Hugging Face token' }).click()
      await page.getByRole('link', { name: 'Cancel' }).waitFor()
      await expectGood(page, 'replacing')
      await page.getByRole('link', { name: 'Cancel' }).click()
      await row(page, 'Hugging Face').getByRole('link', { name: 'Clear the Hugging Face token' }).click()
      await page.getByRole('link', { name: 'Keep it' }).waitFor()
      await expectGood(page, 'clearing')
    })
  })

  it('machines, a machine whose tokens have changed, and its files', async () => {
    await withPage({}, async (page) => {
      await page.goto('/machines')
      await page.getByText('No machines yet').waitFor()
      await expectGood(page, 'no machines')
      await launch(page, `A name as long as they come ${'x'.repeat(32)}`)
      await status(page, 'Running')
      await expectGood(page, 'machine')
      const id = page.url()
      await save(page, 'Civitai', 'CANARYcivitai')
      await page.goto(id)
      await page.getByText('since this launch').waitFor()
      await expectGood(page, 'changed tokens')
      await page.goto('/machines')
      await page.getByText('Tokens changed since launch').waitFor()
      await expectGood(page, 'list')
      await page.goto(id)
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open files' }).click()
      const files = await opened
      await files.getByRole('table').waitFor()
      await expectGood(files, 'files')
      await page.getByRole('button', { name: 'Stop' }).click()
      await status(page, 'Stopped')
      await expectGood(page, 'stopped')
      await files.reload()
      await files.getByRole('heading', { name: 'Stopped' }).waitFor()
      await expectGood(files, 'notice')
    })
  })

  it('failed launches: none, some, and after a retry', async () => {
    await withPage({}, async (page) => {
      await page.goto('/admin/failed-launches')
      await page.getByText('Nothing has failed').waitFor()
      await expectGood(page, 'nothing failed')
      await save(page, 'Hugging Face', TOKEN)
      changeTokens((db) => db.update(providerTokens).set({ sealed: 'damaged' }).run())
      await launch(page, 'Unlucky')
      await status(page, 'Failed')
      await expectGood(page, 'failed machine')
      await page.goto('/admin/failed-launches')
      await page.getByText('token_unreadable').waitFor()
      await page.getByText('Detail').click()
      await expectGood(page, 'failed launch')
      await clear(page, 'Hugging Face')
      await page.goto('/admin/failed-launches')
      await page.getByRole('button', { name: 'Retry Unlucky' }).click()
      await page.getByText('Queued again as attempt 2.').waitFor()
      await expectGood(page, 'retried')
      await page.goto('/machines')
      await page.getByRole('link', { name: 'Unlucky' }).click()
      await status(page, 'Running')
      await page.getByRole('button', { name: 'Stop' }).click()
      await status(page, 'Stopped')
    })
  })

  it('a page that isn’t there', async () => {
    await withPage({}, async (page) => {
      await page.goto('/nowhere')
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      await expectGood(page, 'nowhere')
    })
  })
})

describe('without JavaScript', () => {
  const plain = { javaScriptEnabled: false }

  it('tokens are saved, refused, replaced and cleared', async () => {
    await withPage(plain, async (page) => {
      const own = row(page, 'Hugging Face')
      await page.goto('/profile')
      await own.getByLabel('Hugging Face token').fill('no prefix')
      await own.getByRole('button', { name: 'Save' }).click()
      await own.getByText('A token has no blanks or line breaks inside.').waitFor()
      await save(page, 'Hugging Face', TOKEN)
      expect(new URL(page.url()).search).toBe('')
      await own.getByRole('link', { name: 'Replace the Hugging Face token' }).click()
      await own.getByRole('link', { name: 'Cancel' }).click()
      await own.getByText('hf_CAN••••••••••••••••').waitFor()
      await own.getByRole('link', { name: 'Replace the Hugging Face token' }).click()
      await own.getByLabel('New Hugging Face token').fill('hf_otherCANARY')
      await own.getByRole('button', { name: 'Save' }).click()
      await own.getByText('hf_oth••••••••••••••••').waitFor()
      await clear(page, 'Hugging Face')
    })
  })

  it('a machine is launched, opened and stopped', async () => {
    await withPage(plain, async (page) => {
      const reloadUntil = async (name: string) => {
        await expect
          .poll(
            async () => {
              await page.reload()
              return page.getByRole('heading', { level: 1 }).textContent()
            },
            { timeout: 15_000 },
          )
          .toContain(name)
      }
      await launch(page, 'Plain')
      await reloadUntil('Running')
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open files' }).click()
      expect((await opened).url()).toMatch(/^http:\/\/m-[a-z2-7]{16}-files\.localhost:\d+\/$/)
      await page.getByRole('button', { name: 'Stop' }).click()
      await reloadUntil('Stopped')
    })
  })
})

describe('a machine’s page keeps up without being reloaded', () => {
  it.each([
    ['by the server’s events', false],
    ['by asking again, when events don’t come through', true],
  ])('%s', async (_how, blocked) => {
    await withPage({}, async (page) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      if (blocked) await page.route(/\/trpc\/.*watch/, (route) => route.abort())
      await suspendWorker()
      try {
        await launch(page, 'Live')
        await status(page, 'Queued')
        await page.evaluate(() => Object.assign(window, { isSameDocument: true }))
      } finally {
        app.worker.kill('SIGCONT')
      }
      await status(page, 'Running')
      expect(await page.evaluate(() => 'isSameDocument' in window)).toBe(true)
      const polls = asked.filter((url) => /\/machines\/\w+\.data/.test(url) && !url.includes('index'))
      expect(asked.some((url) => url.includes('machines.watch'))).toBe(true)
      if (blocked) expect(polls.length).toBeGreaterThan(0)
      await page.getByRole('button', { name: 'Stop' }).click()
      await status(page, 'Stopped')
    })
  })
})

it('the profile is worked by keyboard alone, and the focus goes where the work is', async () => {
  await withPage({}, async (page) => {
    await save(page, 'Hugging Face', TOKEN)
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('name') ?? document.activeElement?.textContent)
    await row(page, 'Hugging Face').getByRole('link', { name: 'Replace the Hugging Face token' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('token')
    await page.keyboard.type('hf_typedCANARY')
    await page.keyboard.press('Enter')
    await row(page, 'Hugging Face').getByText('hf_typ••••••••••••••••').waitFor()
    await row(page, 'Hugging Face').getByRole('link', { name: 'Clear the Hugging Face token' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('Keep it')
    await page.getByRole('button', { name: 'Clear token' }).focus()
    await page.keyboard.press('Enter')
    await row(page, 'Hugging Face').getByLabel('Hugging Face token').waitFor()
  })
})

it('no page complains in the browser’s console', async () => {
  await withPage({}, async (page) => {
    const complaints: string[] = []
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(`${page.url()}: ${message.text()}`)
    })
    page.on('pageerror', (error) => complaints.push(String(error)))
    for (const path of [
      '/machines',
      '/profile',
      '/profile?edit=civitai',
      '/admin/failed-launches',
      '/sign-in',
    ]) {
      await page.goto(path)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.waitForLoadState('load')
    }
    await launch(page, 'Quiet')
    await status(page, 'Running')
    await page.getByRole('button', { name: 'Stop' }).click()
    await status(page, 'Stopped')
    expect(complaints).toEqual([])
  })
})

/** Not in the middle of a write, with which it would lock everybody else out. */
async function suspendWorker() {
  const db = openDb(`${app.dataDir}/slipway.db`)
  db.$client.exec('begin immediate')
  app.worker.kill('SIGSTOP')
  await until('the worker is suspended', () => isSuspended(app.worker.pid ?? 0))
  db.$client.exec('rollback')
  db.$client.close()
}

/** Behind Slipway's back. */
function changeTokens(change: (db: Db) => void) {
  const db = openDb(`${app.dataDir}/slipway.db`)
  change(db)
  db.$client.close()
}
