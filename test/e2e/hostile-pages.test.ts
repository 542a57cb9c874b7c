import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApiToken } from '~/db/api-tokens'
import { record } from '~/db/audit'
import { launchAttempts, machines, users } from '~/db/schema'
import { createSession } from '~/db/sessions'
import { createUser } from '~/db/users'
import { listen } from '../fakes/listen'
import { launch, machineStatus, openSite, stopMachine } from './pages'

/** Breaks out of text, of an attribute, and of the inline script that carries a page's data. */
const NAME = '</script><script>pwned=1</script><img src=x onerror=pwned=1>'

const site = openSite()
const now = () => Date.now()

describe('fault 80: what people typed is shown as text', { timeout: 90_000 }, () => {
  async function expectText(page: Page, path: string) {
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.waitForLoadState('networkidle')
    expect([path, await page.getByText(NAME).count()]).not.toEqual([path, 0])
    expect([path, await page.locator('img[src="x"]').count()]).toEqual([path, 0])
    expect([path, await page.evaluate(() => 'pwned' in window)]).toEqual([path, false])
  }

  it('names of machines, tokens, users and browsers, on every page that shows them', async () => {
    // Without the Content-Security-Policy, which would hide a mistake.
    await site.withPage({ bypassCSP: true }, async (page) => {
      await launch(page, NAME)
      await machineStatus(page, 'Running')
      const machine = new URL(page.url()).pathname
      const ids = site.changeDatabase((db) => {
        db.update(users).set({ name: NAME, signedInAt: 1 }).run()
        const me = db.select().from(users).get()
        if (!me) throw new Error('Nobody has signed in.')
        const by = { kind: 'user', id: me.id, name: NAME, address: NAME } as const
        const given = { userId: me.id, type: 'api', name: NAME, scopes: ['read'], expiresAt: null } as const
        record(db, { action: 'sign_in', by, target: NAME, detail: NAME }, now)
        createSession(db, { userId: me.id, from: { address: NAME, userAgent: NAME } }, now)
        const other = createUser(db, { name: NAME, role: 'member', email: 'mo@example.org' }, now)
        return { token: createApiToken(db, given, by, now).id, other: other.id }
      })
      for (const path of [
        '/machines',
        machine,
        '/profile',
        `/profile?revoke=${ids.token}`,
        '/profile/sessions',
        '/profile/activity',
        '/admin/users',
        `/admin/users?disable=${ids.other}`,
        '/admin/audit',
      ])
        await expectText(page, path)
      await page.goto(machine)
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
      site.changeDatabase((db) => {
        db.update(machines).set({ status: 'failed' }).run()
        const said = { errorClass: NAME, errorMessage: NAME, errorDetail: NAME, endedAt: 1 }
        db.update(launchAttempts).set(said).run()
      })
      await expectText(page, '/admin/failed-launches')
      await expectText(page, machine)
    })
  })
})

describe('fault 81: another site', () => {
  let evil: Awaited<ReturnType<typeof listen>>
  beforeAll(async () => {
    evil = await listen((_req, res) =>
      res.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Evil</title><p>Free GPUs</p>'),
    )
  })
  afterAll(() => evil.close())

  it('can’t put a page into a frame', async () => {
    await site.withPage({}, async (page) => {
      await page.goto(evil.url)
      const framed = (src: string) =>
        page.evaluate(
          (url) =>
            new Promise<void>((resolve) => {
              const frame = document.createElement('iframe')
              frame.onload = () => resolve()
              frame.src = url
              document.body.append(frame)
            }),
          src,
        )
      await framed(`${evil.url}/own`)
      expect(page.frames().at(-1)?.url()).toBe(`${evil.url}/own`)
      for (const path of [
        '/',
        '/sign-in',
        '/profile',
        '/profile/api-tokens/new',
        '/admin/users',
        '/nowhere',
      ]) {
        await framed(`${site.app.url}${path}`)
        await expect
          .poll(() => page.frames().at(-1)?.url(), { message: path })
          .toBe('chrome-error://chromewebdata/')
      }
    })
  })

  it('gets no hold of a window that it opens, and a machine none of the one that opened it', async () => {
    await site.withPage({}, async (page) => {
      await page.goto(evil.url)
      const open = async (url: string) => {
        const opened = page.context().waitForEvent('page')
        await page.evaluate((to) => Object.assign(window, { opened: window.open(to) }), url)
        const popup = await opened
        await popup.waitForLoadState()
        const isHeld = await page.evaluate(() => !(window as unknown as { opened: Window }).opened.closed)
        return { isHeld, hasOpener: await popup.evaluate(() => window.opener !== null) }
      }
      expect(await open(`${evil.url}/own`)).toEqual({ isHeld: true, hasOpener: true })
      expect(await open(`${site.app.url}/profile`)).toEqual({ isHeld: false, hasOpener: false })

      await launch(page, 'One')
      await machineStatus(page, 'Running')
      const opened = page.context().waitForEvent('page')
      await page.getByRole('button', { name: 'Open models & files' }).click()
      const files = await opened
      await files.locator('#root main').waitFor()
      expect(await files.evaluate(() => window.opener)).toBeNull()
      await stopMachine(page)
      await machineStatus(page, 'Stopped')
    })
  })
})
