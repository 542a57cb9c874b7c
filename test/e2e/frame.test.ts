import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { expectGood, expectQuiet, goToOwn, openSite } from './pages'

const site = openSite()
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()
/** A page whose scripts run: they turn its times into words. */
async function openLive(page: Page) {
  await page.goto('/profile/sessions')
  await page.locator('time[title]').first().waitFor()
}
const account = (page: Page) => page.locator('summary', { hasText: 'Account of' })
const signOut = (page: Page) => page.getByRole('button', { name: 'Sign out' })
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim())

describe('the header', { timeout: 60_000 }, () => {
  it('is one line from 768 px on, and its menu good to look at on a phone', async () => {
    await site.withPage({}, async (page) => {
      await openLive(page)
      await page.setViewportSize({ width: 768, height: 900 })
      expect((await page.getByRole('banner').boundingBox())?.height).toBeLessThan(60)
      await account(page).click()
      await expectGood(page, 'the account menu')
    })
  })

  it('leads everywhere by keyboard, and closes its menu at Escape and elsewhere', async () => {
    await site.withPage({}, (page) =>
      expectQuiet(page, async () => {
        await openLive(page)
        await account(page).focus()
        await page.keyboard.press('Enter')
        await page.keyboard.press('ArrowUp')
        expect(await focused(page)).toBe('Sign out')
        await page.keyboard.press('Escape')
        await signOut(page).waitFor({ state: 'hidden' })
        expect(await focused(page)).toMatch(/^\S/)
        await account(page).click()
        await page.getByRole('heading', { level: 1 }).click()
        await signOut(page).waitFor({ state: 'hidden' })
        await goToOwn(page, 'Profile')
        await heading(page, 'Profile')
        await signOut(page).waitFor({ state: 'hidden' })
      }),
    )
  })

  it('does all that without scripts', async () => {
    await site.withPage({ javaScriptEnabled: false }, async (page) => {
      await page.goto('/saves')
      await goToOwn(page, 'Activity')
      await heading(page, 'Activity')
    })
  })

  it('says that a page takes its time, until it is there', async () => {
    await site.withPage({}, async (page) => {
      await openLive(page)
      await account(page).click()
      let answer = () => {}
      const asked = new Promise<void>((resolve) => {
        answer = resolve
      })
      await page.route(/activity\.data/, async (route) => {
        await asked
        await route.continue()
      })
      await page.getByRole('navigation', { name: 'Account' }).getByRole('link', { name: 'Activity' }).click()
      const bar = page.getByRole('status').getByText('Loading the page')
      await bar.waitFor()
      answer()
      await heading(page, 'Activity')
      expect(await bar.count()).toBe(0)
    })
  })
})

describe('what a title says', { timeout: 60_000 }, () => {
  it.each([
    ['by a pointer', (page: Page) => page.locator('time').first().hover()],
    [
      'by keyboard',
      async (page: Page) => {
        // Only what the keyboard has led to is shown so.
        await page.keyboard.press('Tab')
        await page.locator('time').first().focus()
      },
    ],
    ['by touch', (page: Page) => page.locator('time').first().tap()],
  ])('is read %s, and gone at Escape', async (_how, point) => {
    await site.withPage({ hasTouch: true }, async (page) => {
      await openLive(page)
      const exact = (await page.locator('time').first().getAttribute('title')) ?? ''
      expect(exact).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
      await point(page)
      const tooltip = page.getByRole('tooltip')
      await tooltip.getByText(exact).waitFor()
      await page.keyboard.press('Escape')
      await tooltip.waitFor({ state: 'hidden' })
      expect(await page.locator('time').first().getAttribute('title')).toBe(exact)
    })
  })
})
