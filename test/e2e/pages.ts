import AxeBuilder from '@axe-core/playwright'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { type Db, openDb } from '~/db/open'
import { type App, startApp } from '../support/app'
import { startBrowser } from '../support/browser'
import { isSuspended } from '../support/processes'
import { until } from '../support/until'

const COLOR_RULES = ['color-contrast', 'link-in-text-block']

/**
 * Slipway as it is built and a real browser, for the tests of one file.
 * @param env settings of this Slipway, or what gives them once the tests begin
 */
export function openSite(env: Record<string, string> | (() => Promise<Record<string, string>>) = {}) {
  let app: App
  let browser: Browser
  /** What signing in once gives; every test's browser begins with it. */
  let cookies: Awaited<ReturnType<BrowserContext['storageState']>> | undefined

  beforeAll(async () => {
    app = await startApp(typeof env === 'function' ? await env() : env)
    browser = await startBrowser()
    const context = await browser.newContext()
    // Not by clicking: what Chromium drops while an Engine on its host makes a network, a link can't do twice.
    const answer = await context.request.post(await app.signInLink(), { headers: { origin: app.url } })
    if (!answer.ok()) throw new Error('The link signs nobody in.')
    cookies = await context.storageState()
    await context.close()
  })

  afterAll(async () => {
    await browser?.close()
    await app?.stop()
  })

  /** A browser of its own, signed in as the administrator unless the options say otherwise. */
  async function withPage(options: BrowserContextOptions, work: (page: Page) => Promise<void>) {
    const context = await browser.newContext({ baseURL: app.url, storageState: cookies, ...options })
    context.setDefaultTimeout(15_000)
    try {
      await work(await context.newPage())
    } finally {
      await context.close()
    }
  }

  return {
    withPage,
    get app() {
      return app
    },

    /** Behind Slipway's back. */
    changeDatabase<T>(change: (db: Db) => T): T {
      const db = openDb(`${app.dataDir}/slipway.db`)
      try {
        return change(db)
      } finally {
        db.$client.close()
      }
    },
  }
}

/** Legacy mode asks no frame of another origin, of which no page has any, and so needs no page beside it. */
const axe = (page: Page) =>
  new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ['violations'] })

/** In light, dark, and on the narrowest phone. @param what names it in the report */
export async function expectGood(page: Page, what: string) {
  await page.setViewportSize({ width: 360, height: 740 })
  expect([what, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([what, 360])
  await page.setViewportSize({ width: 1280, height: 800 })
  const found: string[] = []
  const check = async (colorScheme: 'light' | 'dark', look: AxeBuilder) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    for (const { id, nodes } of (await look.analyze()).violations)
      found.push(`${what}, ${colorScheme}: ${id} at ${nodes.map(({ html }) => html)}`)
  }
  await check('light', axe(page))
  // What isn't about colors is the same in both.
  await check('dark', axe(page).withRules(COLOR_RULES))
  expect(found).toEqual([])
}

/** Remix says so where a click has ended an answer that it was reading, and goes where the click leads. */
const SUPERSEDED = 'AbortError: signal is aborted without reason'

/** Fails the test if the browser's console has anything to say while `work` lasts, but for what is named. */
export async function expectQuiet(page: Page, work: () => Promise<void>, besides?: RegExp) {
  const complaints: string[] = []
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || message.text().startsWith(SUPERSEDED)) return
    complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await work()
  expect(complaints.filter((text) => !besides?.test(text))).toEqual([])
}

/** A page of one's own, by the menu that every page has. */
export async function goToOwn(page: Page, name: string) {
  await page.locator('summary', { hasText: 'Account of' }).click()
  await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name }).click()
}

export const machineStatus = (page: Page, name: string) =>
  page.getByRole('heading', { level: 1, name: new RegExp(`${name}$`) }).waitFor()

/** Stops the running machine whose page is shown. */
export async function stopMachine(page: Page) {
  await page.getByRole('link', { name: 'Stop', exact: true }).click()
  await page.getByRole('button', { name: 'Stop it' }).click()
}

export async function launch(page: Page, name: string) {
  await page.goto('/machines')
  await page.getByLabel('Name').fill(name)
  await page.getByRole('button', { name: 'Launch' }).click()
  await page.waitForURL(/\/machines\/[a-z2-7]{16}$/)
}

/** The row of a provider. */
export const tokenRow = (page: Page, label: string) => page.getByRole('listitem', { name: label })

export async function saveToken(page: Page, label: string, token: string) {
  const row = tokenRow(page, label)
  await page.goto('/profile')
  await row.getByLabel(`${label} token`).fill(token)
  await row.getByRole('button', { name: 'Save' }).click()
  await row.getByText('••••••••••••••••').waitFor()
}

export async function clearToken(page: Page, label: string) {
  const row = tokenRow(page, label)
  await page.goto('/profile')
  await row.getByRole('link', { name: `Clear the ${label} token` }).click()
  await row.getByRole('button', { name: 'Clear token' }).click()
  await row.getByLabel(`${label} token`).waitFor()
}

/**
 * Suspends the worker, but not in the middle of a write, with which it would lock everybody else out.
 * @returns how to let it go on
 */
export async function suspendWorker({ dataDir, worker }: App): Promise<() => void> {
  const db = openDb(`${dataDir}/slipway.db`)
  db.$client.exec('begin immediate')
  worker.kill('SIGSTOP')
  await until('the worker is suspended', () => isSuspended(worker.pid ?? 0))
  db.$client.exec('rollback')
  db.$client.close()
  return () => worker.kill('SIGCONT')
}
