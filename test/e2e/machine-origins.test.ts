import { eq } from 'drizzle-orm'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { machines } from '~/db/schema'
import { expectGood, launch, machineStatus, openSite } from './pages'

const site = openSite()

/**
 * A machine, and its file manager in a window of its own. Without the Content-Security-Policy of either, which
 * would hide what Slipway lets pass.
 */
async function withMachine(work: (slipway: Page, files: Page, id: string) => Promise<void>) {
  await site.withPage({ bypassCSP: true }, async (page) => {
    await launch(page, 'One')
    await machineStatus(page, 'Running')
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const opened = page.context().waitForEvent('page')
    await page.getByRole('button', { name: 'Open models & files' }).click()
    const files = await opened
    await files.getByLabel('Model address').waitFor()
    await work(page, files, id)
  })
}

describe('a page that runs in a machine', { timeout: 90_000 }, () => {
  it('fault 82: reads nothing of Slipway’s, and sends it no cookie', async () => {
    await withMachine(async (page, files) => {
      const asked: { url: string; cookie: string | undefined }[] = []
      files.context().on('request', async (request) => {
        const { cookie } = await request.allHeaders()
        asked.push({ url: request.url(), cookie })
      })
      const attempt = (init: RequestInit) =>
        files.evaluate(
          async ([url, given]) => {
            try {
              const response = await fetch(url, given)
              return { type: response.type, text: await response.text() }
            } catch {
              return 'blocked'
            }
          },
          [`${site.app.url}/trpc/account.me`, init] as const,
        )
      expect(await attempt({ credentials: 'include' })).toBe('blocked')
      expect(await attempt({ credentials: 'include', mode: 'no-cors' })).toBe('blocked')
      expect(await attempt({ credentials: 'include', method: 'POST', body: '{}' })).toBe('blocked')
      const toSlipway = asked.filter(({ url }) => url.startsWith(site.app.url))
      expect(toSlipway.length).toBeGreaterThan(0)
      for (const { cookie } of toSlipway) expect(cookie ?? '').not.toContain('slipway_session')
      // The same question from Slipway's own page is answered.
      expect(await page.evaluate(async () => (await fetch('/trpc/account.me')).status)).toBe(200)
    })
  })

  it('fault 83: sets no cookie that reaches Slipway or another machine, and the session goes on', async () => {
    await withMachine(async (page, files) => {
      const session = async () =>
        (await page.context().cookies(site.app.url)).filter(({ name }) => name === 'slipway_session')
      const before = await session()
      await files.evaluate(() => {
        const names = ['slipway_session', '__Host-slipway_session', 'slipway_machine', 'tossed']
        const reaches = [
          'Domain=localhost',
          'Domain=localhost; Path=/trpc',
          'Domain=.localhost; Secure; Path=/',
        ]
        for (const name of names)
          for (const reach of reaches) {
            // biome-ignore lint/suspicious/noDocumentCookie: this is what a hostile page does
            document.cookie = `${name}=planted; ${reach}`
          }
      })
      expect(await session()).toEqual(before)
      const planted = (await page.context().cookies()).filter(({ value }) => value === 'planted')
      expect(planted.filter(({ domain }) => !domain.startsWith('m-'))).toEqual([])
      await page.goto('/profile')
      await page.getByRole('heading', { level: 1 }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/profile')
    })
  })
})

describe('what a machine’s host says while there is no machine', { timeout: 120_000 }, () => {
  it('looks good, leads back, and goes on by itself once the machine runs', async () => {
    await withMachine(async (_page, files, id) => {
      const show = async (status: typeof machines.$inferSelect.status) => {
        site.changeDatabase((db) => db.update(machines).set({ status }).where(eq(machines.id, id)).run())
        await files.goto(new URL('/', files.url()).href)
        await files.getByRole('heading', { level: 1 }).waitFor()
      }
      await show('starting')
      site.changeDatabase((db) =>
        db.update(machines).set({ status: 'running' }).where(eq(machines.id, id)).run(),
      )
      await files.getByLabel('Model address').waitFor()
      for (const [status, title, link] of [
        ['stopped', 'Stopped', 'Launch it again'],
        ['failed', 'Not running', 'See why'],
      ] as const) {
        await show(status)
        expect(await files.getByRole('heading', { level: 1 }).textContent()).toBe(title)
        const page = `${site.app.url}/machines/${id}`
        expect(await files.getByRole('link', { name: link }).getAttribute('href')).toBe(page)
        await expectGood(files, status)
      }
    })
  })
})
