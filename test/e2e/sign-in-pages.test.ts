import { describe, it } from 'vitest'
import { expectGood, expectQuiet, openSite } from './pages'

const site = openSite()

describe('every page can be read by everybody, in light and dark, and fits a phone', {
  timeout: 90_000,
}, () => {
  it('sign-in, with and without a link that works', async () => {
    await site.withPage({ storageState: undefined }, async (page) => {
      await page.goto('/sign-in')
      await expectGood(page, 'sign-in')
      await page.goto(await site.app.signInLink())
      await expectGood(page, 'link')
      await page.goto('/sign-in/used')
      await page.getByText('This link no longer works').waitFor()
      await expectGood(page, 'dead link')
    })
  })

  it('a page that isn’t there', async () => {
    await site.withPage({}, async (page) => {
      await page.goto('/nowhere')
      await page.getByRole('heading', { name: 'Not found' }).waitFor()
      await expectGood(page, 'nowhere')
    })
  })
})

it('no page complains in the browser’s console', async () => {
  await site.withPage({}, (page) =>
    expectQuiet(page, async () => {
      for (const path of ['/sign-in', '/sign-in/used']) {
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.waitForLoadState('load')
      }
    }),
  )
})
