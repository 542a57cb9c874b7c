import { afterEach, describe, expect, it } from 'vitest'
import { downloads, machineRuns, providerTokens, users } from '~/db/schema'
import { pastUsage } from '../support/past-usage'
import { clearToken, expectGood, expectQuiet, openSite, saveToken, tokenRow } from './pages'

const TOKEN = 'hf_CANARYpages0123456789'

const site = openSite()
afterEach(() => site.changeDatabase((db) => db.delete(providerTokens).run()))

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('the profile: empty, refused, saved, about to be replaced, about to be cleared', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/profile')
      await expectGood(page, 'empty')
      await tokenRow(page, 'Hugging Face').getByLabel('Hugging Face token').fill('no prefix')
      await tokenRow(page, 'Hugging Face').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').waitFor()
      await expectGood(page, 'refused')
      await saveToken(page, 'Hugging Face', TOKEN)
      await expectGood(page, 'saved')
      await tokenRow(page, 'Hugging Face')
        .getByRole('link', { name: 'Replace the Hugging Face token' })
        .click()
      await page.getByRole('link', { name: 'Cancel' }).waitFor()
      await expectGood(page, 'replacing')
      await page.getByRole('link', { name: 'Cancel' }).click()
      await tokenRow(page, 'Hugging Face').getByRole('link', { name: 'Clear the Hugging Face token' }).click()
      await page.getByRole('link', { name: 'Keep it' }).waitFor()
      await expectGood(page, 'clearing')
    })
  })

  it('usage: none, then a month of it, told day by day to the keyboard', async () => {
    await site.withPage({}, (page) =>
      expectQuiet(page, async () => {
        await page.goto('/usage')
        await page.getByText('Nothing ran in the last 30 days').waitFor()
        site.changeDatabase((db) => pastUsage(db, db.select().from(users).get()?.id ?? '', Date.now()))
        await page.goto('/usage?days=30')
        const chart = page.getByRole('slider', { name: 'GPU hours by day' })
        const told = () => chart.getAttribute('aria-valuetext')
        await chart.focus()
        await page.keyboard.press('Home')
        await expect.poll(() => chart.getAttribute('aria-valuenow')).toBe('0')
        const first = await told()
        await page.keyboard.press('ArrowRight')
        await expect.poll(told).not.toBe(first)
        await page.getByText('Show as table').first().click()
        await expectGood(page, 'usage')
        site.changeDatabase((db) => [machineRuns, downloads].map((each) => db.delete(each).run()))
      }),
    )
  })
})

describe('without JavaScript', () => {
  const plain = { javaScriptEnabled: false }

  it('tokens are saved, refused, replaced and cleared', async () => {
    await site.withPage(plain, async (page) => {
      const own = tokenRow(page, 'Hugging Face')
      await page.goto('/profile')
      await own.getByLabel('Hugging Face token').fill('no prefix')
      await own.getByRole('button', { name: 'Save' }).click()
      await own.getByText('A token has no blanks or line breaks inside.').waitFor()
      await saveToken(page, 'Hugging Face', TOKEN)
      expect(new URL(page.url()).search).toBe('')
      await own.getByRole('link', { name: 'Replace the Hugging Face token' }).click()
      await own.getByRole('link', { name: 'Cancel' }).click()
      await own.getByText('hf_CAN••••••••••••••••').waitFor()
      await own.getByRole('link', { name: 'Replace the Hugging Face token' }).click()
      await own.getByLabel('New Hugging Face token').fill('hf_otherCANARY')
      await own.getByRole('button', { name: 'Save' }).click()
      await own.getByText('hf_oth••••••••••••••••').waitFor()
      await clearToken(page, 'Hugging Face')
    })
  })
})

it('the profile is worked by keyboard alone, and the focus goes where the work is', async () => {
  await site.withPage({}, async (page) => {
    await saveToken(page, 'Hugging Face', TOKEN)
    const focused = () =>
      page.evaluate(() => document.activeElement?.getAttribute('name') ?? document.activeElement?.textContent)
    await tokenRow(page, 'Hugging Face').getByRole('link', { name: 'Replace the Hugging Face token' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('token')
    await page.keyboard.type('hf_typedCANARY')
    await page.keyboard.press('Enter')
    await tokenRow(page, 'Hugging Face').getByText('hf_typ••••••••••••••••').waitFor()
    await tokenRow(page, 'Hugging Face').getByRole('link', { name: 'Clear the Hugging Face token' }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused).toBe('Keep it')
    await page.getByRole('button', { name: 'Clear token' }).focus()
    await page.keyboard.press('Enter')
    await tokenRow(page, 'Hugging Face').getByLabel('Hugging Face token').waitFor()
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/profile', '/profile?edit=civitai']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
    }),
  )
})
