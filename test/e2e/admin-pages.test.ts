import { describe, it } from 'vitest'
import { providerTokens } from '~/db/schema'
import { clearToken, expectGood, expectQuiet, launch, machineStatus, openSite, saveToken } from './pages'

const TOKEN = 'hf_CANARYpages0123456789'

const site = openSite()

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('failed launches: none, some, and after a retry', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/admin/failed-launches')
      await page.getByText('Nothing has failed').waitFor()
      await expectGood(page, 'nothing failed')
      await saveToken(page, 'Hugging Face', TOKEN)
      site.changeDatabase((db) => db.update(providerTokens).set({ sealed: 'damaged' }).run())
      await launch(page, 'Unlucky')
      await machineStatus(page, 'Failed')
      await expectGood(page, 'failed machine')
      await page.goto('/admin/failed-launches')
      await page.getByText('token_unreadable').waitFor()
      await page.getByText('Detail').click()
      await expectGood(page, 'failed launch')
      await clearToken(page, 'Hugging Face')
      await page.goto('/admin/failed-launches')
      await page.getByRole('button', { name: 'Retry Unlucky' }).click()
      await page.getByText('Queued again as attempt 2.').waitFor()
      await expectGood(page, 'retried')
      await page.goto('/machines')
      await page.getByRole('link', { name: 'Unlucky' }).click()
      await machineStatus(page, 'Running')
      await page.getByRole('button', { name: 'Stop' }).click()
      await machineStatus(page, 'Stopped')
    })
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/admin/failed-launches']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
    }),
  )
})
