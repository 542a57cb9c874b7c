import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { downloads, users } from '~/db/schema'
import { until } from '../support/until'
import { expectGood, expectQuiet, launch, machineStatus, openSite, saveToken } from './pages'

const site = openSite()

const dialog = (page: Page) => page.getByRole('dialog')
const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor()

/** What is typed before a page listens goes to the browser itself, which then keeps the focus. */
async function listening(page: Page) {
  // By no role: behind the dialog it has none, and the dialog may come at any moment.
  const button = page.locator('[aria-keyshortcuts]')
  await until('the palette opens', async () => {
    if ((await dialog(page).count()) === 0) await button.dispatchEvent('click')
    return (await dialog(page).count()) === 1
  })
  await close(page)
}

async function close(page: Page) {
  await page.keyboard.press('Escape')
  await dialog(page).waitFor({ state: 'detached' })
}

async function openPalette(page: Page) {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox').waitFor()
}

/** Types into the palette and chooses what it then offers under this name. */
async function choose(page: Page, search: string, title: string) {
  await openPalette(page)
  await page.keyboard.type(search)
  await page.getByRole('option', { name: title, selected: true }).waitFor()
  await page.keyboard.press('Enter')
}

describe('by keyboard alone', { timeout: 60_000 }, () => {
  it('the palette jumps to pages and machines, and stops one once it has asked', async () => {
    await site.withPage({}, async (page) => {
      await expectQuiet(page, async () => {
        await launch(page, 'Portraits')
        await machineStatus(page, 'Running')
        await listening(page)
        await choose(page, 'saves', 'Saves')
        await heading(page, 'Saves')
        await openPalette(page)
        await page.getByRole('option', { name: /^Portraits.*Running$/ }).waitFor()
        await expectGood(page, 'palette')
        await close(page)
        await choose(page, 'stop port', 'Stop: Portraits')
        await dialog(page).getByText('Stop “Portraits”?').waitFor()
        // The way out has the focus.
        await page.keyboard.press('Enter')
        await page.getByRole('combobox').waitFor()
        await page.getByRole('option', { name: 'Stop: Portraits' }).click()
        await page.getByRole('button', { name: 'Stop it' }).click()
        await machineStatus(page, 'Stopped')
        await openPalette(page)
        await page.getByRole('group', { name: 'Recent' }).getByRole('option', { name: 'Saves' }).waitFor()
        await page.keyboard.type('nobody calls it so')
        await dialog(page).getByText('Nothing is called “nobody calls it so”.').waitFor()
      })
    })
  })

  it('keys go to pages, focus the search and show themselves, unless somebody types or turned them off', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/machines')
      await listening(page)
      await page.getByLabel('Name').focus()
      await page.keyboard.type('gp?/')
      expect(await page.getByLabel('Name').inputValue()).toBe('gp?/')
      await page.getByLabel('Name').blur()
      await page.keyboard.type('gp')
      await heading(page, 'Profile')
      await page.keyboard.type('ga')
      await heading(page, 'Overview')
      await page.goto('/admin/users')
      await listening(page)
      await page.keyboard.press('/')
      await expect
        .poll(() => page.evaluate(() => document.activeElement?.getAttribute('type')))
        .toBe('search')
      await page.getByRole('searchbox').blur()
      await page.keyboard.press('?')
      await dialog(page).getByRole('checkbox').waitFor()
      await expectGood(page, 'shortcuts')
      await dialog(page).getByRole('checkbox').uncheck()
      await close(page)
      await page.keyboard.type('gm?')
      await choose(page, 'shortcuts', 'Show keyboard shortcuts')
      expect(await dialog(page).getByRole('checkbox').isChecked()).toBe(false)
      expect(new URL(page.url()).pathname).toBe('/admin/users')
    })
  })
})

it('the first steps lead to the very field, are done by themselves, and come back when hidden', {
  timeout: 60_000,
}, async () => {
  await site.withPage({}, async (page) => {
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('name'))
    const current = page.locator('[aria-current=step]')
    await page.goto('/machines')
    await current.getByRole('link', { name: 'Save a token' }).click()
    await page.getByRole('heading', { level: 1, name: 'Profile' }).waitFor()
    await expect.poll(focused).toBe('token')
    await saveToken(page, 'Hugging Face', 'hf_CANARYsteps0123')
    await page.goto('/machines')
    // The machine of the test before has run.
    await current.getByText('Download a model').waitFor()
    await listening(page)
    await expectGood(page, 'first steps')
    await page.getByRole('button', { name: 'Hide' }).click()
    await page.getByRole('heading', { name: 'Get started' }).waitFor({ state: 'detached' })
    await choose(page, 'first steps', 'Show the first steps')
    await page.getByRole('heading', { name: 'Get started' }).waitFor()
    site.changeDatabase((db) => {
      const userId = db.select().from(users).get()?.id ?? ''
      const fetched = { id: 'one', machineId: 'gone', at: 1, bytes: 1, host: 'huggingface.co', name: 'a' }
      db.insert(downloads)
        .values({ ...fetched, userId })
        .run()
    })
    await page.reload()
    await page.getByRole('heading', { name: 'Machines' }).first().waitFor()
    expect(await page.getByRole('heading', { name: 'Get started' }).count()).toBe(0)
  })
})
